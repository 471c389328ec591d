import { describe, expect, it } from 'vitest';
import { isNearHandleLimit, isSessionNearHandleLimit } from './terminalResources.ts';

describe('the handles of a terminal', () => {
	it('are tight from four fifths of either limit on', () => {
		expect(isNearHandleLimit({ gdiHandles: 7_999, userHandles: 7_999 })).toBe(false);
		expect(isNearHandleLimit({ gdiHandles: 8_000, userHandles: 1 })).toBe(true);
		expect(isNearHandleLimit({ gdiHandles: 1, userHandles: 8_000 })).toBe(true);
	});

	it('count together for the session, GDI and USER each for itself', () => {
		const fifty = (gdiHandles: number, userHandles: number) =>
			Array.from({ length: 50 }, () => ({ gdiHandles, userHandles }));
		expect(isSessionNearHandleLimit(fifty(1_000, 1_000))).toBe(false);
		expect(isSessionNearHandleLimit(fifty(300, 1_049))).toBe(true);
		expect(isSessionNearHandleLimit([])).toBe(false);
	});
});
