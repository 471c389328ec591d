import { describe, expect, it } from 'vitest';
import { createEventLoopWatch, EVENT_LOOP_MS } from './eventLoopWatch.ts';
import type { Logger } from './logger.ts';

describe('S11: the event loop stands still', () => {
	it('is an alarm beyond a second, and none below', () => {
		let nowMs = 0;
		const alarms: unknown[] = [];
		const logger = { error: (told: unknown) => alarms.push(told) } as unknown as Logger;
		const look = createEventLoopWatch({ monotonicMs: () => nowMs }, logger);
		for (const lateMs of [0, 10, 900, 0, 5_000, 0]) {
			look();
			nowMs += EVENT_LOOP_MS + lateMs;
		}
		expect(alarms).toEqual([{ lateMs: 5_000 }]);
	});
});
