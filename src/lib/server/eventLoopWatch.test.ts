import { describe, expect, it } from 'vitest';
import { createEventLoopWatch, EVENT_LOOP_MS } from './eventLoopWatch.ts';
import type { Logger } from './logger.ts';

describe('S11: the event loop stands still', () => {
	function alarmsOf(latenesses: readonly number[]): unknown[] {
		let nowMs = 0;
		const alarms: unknown[] = [];
		const logger = { error: (told: unknown) => alarms.push(told) } as unknown as Logger;
		const look = createEventLoopWatch({ monotonicMs: () => nowMs }, logger);
		for (const lateMs of latenesses) {
			nowMs += EVENT_LOOP_MS + lateMs;
			look();
		}
		return alarms;
	}

	it('is an alarm beyond a second, and none below', () => {
		expect(alarmsOf([0, 10, 900, 0, 5_000, 0])).toEqual([{ lateMs: 5_000 }]);
	});

	it('is one already before the first look', () => {
		expect(alarmsOf([4_600, 0])).toEqual([{ lateMs: 4_600 }]);
	});
});
