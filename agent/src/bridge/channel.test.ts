import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QUIET_ACCOUNT } from '../../../tests/support/quietAccount.ts';
import { waitFor } from '../../../tests/support/waitFor.ts';
import { type BridgeChannel } from '../terminal/ports.ts';
import { replaceFileSync } from '../terminal/replaceFile.ts';
import { openFileChannel } from './channel.ts';
import { BRIDGE_FOLDER, type BridgeStatus } from './contract.ts';
import { BridgeRefusal, BridgeTimeout } from './errors.ts';
import { decodeMessage, encodeMessage } from './message.ts';

const STATUS: BridgeStatus = {
	...QUIET_ACCOUNT,
	seq: 1,
	bridgeVersion: 'test',
	login: '1',
	server: 'S',
	isConnected: true,
	isTerminalTradeAllowed: true,
	isMqlTradeAllowed: true,
	ea: null
};
/** So long that no test comes to it. */
const LIMIT = { timeoutMs: 600_000 };

describe('file channel', () => {
	let instanceDir: string;
	let channel: BridgeChannel;
	let problems: string[];
	const path = (...names: string[]): string => join(instanceDir, ...BRIDGE_FOLDER, ...names);
	/** As a bridge does it: two files of the same moment and size are told apart all the same. */
	const say = (seq: number, changes: object = {}): void =>
		replaceFileSync(path('status.msg'), encodeMessage(`s${seq}`, { ...STATUS, seq, ...changes }));
	const seen = (seq: number) => waitFor(`status ${seq}`, () => channel.newest?.status.seq === seq);
	/** With a channel that looks at the status only when it is told to. @param test gets what looks, and says what is seen */
	const lookedAtByHand = async (test: (look: () => number | undefined) => void) => {
		await channel.close();
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		channel = openFileChannel(instanceDir, { pollMs: 50, onProblem: (problem) => problems.push(problem) });
		channel.hurry();
		try {
			test(() => {
				vi.advanceTimersByTime(50);
				return channel.newest?.status.seq;
			});
		} finally {
			await channel.close();
			vi.useRealTimers();
			channel = openFileChannel(instanceDir, { pollMs: 5, onProblem: (problem) => problems.push(problem) });
		}
	};
	/** The bridge's part: takes the one request that is there, and answers it. */
	const answerOne = async (make: (id: string, body: unknown) => unknown) => {
		const name = await waitFor('a request', () =>
			readdirSync(path('req')).find((each) => each.endsWith('.msg'))
		);
		const message = decodeMessage(readFileSync(path('req', name)));
		const id = message?.id ?? '';
		rmSync(path('req', name));
		writeFileSync(path('res', `${id}.msg`), encodeMessage(id, make(id, message?.body)));
		return { id, body: message?.body };
	};

	beforeEach(() => {
		instanceDir = mkdtempSync(join(tmpdir(), 'quintet-channel-'));
		problems = [];
		channel = openFileChannel(instanceDir, { pollMs: 5, onProblem: (problem) => problems.push(problem) });
	});
	afterEach(() => {
		channel.close();
		rmSync(instanceDir, { recursive: true, force: true, maxRetries: 5 });
	});

	it('A1: takes away what an agent asked that has ended, so that it is not carried out later', () => {
		writeFileSync(path('req', 'of-another-life.msg'), encodeMessage('of-another-life', {}));
		channel.close();
		channel = openFileChannel(instanceDir, { pollMs: 5 });
		expect(readdirSync(path('req'))).toEqual([]);
	});

	describe('status', () => {
		it('is told once each, to everyone who asked', async () => {
			const heard: number[] = [];
			const forget = channel.onStatus((status) => heard.push(status.seq));
			say(1);
			await seen(1);
			say(2);
			await seen(2);
			forget();
			say(3);
			await seen(3);
			expect(heard).toEqual([1, 2]);
		});

		it('is ignored when it is older than the one known, until a reset', async () => {
			await lookedAtByHand((look) => {
				say(10);
				expect(look()).toBe(10);
				say(4);
				expect(look()).toBe(10);
				say(11);
				expect(look()).toBe(11);
			});
			await seen(11);
			await channel.reset();
			expect(channel.newest).toBeNull();
			expect(() => readFileSync(path('status.msg'))).toThrow();
			say(1);
			await seen(1);
		});

		it('is no news while it is half written', async () => {
			await lookedAtByHand((look) => {
				say(1);
				expect(look()).toBe(1);
				const whole = encodeMessage('s2', { ...STATUS, seq: 2 });
				writeFileSync(path('status.msg'), whole.subarray(0, whole.length - 5));
				expect(look()).toBe(1);
				writeFileSync(path('status.msg'), whole);
				expect(look()).toBe(2);
			});
			expect(problems).toEqual([]);
		});

		it('is no news, but a problem, when it is not what the contract says', async () => {
			say(1, { balance: 'much' });
			await waitFor('the problem', () => problems.length > 0);
			expect(channel.newest).toBeNull();
		});

		it('is looked at seldom while nobody waits, and at every poll while somebody does', () => {
			channel.close();
			vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
			try {
				channel = openFileChannel(instanceDir, { pollMs: 50 });
				const read = () => channel.newest?.status.seq;
				const calm = channel.hurry();
				say(1);
				vi.advanceTimersByTime(50);
				expect(read()).toBe(1);
				calm();
				// A second time it takes nothing back that another one asked for.
				const calmLater = channel.hurry();
				calm();
				say(2);
				vi.advanceTimersByTime(50);
				expect(read()).toBe(2);
				calmLater();
				say(3);
				vi.advanceTimersByTime(50);
				expect(read()).toBe(2);
				vi.advanceTimersByTime(150);
				expect(read()).toBe(3);
			} finally {
				vi.useRealTimers();
			}
		});

		it('counts as old as its file when it lay there before', async () => {
			channel.close();
			say(1);
			const minuteAgo = Date.now() / 1000 - 60;
			utimesSync(path('status.msg'), minuteAgo, minuteAgo);
			channel = openFileChannel(instanceDir, { pollMs: 5 });
			await seen(1);
			expect(performance.now() - (channel.newest?.readAtMs ?? 0)).toBeGreaterThan(59_000);
		});
	});

	describe('request', () => {
		it('is written whole, and gets the answer with its id', async () => {
			const answer = channel.request('list_open', { magic: 7 }, LIMIT);
			const { id, body } = await answerOne((id) => ({ id, statusSeq: 1, ok: true, answer: { items: [] } }));
			expect(body).toEqual({ id, verb: 'list_open', args: { magic: 7 }, notAfterMs: expect.any(Number) });
			const { notAfterMs } = body as { notAfterMs: number };
			expect(Math.abs(notAfterMs - Date.now() - LIMIT.timeoutMs)).toBeLessThan(LIMIT.timeoutMs);
			expect(await answer).toEqual({ items: [] });
			expect(readdirSync(path('res'))).toEqual([]);
		});

		it('fails with the bridge’s own code', async () => {
			const answer = channel.request('unload_ea', {}, LIMIT).catch((error: unknown) => error);
			await answerOne((id) => ({ id, statusSeq: 1, ok: false, code: 'not_logged_in', message: 'no' }));
			const error = await answer;
			expect(error).toBeInstanceOf(BridgeRefusal);
			expect(error).toMatchObject({ code: 'not_logged_in', verb: 'unload_ea' });
		});

		it('fails when the answer is not one', async () => {
			const answer = channel.request('list_open', { magic: null }, LIMIT).catch((error: unknown) => error);
			await answerOne((id) => ({ id, statusSeq: 1, ok: true, answer: { items: 'none' } }));
			expect(await answer).toMatchObject({ code: 'bad_answer' });
		});

		it('is withdrawn when its time is up, and a late answer is thrown away', async () => {
			vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
			try {
				const answer = channel.request('unload_ea', {}, LIMIT).catch((error: unknown) => error);
				const name = await waitFor('the request', () =>
					readdirSync(path('req')).find((each) => each.endsWith('.msg'))
				);
				vi.advanceTimersByTime(LIMIT.timeoutMs);
				expect(await answer).toBeInstanceOf(BridgeTimeout);
				await waitFor('the withdrawal', () => readdirSync(path('req')).length === 0);
				const id = name.replace('.msg', '');
				writeFileSync(path('res', name), encodeMessage(id, { id, statusSeq: 1, ok: true, answer: {} }));
				await waitFor('the answer to be gone', () => readdirSync(path('res')).length === 0);
			} finally {
				vi.useRealTimers();
			}
		});

		it('ends with the signal’s reason', async () => {
			const stop = new AbortController();
			const answer = channel.request('unload_ea', {}, { ...LIMIT, signal: stop.signal });
			stop.abort(new Error('superseded'));
			await expect(answer).rejects.toThrow('superseded');
			await waitFor('the withdrawal', () => readdirSync(path('req')).length === 0);
		});

		it.each(['reset', 'close'] as const)('is unknown after %s', async (how) => {
			const answer = channel.request('unload_ea', {}, LIMIT).catch((error: unknown) => error);
			await channel[how]();
			expect(await answer).toBeInstanceOf(BridgeTimeout);
		});

		it('says which status shows what the answer brought', async () => {
			say(6);
			await seen(6);
			const answered = async (more: object) => {
				const answer = channel.request('unload_ea', {}, LIMIT);
				await answerOne((id) => ({ id, ...more, ok: true, answer: {} }));
				await answer;
				return channel.answeredSeq;
			};
			expect(await answered({ statusSeq: 5 })).toBe(5);
			// An older bridge: what was written before the answer may be from before its effect.
			expect(await answered({})).toBe(7);
			await channel.reset();
			expect(channel.answeredSeq).toBe(0);
		});

		it('can be made again after a reset', async () => {
			await channel.reset();
			const answer = channel.request('unload_ea', {}, LIMIT);
			await answerOne((id) => ({ id, statusSeq: 1, ok: true, answer: {} }));
			expect(await answer).toEqual({});
		});
	});
});
