import { describe, expect, it } from 'vitest';
import { BRIDGE_FRESH_MS } from '#lib/domain/ladder.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { type Clock } from '../clock.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { Instance } from './instance.ts';

const DIR = '/instances/one';

/** A terminal that runs, with a bridge that says something when told to, on clocks of its own. */
function scene() {
	const now = { monotonicMs: 1_000, wallMs: 1_700_000_000_000 };
	const clock: Clock = {
		monotonicMs: () => now.monotonicMs,
		wallMs: () => now.wallMs,
		// Until somebody has what they waited for; the time is never up here.
		sleep: (_, signal) =>
			new Promise((_resolve, reject) => {
				signal.addEventListener('abort', () => reject(signal.reason), { once: true });
			})
	};
	const callbacks = new Set<(status: BridgeStatus) => void>();
	const channel = {
		newest: null as { status: BridgeStatus; readAtMs: number } | null,
		onStatus: (callback: (status: BridgeStatus) => void) => {
			callbacks.add(callback);
			return () => callbacks.delete(callback);
		},
		hurry: () => () => {},
		/** Not answered until nobody waits for it any more. */
		request: (_verb: string, _args: object, { signal }: { signal: AbortSignal }) => {
			asked.signal = signal;
			return new Promise((_resolve, reject) => {
				signal.addEventListener('abort', () => reject(signal.reason), { once: true });
			});
		}
	};
	const asked: { signal: AbortSignal | null } = { signal: null };
	const terminal = { openChannel: () => channel } as unknown as TerminalKind;
	const instance = new Instance(DIR, terminal, clock, false);
	instance.hold({ pid: 1, createdAt: '1', instanceDir: DIR });
	return {
		instance,
		asked,
		speak(seq: number, ageMs = 0) {
			const status = { seq } as BridgeStatus;
			channel.newest = { status, readAtMs: now.monotonicMs - ageMs };
			for (const callback of [...callbacks]) callback(status);
		},
		pass(ms: number) {
			now.monotonicMs += ms;
			now.wallMs += ms;
		},
		/** The monotonic clock stands still. */
		sleep: (ms: number) => void (now.wallMs += ms)
	};
}

describe('what was seen of a terminal', () => {
	it('A10: is as old as the sleep of the machine, though its monotonic clock stood still', () => {
		const { instance, speak, pass, sleep } = scene();
		speak(1);
		pass(500);
		expect(instance.fresh?.seq).toBe(1);
		expect(instance.lookAgeMs).toBe(500);
		sleep(60_000);
		expect(instance.fresh).toBeNull();
		expect(instance.bridgeAgeMs).toBe(60_500);
		expect(instance.lookAgeMs).toBe(60_500);
		// Nobody could speak meanwhile: that is no silence to restart a terminal for.
		expect(instance.silentForMs).toBe(500);
		expect(instance.hasFallenSilent).toBe(false);
		speak(2);
		expect(instance.fresh?.seq).toBe(2);
	});

	it('A10: one from before a sleep, read after it, is not what somebody waited for', async () => {
		const { instance, speak } = scene();
		const awaited = instance.nextStatus({ timeoutMs: 1_000, signal: new AbortController().signal });
		speak(1, 60_000);
		speak(2);
		expect((await awaited)?.seq).toBe(2);
	});

	it('the next one is asked for, and the question is taken back once it is there', async () => {
		const { instance, speak, asked } = scene();
		speak(1);
		const awaited = instance.nextStatus({ timeoutMs: 1_000, signal: new AbortController().signal });
		expect(asked.signal?.aborted).toBe(false);
		speak(2);
		expect((await awaited)?.seq).toBe(2);
		expect(asked.signal?.aborted).toBe(true);
	});

	it('whoever waits for the next one can be called off, and the question with them', async () => {
		const { instance, asked } = scene();
		const waiting = new AbortController();
		const awaited = instance.nextStatus({ timeoutMs: 1_000, signal: waiting.signal });
		waiting.abort(new Error('called off'));
		await expect(awaited).rejects.toThrow('called off');
		expect(asked.signal?.aborted).toBe(true);
	});

	it('an EA that was ordered may come for so long, and not to another process', () => {
		const { instance, pass } = scene();
		instance.expectLoad(4, 1_000);
		pass(400);
		expect(instance.pendingLoad).toEqual({ generation: 4, leftMs: 600 });
		pass(600);
		expect(instance.pendingLoad).toBeNull();
		instance.expectLoad(5, 1_000);
		instance.hold({ pid: 2, createdAt: '2', instanceDir: DIR });
		expect(instance.pendingLoad).toBeNull();
	});

	it('counts what lay in the file before it was read', () => {
		const { instance, speak, pass } = scene();
		speak(1, BRIDGE_FRESH_MS);
		expect(instance.fresh?.seq).toBe(1);
		pass(1);
		expect(instance.bridgeAgeMs).toBe(BRIDGE_FRESH_MS + 1);
		expect(instance.fresh).toBeNull();
	});
});
