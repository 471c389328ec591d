import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock } from '../clock.ts';
import { ServerTime } from './serverTime.ts';

function handClock() {
	const clock: Clock & { monotonic: number; wall: number; pass(ms: number): void } = {
		monotonic: 1_000,
		wall: 1_700_000_000_000,
		monotonicMs: () => clock.monotonic,
		wallMs: () => clock.wall,
		sleep: () => Promise.reject(new Error('nobody waits here')),
		pass(ms: number) {
			clock.monotonic += ms;
			clock.wall += ms;
		}
	};
	return clock;
}

describe('ServerTime', () => {
	it('knows nothing before the first answer, and then every deadline may be past', () => {
		const time = new ServerTime(handClock());
		expect(time.latestMs()).toBeNull();
		expect(time.mayBePast(Number.MAX_SAFE_INTEGER)).toBe(true);
	});

	it('A9: does not use the wall clock of this machine, however wrong it is', () => {
		const clock = handClock();
		clock.wall = 5;
		const time = new ServerTime(clock);
		const asked = time.asking();
		clock.pass(20);
		time.answered(asked, 1_000_000);
		expect(time.latestMs()).toBeCloseTo(1_000_020, 0);
		expect(time.mayBePast(1_015_000)).toBe(false);
		clock.pass(15_000);
		expect(time.mayBePast(1_015_000)).toBe(true);
	});

	it('A9: a wall clock that is set back changes nothing; one set forward makes Starts late until the next answer', () => {
		const clock = handClock();
		const time = new ServerTime(clock);
		time.answered(time.asking(), 1_000_000);
		clock.wall -= 3_600_000;
		expect(time.mayBePast(1_010_000)).toBe(false);
		clock.wall += 2 * 3_600_000;
		expect(time.mayBePast(1_010_000)).toBe(true);
		time.answered(time.asking(), 1_000_100);
		expect(time.mayBePast(1_010_000)).toBe(false);
	});

	it('A10: time that passed while the machine slept counts, though the monotonic clock stood still', () => {
		const clock = handClock();
		const time = new ServerTime(clock);
		time.answered(time.asking(), 1_000_000);
		clock.wall += 60_000;
		expect(time.mayBePast(1_015_000)).toBe(true);
	});

	it('a server whose clock was set forward is believed again once the old answers are gone', () => {
		const clock = handClock();
		const time = new ServerTime(clock);
		time.answered(time.asking(), 1_000_000);
		clock.pass(181_000);
		time.answered(time.asking(), 9_000_000);
		expect(time.latestMs()).toBe(9_000_000);
	});

	it('A10: a clock that was set back hides no sleep that comes later', () => {
		const clock = handClock();
		const time = new ServerTime(clock);
		time.answered(time.asking(), 1_000_000);
		clock.pass(1_000);
		time.look();
		clock.wall -= 20_000;
		time.look();
		clock.pass(59_000);
		// The machine sleeps, and its monotonic clock with it.
		clock.wall += 26_000;
		expect(time.latestMs()).toBeGreaterThanOrEqual(1_000_000 + 86_000);
		expect(time.latestMs()).toBeLessThan(1_000_000 + 86_100);
	});

	it('never says less than the true time, for any ways of question and answer', () => {
		const leg = fc.integer({ min: 0, max: 60_000 });
		fc.assert(
			fc.property(
				fc.array(fc.record({ there: leg, back: leg, pause: leg }), { minLength: 1 }),
				fc.integer({ min: -20_000, max: 20_000 }),
				(exchanges, skewMs) => {
					const clock = handClock();
					clock.wall += skewMs;
					const serverBegan = 1_600_000_000_000 - clock.monotonic;
					const time = new ServerTime(clock);
					for (const { there, back, pause } of exchanges) {
						const asked = time.asking();
						clock.pass(there);
						const said = serverBegan + clock.monotonic;
						clock.pass(back);
						time.answered(asked, said);
						clock.pass(pause);
						expect(time.latestMs()).toBeGreaterThanOrEqual(serverBegan + clock.monotonic);
					}
				}
			)
		);
	});
});
