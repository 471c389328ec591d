import { describe, expect, it } from 'vitest';
import { MAX_STARTS_PER_MINUTE, StartLimit } from './startLimit.ts';

describe('X8: StartLimit', () => {
	it('takes 200 Starts in a minute, refuses more, and takes them again when the minute is over', () => {
		let nowMs = 0;
		const limit = new StartLimit(() => nowMs);
		for (let i = 0; i < MAX_STARTS_PER_MINUTE; i++) {
			expect(limit.take()).toBe(true);
			nowMs += 100;
		}
		expect(limit.take()).toBe(false);
		nowMs = 60_000;
		expect(limit.take()).toBe(true);
		expect(limit.take()).toBe(false);
		nowMs = 60_100;
		expect(limit.take()).toBe(true);
	});

	it('does not count what it refused', () => {
		let nowMs = 0;
		const limit = new StartLimit(() => nowMs);
		for (let i = 0; i < 5 * MAX_STARTS_PER_MINUTE; i++) limit.take();
		nowMs = 60_000;
		expect(limit.take()).toBe(true);
	});
});
