import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalTail, parseJournalLine, type JournalEvent, type JournalTail } from './journalTail.ts';
import { encodeUtf16 } from './utf16.ts';

const line = (source: string, message: string, level = 0): string =>
	`CS\t${level}\t12:00:00.000\t${source}\t${message}\r\n`;
const LOGIN = line(
	'Network',
	"'123': authorized on Broker-Demo through London 2 (ping: 1.00 ms, build 5830)"
);

describe('a line of the journal', () => {
	it.each([
		["'123': authorized on Broker-Demo through London 2 (ping: 158.41 ms, build 5830)", 'Broker-Demo'],
		["'123': authorized on My Broker Live 3", 'My Broker Live 3']
	])('tells of a login: %s', (message, server) => {
		expect(parseJournalLine(line('Network', message).trimEnd())).toEqual({
			kind: 'authorised',
			login: '123',
			server
		});
	});

	it.each(['Invalid account', 'Invalid password', 'Account disabled', 'Something new'])(
		'tells of a refusal: %s',
		(reason) => {
			const text = line('Network', `'123': authorization on Broker-Demo failed (${reason})`, 2).trimEnd();
			expect(parseJournalLine(text)).toEqual({
				kind: 'refused',
				login: '123',
				server: 'Broker-Demo',
				reason
			});
		}
	);

	it.each([
		"'123': previous successful authorization performed from 1.2.3.4 on 2026.07.01 10:00:00",
		"'123': no connection to Broker-Demo"
	])('is no login: %s', (message) => {
		expect(parseJournalLine(line('Network', message).trimEnd())?.kind).toBe('line');
	});

	it('is nothing when it has no such form', () => {
		expect(parseJournalLine('')).toBeNull();
		expect(parseJournalLine('stack trace')).toBeNull();
	});
});

describe('journal tail', () => {
	let folder: string;
	let now: Date;
	let events: JournalEvent[];
	let tail: JournalTail;
	const file = (day: string): string => join(folder, 'logs', `202611${day}.log`);
	// Polled by hand: the timer's own beat never comes in these tests.
	const open = (): void => {
		tail = openJournalTail(folder, {
			onEvent: (event) => events.push(event),
			pollMs: 1e8,
			wallClock: () => now
		});
	};

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'quintet-journal-'));
		mkdirSync(join(folder, 'logs'));
		now = new Date(2026, 10, 21, 23, 59, 59);
		events = [];
	});
	afterEach(() => {
		tail.close();
		rmSync(folder, { recursive: true });
	});

	it('tells what is written after it was opened, and not what stood there before', () => {
		writeFileSync(file('21'), encodeUtf16(line('Terminal', 'old')));
		open();
		appendFileSync(file('21'), Buffer.from(LOGIN, 'utf16le'));
		tail.poll();
		expect(events).toEqual([{ kind: 'authorised', login: '123', server: 'Broker-Demo' }]);
	});

	it('waits for the rest of a line, whatever byte it is cut at', () => {
		open();
		const bytes = encodeUtf16(LOGIN + LOGIN);
		writeFileSync(file('21'), '');
		for (const byte of bytes) {
			appendFileSync(file('21'), Buffer.of(byte));
			tail.poll();
		}
		expect(events).toHaveLength(2);
		expect(new Set(events.map((event) => event.kind))).toEqual(new Set(['authorised']));
	});

	it('goes on in the next day’s file, and reads the old one to its end', () => {
		open();
		writeFileSync(file('21'), encodeUtf16(line('Terminal', 'late')));
		now = new Date(2026, 10, 22, 0, 0, 1);
		writeFileSync(file('22'), encodeUtf16(LOGIN));
		tail.poll();
		tail.poll();
		expect(events.map((event) => event.kind)).toEqual(['line', 'authorised']);
	});

	it('begins anew with a file that was made anew', () => {
		writeFileSync(
			file('21'),
			encodeUtf16(line('Terminal', 'a long line of an earlier terminal, gone since '.repeat(5)))
		);
		open();
		writeFileSync(file('21'), encodeUtf16(LOGIN));
		tail.poll();
		expect(events).toHaveLength(1);
	});

	it('reads a journal larger than one piece', () => {
		open();
		writeFileSync(file('21'), encodeUtf16(line('Terminal', 'x'.repeat(100)).repeat(3_000) + LOGIN));
		tail.poll();
		tail.poll();
		tail.poll();
		expect(events).toHaveLength(3_001);
		expect(events.at(-1)?.kind).toBe('authorised');
	});
});
