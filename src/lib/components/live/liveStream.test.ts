import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isNewerEvent, openLiveStream, type LiveStream, type StreamParts } from './liveStream.ts';

/** A stream of the server, as one tab has it. */
class FakeSource extends EventTarget {
	readyState = 1;
	readonly after: string;
	constructor(after = '0') {
		super();
		this.after = after;
	}
	say(name: string, body: object, lastEventId = ''): void {
		this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(body), lastEventId }));
	}
	close(): void {
		this.readyState = 2;
	}
}

/** Locks and channels of one browser, without its delays. */
class FakeBrowser {
	readonly sources: FakeSource[] = [];
	readonly #channels = new Set<{ onmessage: ((event: MessageEvent) => void) | null }>();
	readonly #queue: (() => Promise<void>)[] = [];
	#isHeld = false;
	/** A frozen tab hears nothing. */
	isFrozen = false;

	parts(): StreamParts {
		return {
			openSource: (after) => {
				const source = new FakeSource(after);
				this.sources.push(source);
				return source as unknown as EventSource;
			},
			locks: { request: this.#request } as unknown as LockManager,
			openChannel: () => {
				const channel = {
					onmessage: null as ((event: MessageEvent) => void) | null,
					postMessage: (data: unknown) => {
						if (this.isFrozen) return;
						for (const other of this.#channels)
							if (other !== channel) other.onmessage?.(new MessageEvent('message', { data }));
					},
					close: () => void this.#channels.delete(channel)
				};
				this.#channels.add(channel);
				return channel as unknown as BroadcastChannel;
			}
		};
	}

	readonly #request = (_name: string, _options: object, work: () => Promise<void>): Promise<void> => {
		this.#queue.push(work);
		this.#next();
		return Promise.resolve();
	};

	#next(): void {
		if (this.#isHeld) return;
		const work = this.#queue.shift();
		if (!work) return;
		this.#isHeld = true;
		void work().then(() => {
			this.#isHeld = false;
			this.#next();
		});
	}
}

describe('B5: one stream per browser', () => {
	let browser: FakeBrowser;
	beforeEach(() => {
		vi.useFakeTimers();
		browser = new FakeBrowser();
	});
	afterEach(() => void vi.useRealTimers());

	/** @param loadedAt number of the event that was the newest when its page was loaded */
	function tab(loadedAt = '0') {
		const heard: string[] = [];
		let known = loadedAt;
		const stream: LiveStream = openLiveStream('u', () => known, browser.parts());
		for (const name of ['hello', 'telemetry', 'book', 'command', 'resync', 'error'])
			stream.addEventListener(name, ({ data, lastEventId }) => {
				heard.push(`${name} ${data}`);
				if (isNewerEvent(lastEventId, known)) known = lastEventId;
			});
		return { stream, heard };
	}
	const source = () => browser.sources.at(-1) ?? new FakeSource();
	const HELLO = { serverTime: '2026-01-01T00:00:00.000Z' };

	it('is read by one tab, and heard by all', () => {
		const tabs = [tab(), tab(), tab()];
		source().say('hello', HELLO);
		source().say('command', { commandId: '1' });
		expect(browser.sources).toHaveLength(1);
		for (const { heard } of tabs)
			expect(heard).toEqual([`hello ${JSON.stringify(HELLO)}`, 'command {"commandId":"1"}']);
	});

	it('tells a tab that comes later how things stand', async () => {
		tab();
		source().say('hello', HELLO);
		source().say('telemetry', { ...HELLO, accounts: [{ id: 'a', state: 'running' }] });
		const later = tab();
		await Promise.resolve();
		expect(later.heard).toEqual([
			`hello ${JSON.stringify(HELLO)}`,
			`telemetry ${JSON.stringify({ ...HELLO, accounts: [{ id: 'a', state: 'running' }] })}`
		]);
		expect(later.stream.readyState).toBe(1);
	});

	it('T1: tells it what is open, also when that changed last before it came', async () => {
		tab();
		source().say('hello', HELLO);
		const book = (positions: unknown[]) => ({
			...HELLO,
			accounts: [{ accountId: 'a', open: { positions } }]
		});
		source().say('book', book([{ ticket: '1' }]));
		source().say('book', book([]));
		const later = tab();
		await Promise.resolve();
		expect(later.heard).toEqual([`hello ${JSON.stringify(HELLO)}`, `book ${JSON.stringify(book([]))}`]);
	});

	it('begins with what happened since the page was loaded', () => {
		tab('41');
		expect(source().after).toBe('41');
	});

	it('has a tab load everything again that was loaded before what was told already', async () => {
		tab('41');
		source().say('hello', HELLO);
		source().say('command', { commandId: '1' }, '42');
		const [older, asNew] = [tab('41'), tab('42')];
		await Promise.resolve();
		expect(older.heard[0]).toContain('resync');
		expect(asNew.heard).toEqual([`hello ${JSON.stringify(HELLO)}`]);
	});

	it('does not take an event for a proof that a tab which has just come missed none before it', async () => {
		tab('41');
		source().say('hello', HELLO);
		source().say('command', { commandId: '1' }, '42');
		const later = tab('41');
		source().say('command', { commandId: '2' }, '43');
		await Promise.resolve();
		expect(later.heard[1]).toContain('resync');
		const heard = later.heard.length;
		source().say('command', { commandId: '3' }, '44');
		await vi.advanceTimersByTimeAsync(60_000);
		expect(later.heard.slice(heard).join()).not.toContain('resync');
	});

	it('is taken over when its tab is closed, and goes on after what was told', async () => {
		const [first, second, third] = [tab('41'), tab('41'), tab('41')];
		await Promise.resolve();
		source().say('hello', HELLO);
		source().say('command', { commandId: '1' }, '42');
		first.stream.close();
		await vi.advanceTimersByTimeAsync(0);
		expect(browser.sources.map(({ after }) => after)).toEqual(['41', '42']);
		source().say('hello', HELLO);
		source().say('command', { commandId: '2' }, '43');
		for (const { heard } of [second, third])
			expect(heard.map((each) => each.replace(JSON.stringify(HELLO), ''))).toEqual([
				'hello ',
				'command {"commandId":"1"}',
				'hello ',
				'command {"commandId":"2"}'
			]);
		expect(first.heard).toHaveLength(2);
	});

	it('is taken over by a tab that knows more than another, which loads everything again', async () => {
		const [first, second, third] = [tab('41'), tab('42'), tab('41')];
		source().say('hello', HELLO);
		first.stream.close();
		await vi.advanceTimersByTimeAsync(0);
		expect(source().after).toBe('42');
		expect(second.heard.at(-1)).toContain('hello');
		expect(third.heard.at(-1)).toContain('resync');
	});

	it('passes on that it is silent', () => {
		const [, other] = [tab(), tab()];
		source().say('hello', HELLO);
		source().readyState = 0;
		source().dispatchEvent(new Event('error'));
		expect(other.heard.at(-1)).toBe('error ');
		expect(other.stream.readyState).toBe(0);
	});

	it('is read by a tab for itself while the keeper is frozen', async () => {
		const [, other] = [tab(), tab()];
		source().say('hello', HELLO);
		browser.isFrozen = true;
		await vi.advanceTimersByTimeAsync(25_000);
		expect(browser.sources).toHaveLength(2);
		source().say('hello', { serverTime: 'later' });
		expect(other.heard.at(-1)).toBe('hello {"serverTime":"later"}');
	});

	it('is each tab’s own where the browser has no locks', () => {
		const parts = { ...browser.parts(), locks: undefined };
		for (const after of ['41', '42']) openLiveStream('u', () => after, parts);
		expect(browser.sources.map(({ after }) => after)).toEqual(['41', '42']);
	});
});
