import { describe, expect, it } from 'vitest';
import { createHeldUpWatch } from './heldUpWatch.ts';

function handClock() {
	const at = { monotonic: 1_000, wall: 1_700_000_000_000 };
	return {
		monotonicMs: () => at.monotonic,
		wallMs: () => at.wall,
		pass(ms: number, of: { monotonic?: number } = {}) {
			at.monotonic += of.monotonic ?? ms;
			at.wall += ms;
		}
	};
}

describe('the watch for standstills', () => {
	it('finds nothing in a process that looks every now and then', () => {
		const clock = handClock();
		const watch = createHeldUpWatch(clock);
		for (let i = 0; i < 20; i++) {
			clock.pass(1_500);
			watch.look();
			expect(watch.isJustAwake()).toBe(false);
		}
	});

	it('knows for a while that it has just gone on, whether asked before its own look or after it', () => {
		const clock = handClock();
		const [asked, looked] = [createHeldUpWatch(clock), createHeldUpWatch(clock)];
		clock.pass(8_000);
		expect(asked.isJustAwake()).toBe(true);
		looked.look();
		expect(looked.isJustAwake()).toBe(true);
		clock.pass(1_000);
		expect([asked, looked].map((watch) => watch.isJustAwake())).toEqual([true, true]);
		clock.pass(1_500);
		expect([asked, looked].map((watch) => watch.isJustAwake())).toEqual([false, false]);
	});

	it('counts the sleep of a machine whose monotonic clock slept too', () => {
		const clock = handClock();
		const watch = createHeldUpWatch(clock);
		clock.pass(60_000, { monotonic: 3 });
		expect(watch.isJustAwake()).toBe(true);
	});

	it('C4: says by how much what is read now may be older than it says', () => {
		const clock = handClock();
		const watch = createHeldUpWatch(clock);
		expect(watch.standstillMs()).toBe(0);
		clock.pass(36_000);
		expect(watch.standstillMs()).toBe(36_000);
		clock.pass(2_500);
		expect(watch.standstillMs()).toBe(0);
	});
});
