import { describe, expect, it } from 'vitest';
import { ControlWatch } from './controlWatch.ts';

function scene(noted: number | null = null) {
	const at = { monotonic: 5_000, wall: 1_700_000_000_000, isConnected: false, noted };
	const watch = () =>
		new ControlWatch({
			isConnected: () => at.isConnected,
			lastNoted: () => at.noted,
			note: (wallMs) => (at.noted = wallMs),
			clock: {
				monotonicMs: () => at.monotonic,
				wallMs: () => at.wall,
				sleep: () => Promise.reject(new Error('nobody waits here'))
			}
		});
	const pass = (ms: number) => {
		at.monotonic += ms;
		at.wall += ms;
	};
	return { at, watch, pass };
}

describe('ControlWatch', () => {
	it('counts from the last contact', () => {
		const { at, watch, pass } = scene();
		const control = watch();
		at.isConnected = true;
		pass(100_000);
		expect(control.lostForMs()).toBe(0);
		at.isConnected = false;
		pass(7_000);
		expect(control.lostForMs()).toBe(7_000);
		at.isConnected = true;
		expect(control.lostForMs()).toBe(0);
	});

	it('A4: goes on counting over a restart without server', () => {
		const { at, watch, pass } = scene();
		at.isConnected = true;
		watch().lostForMs();
		at.isConnected = false;
		pass(120_000);
		at.monotonic = 3;
		const restarted = watch();
		pass(1_000);
		expect(restarted.lostForMs()).toBe(121_000);
	});

	it('A9: does not let a wall clock that was set back make the past longer or shorter than nothing', () => {
		const { at, watch } = scene(1_700_000_500_000);
		expect(watch().lostForMs()).toBe(0);
		at.wall += 600_000;
		expect(watch().lostForMs()).toBe(100_000);
	});

	it('notes the contact at most every half minute', () => {
		const { at, watch, pass } = scene();
		const control = watch();
		at.isConnected = true;
		control.lostForMs();
		const first = at.noted;
		pass(29_000);
		control.lostForMs();
		expect(at.noted).toBe(first);
		pass(1_000);
		control.lostForMs();
		expect(at.noted).toBe(at.wall);
	});
});
