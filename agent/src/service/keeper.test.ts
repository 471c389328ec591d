import { describe, expect, it } from 'vitest';
import { EXIT } from '../exitCodes.ts';
import { KEEPER, keepAgent, pauseAfter, type KeptProcess, type ServiceEvent } from './keeper.ts';

/** Time passes when somebody waits. `life`: what each start brings; the last one goes on for ever. */
function rig(life: ({ code: number; ranMs: number } | 'nobody' | 'refused' | 'for ever' | 'stubborn')[]) {
	let nowMs = 0;
	const stop = new AbortController();
	const events: ServiceEvent[] = [];
	const starts: number[] = [];
	let stopAtMs = Infinity;
	let kills = 0;
	const clock = {
		monotonicMs: () => nowMs,
		wallMs: () => nowMs,
		async sleep(ms: number, signal: AbortSignal) {
			signal.throwIfAborted();
			nowMs += ms;
			if (nowMs >= stopAtMs) stop.abort(new Error('stop'));
			signal.throwIfAborted();
		}
	};
	const start = async (): Promise<KeptProcess | null> => {
		const next = life[Math.min(starts.length, life.length - 1)] ?? 'for ever';
		starts.push(nowMs);
		if (next === 'nobody') return null;
		if (next === 'refused') throw new Error('Windows error 5');
		const endsAtMs = typeof next === 'object' ? nowMs + next.ranMs : Infinity;
		let code: number | null = null;
		return {
			pid: starts.length,
			exitCode: () => (typeof next === 'object' && nowMs >= endsAtMs ? next.code : code),
			async requestEnd() {
				if (next !== 'stubborn') code = EXIT.ok;
			},
			kill() {
				kills += 1;
				code = 1;
			}
		};
	};
	return {
		events,
		starts,
		kills: () => kills,
		async run(untilMs: number) {
			stopAtMs = untilMs;
			await keepAgent(
				{ start, report: (event) => events.push(event), clock, random: () => 0.999 },
				stop.signal
			);
			return events;
		}
	};
}

describe('the keeper of the agent', () => {
	it('starts it again when it ended, with growing pauses', async () => {
		const { starts, run } = rig([{ code: EXIT.failed, ranMs: 0 }]);
		await run(300_000);
		const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
		expect(pauses.slice(0, 4)).toEqual([1_998, 3_996, 7_992, 15_984]);
		expect(Math.max(...pauses)).toBeLessThanOrEqual(KEEPER.retryCapMs);
	});

	it('forgets failures after a minute of health', async () => {
		const { starts, run } = rig([
			{ code: EXIT.failed, ranMs: 0 },
			{ code: EXIT.failed, ranMs: 0 },
			{ code: 134, ranMs: 120_000 },
			'for ever'
		]);
		await run(400_000);
		const [, , third = 0, fourth = 0] = starts;
		expect(fourth - third).toBeLessThan(120_000 + KEEPER.lookMs + 2 * KEEPER.retryBaseMs);
	});

	it('does not hurry when the agent ended on request: another one may run', () => {
		expect(pauseAfter(EXIT.ok, 0, () => 0)).toBe(KEEPER.calmMs);
	});

	it.each([EXIT.usage, EXIT.notConfigured, EXIT.enrolRefused])(
		'says that a person is needed at exit code %i, and looks again now and then',
		async (code) => {
			const { events, starts, run } = rig([{ code, ranMs: 0 }]);
			await run(KEEPER.personMs * 2 + 1_000);
			expect(events).toContainEqual({ kind: 'person_needed', code });
			expect(starts).toHaveLength(3);
		}
	);

	it('never starts at once again, whatever the dice say', () => {
		for (const code of [EXIT.failed, EXIT.unhealthy, EXIT.notProven, 3221225477])
			expect(pauseAfter(code, 1, () => 0)).toBeGreaterThanOrEqual(KEEPER.retryBaseMs);
	});

	it('waits for the user, and says so once', async () => {
		const { events, run } = rig(['nobody', 'nobody', 'nobody', 'for ever']);
		await run(60_000);
		expect(events.map(({ kind }) => kind)).toEqual(['nobody_logged_on', 'started', 'stopped']);
	});

	it('goes on when the start itself is refused', async () => {
		const { events, run } = rig(['refused', 'for ever']);
		await run(60_000);
		expect(events[0]).toMatchObject({ kind: 'not_started', reason: 'Windows error 5' });
		expect(events[1]).toMatchObject({ kind: 'started' });
	});

	it('asks the agent to end, and says how it ended', async () => {
		const { events, kills, run } = rig(['for ever']);
		await run(10_000);
		expect(events.at(-1)).toEqual({ kind: 'stopped', how: 'by itself' });
		expect(kills()).toBe(0);
	});

	it('ends an agent by force that does not end', async () => {
		const { events, kills, run } = rig(['stubborn']);
		await run(10_000);
		expect(events.at(-1)).toEqual({ kind: 'stopped', how: 'by force' });
		expect(kills()).toBe(1);
	});
});
