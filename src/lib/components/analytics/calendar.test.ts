import { describe, expect, it } from 'vitest';
import { monthsOf } from './calendar.ts';

const day = (text: string, netProfit: string) => ({
	day: text,
	netProfit,
	trades: 1,
	wins: 1,
	losses: 0,
	deposits: '0',
	withdrawals: '0',
	balance: '0'
});

describe('monthsOf', () => {
	it('lays days out under their weekdays, with the month’s sum', () => {
		// 1 February 2026 is a Sunday.
		const [february] = monthsOf([day('2026-02-01', '-1.50'), day('2026-02-28', '3')]);
		expect(february).toMatchObject({ name: 'February 2026', netProfit: '1.50' });
		expect(february?.weeks).toHaveLength(5);
		expect(february?.weeks[0]?.slice(0, 6)).toEqual([null, null, null, null, null, null]);
		expect(february?.weeks[0]?.[6]).toMatchObject({ date: 1, day: { netProfit: '-1.50' } });
		expect(february?.weeks[4]?.[5]).toMatchObject({ date: 28, day: { netProfit: '3' } });
		expect(february?.weeks[4]?.[6]).toBeNull();
	});
	it('begins with the newest month', () => {
		expect(monthsOf([day('2025-12-31', '1'), day('2026-01-01', '1')]).map(({ key }) => key)).toEqual([
			'2026-01',
			'2025-12'
		]);
	});
});
