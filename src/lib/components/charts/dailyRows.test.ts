import { describe, expect, it } from 'vitest';
import type { CurvePointView } from '#lib/domain/analyticsViews.ts';
import { dailyRows } from './dailyRows.ts';

const at = (time: string, equity: string | null, balance: string | null = equity): CurvePointView => ({
	...{ at: `2026-03-${time}:00.000Z`, equity, balance },
	...{ fall: null, flow: null, credit: null, isAfterGap: false }
});

describe('the rows of a curve', () => {
	it('are the last known point of each day, the newest day first', () => {
		const rows = dailyRows([
			at('02T10:00', '1'),
			at('02T22:00', '2'),
			at('03T10:00', null),
			at('04T10:00', null, '3'),
			at('04T14:00', null)
		]);
		expect(rows.map((row) => [row.at.slice(8, 10), row.equity, row.balance])).toEqual([
			['04', null, '3'],
			['02', '2', '2']
		]);
	});
});
