import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { type CommandRecord } from '../supervisor/command.ts';
import { effectiveWanted } from './fences.ts';
import { Journal, type ResultBody } from './journal.ts';
import { JournalFailure, REMEMBER_MS } from './journalSchema.ts';

const settings: EaSettings = {
	maxLotSize: '0.10',
	maxLoss: '500',
	safetyMode: 'GREEN',
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'H1', magic: 7 }
};
const ACCOUNT = randomUUID();

const command = (change: Partial<CommandRecord> = {}): CommandRecord => ({
	commandId: randomUUID(),
	accountId: ACCOUNT,
	generation: 1,
	epoch: 1,
	kind: 'start_ea',
	closePositions: false,
	settings,
	...change
});
const resultOf = ({ commandId, accountId, generation, epoch }: CommandRecord): ResultBody => ({
	commandId,
	accountId,
	generation,
	epoch,
	outcome: 'success',
	errorCode: null,
	error: null,
	eaStatus: 'running',
	proof: null,
	durationMs: 12
});

describe('Journal', () => {
	let dir: string;
	let path: string;
	let journal: Journal;
	let nowMs = 1_000_000;
	const reopen = (): void => {
		journal.close();
		journal = new Journal(path, () => nowMs);
	};

	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'quintet-journal-'));
		path = join(dir, 'journal.db');
		journal = new Journal(path, () => nowMs);
	});
	afterEach(() => {
		journal.close();
		rmSync(dir, { recursive: true });
	});

	it('knows the EA that an earlier agent ordered and that may still come', () => {
		const started = command({ generation: 3 });
		expect(journal.lateLoad(ACCOUNT)).toBeNull();
		journal.accept(started);
		// Not ordered before it is about to act.
		expect(journal.lateLoad(ACCOUNT)).toBeNull();
		journal.intend(started);
		expect(journal.lateLoad(ACCOUNT)).toBe(3);
		journal.accept(command({ generation: 4, kind: 'pause_ea' }));
		journal.finish({ ...resultOf(started), outcome: 'superseded' });
		reopen();
		expect(journal.lateLoad(ACCOUNT)).toBe(3);
		expect(journal.lateLoad(randomUUID())).toBeNull();
		nowMs += 11 * 60_000;
		expect(journal.lateLoad(ACCOUNT)).toBeNull();
		const seen = command({ generation: 5 });
		journal.accept(seen);
		journal.finish(resultOf(seen));
		expect(journal.lateLoad(ACCOUNT)).toBeNull();
	});

	it('its write-ahead log stops growing, since appending to it costs more than writing it over', () => {
		for (let generation = 1; generation <= 300; generation++) {
			const accepted = command({ generation });
			journal.accept(accepted);
			journal.finish(resultOf(accepted));
		}
		expect(statSync(`${path}-wal`).size).toBeLessThan(1_000_000);
	});

	it('N5: knows a command by its id, with its outcome', () => {
		const start = command();
		expect(journal.find(start.commandId, ACCOUNT)).toBeNull();
		journal.accept(start);
		expect(journal.find(start.commandId, ACCOUNT)).toMatchObject({
			state: 'received',
			command: start,
			result: null
		});
		journal.finish(resultOf(start));
		expect(journal.find(start.commandId, ACCOUNT)).toMatchObject({ state: 'done', result: resultOf(start) });
	});

	it('keeps the commands of one press apart by account', () => {
		const one = command();
		const other = command({ commandId: one.commandId, accountId: randomUUID() });
		journal.accept(one);
		journal.accept(other);
		journal.finish(resultOf(one));
		expect(journal.find(one.commandId, other.accountId)?.state).toBe('received');
	});

	it('N4: after a crash it knows what was under way and what was not acknowledged', () => {
		const done = command({ generation: 1 });
		const interrupted = command({ generation: 2 });
		const stop = command({ generation: 3, kind: 'stop_ea' });
		for (const each of [done, interrupted, stop]) journal.accept(each);
		journal.intend(interrupted);
		journal.finish(resultOf(done));
		// No close: as after SIGKILL, only what was committed is there.
		const after = new Journal(path, () => nowMs);
		expect(after.unfinished(ACCOUNT).map(({ state, kind }) => [state, kind])).toEqual([
			['intent', 'start_ea'],
			['received', 'stop_ea']
		]);
		expect(after.unacknowledged()).toEqual([resultOf(done)]);
		after.close();
	});

	it('N3: repeats an outcome until it is acknowledged', () => {
		const start = command();
		journal.accept(start);
		journal.finish(resultOf(start));
		reopen();
		expect(journal.unacknowledged()).toHaveLength(1);
		journal.acknowledge([start]);
		expect(journal.unacknowledged()).toEqual([]);
		reopen();
		expect(journal.find(start.commandId, ACCOUNT)).toMatchObject({ state: 'acked', result: resultOf(start) });
	});

	it('never changes an outcome that stands', () => {
		const start = command();
		journal.accept(start);
		journal.finish(resultOf(start));
		journal.finish({ ...resultOf(start), outcome: 'failed' });
		expect(journal.find(start.commandId, ACCOUNT)?.result?.outcome).toBe('success');
	});

	it('moves the fence with every accepted command, and confirms only a Start that succeeded', () => {
		const start = command({ generation: 4 });
		journal.accept(start);
		expect(journal.fences.of(ACCOUNT)).toMatchObject({
			maxGeneration: 4,
			wanted: 'RUNNING',
			confirmedGeneration: 0
		});
		journal.finish(resultOf(start), { confirmedGeneration: 4, settings });
		reopen();
		expect(journal.fences.of(ACCOUNT)).toMatchObject({ confirmedGeneration: 4, settings });
		journal.accept(command({ generation: 5, kind: 'pause_ea' }));
		expect(journal.fences.of(ACCOUNT)).toMatchObject({
			maxGeneration: 5,
			wanted: 'PAUSED',
			confirmedGeneration: 0
		});
	});

	it('a Start that failed leaves nothing wanted running', () => {
		const start = command({ generation: 4 });
		journal.accept(start);
		journal.finish({ ...resultOf(start), outcome: 'failed' }, { failedGeneration: 4 });
		expect(effectiveWanted(journal.fences.of(ACCOUNT))).toBe('STOPPED');
		journal.accept(command({ generation: 5 }));
		expect(effectiveWanted(journal.fences.of(ACCOUNT))).toBe('RUNNING');
	});

	it('N2: a buried Start is remembered, and does not bury one that came', () => {
		const missing = { commandId: randomUUID(), accountId: ACCOUNT, generation: 2 };
		const known = command();
		journal.accept(known);
		journal.bury([missing, known]);
		reopen();
		expect(journal.find(missing.commandId, ACCOUNT)?.state).toBe('tombstone');
		expect(journal.find(known.commandId, ACCOUNT)?.state).toBe('received');
	});

	it('a write that fails changes nothing, neither on the disk nor in the fence', () => {
		const other = new DatabaseSync(path);
		other.exec('BEGIN IMMEDIATE');
		const start = command({ generation: 9 });
		expect(() => journal.accept(start)).toThrow(JournalFailure);
		expect(journal.fences.of(ACCOUNT).maxGeneration).toBe(0);
		other.exec('ROLLBACK');
		other.close();
		expect(journal.find(start.commandId, ACCOUNT)).toBeNull();
		journal.accept(start);
		expect(journal.fences.of(ACCOUNT).maxGeneration).toBe(9);
	});

	it('forgets answered commands only after a week, and open ones never', () => {
		const answered = command();
		const open = command({ kind: 'stop_ea', generation: 2 });
		journal.accept(answered);
		journal.finish(resultOf(answered));
		journal.acknowledge([answered]);
		journal.accept(open);
		nowMs += REMEMBER_MS - 1;
		reopen();
		expect(journal.find(answered.commandId, ACCOUNT)).not.toBeNull();
		nowMs += 2;
		reopen();
		expect(journal.find(answered.commandId, ACCOUNT)).toBeNull();
		expect(journal.find(open.commandId, ACCOUNT)).not.toBeNull();
	});

	it('remembers the number of the last connection', () => {
		expect(journal.connSeqSeen).toBe(0);
		journal.connSeqSeen = 7;
		reopen();
		expect(journal.connSeqSeen).toBe(7);
	});
});
