/** Days laid out as months of weeks that begin on Monday. */
import { addDecimals } from '#lib/domain/decimal.ts';
import type { DayView } from '#lib/domain/analyticsViews.ts';

export interface MonthGrid {
	/** `2026-03` */
	key: string;
	/** `March 2026` */
	name: string;
	netProfit: string;
	/** Null: not of this month. */
	weeks: ({ date: number; day: DayView | null } | null)[][];
}

const NAMES = [
	...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
	...['October', 'November', 'December']
];

/** The months in which something happened, the newest first. */
export function monthsOf(days: readonly DayView[]): MonthGrid[] {
	const byMonth = Map.groupBy(days, ({ day }) => day.slice(0, 7));
	return [...byMonth].sort(([a], [b]) => b.localeCompare(a)).map(([key, own]) => monthOf(key, own));
}

function monthOf(key: string, days: readonly DayView[]): MonthGrid {
	const [year = 0, month = 1] = key.split('-').map(Number);
	const byDate = new Map(days.map((day) => [Number(day.day.slice(8)), day]));
	const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
	const before = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
	const cells = [
		...Array.from({ length: before }, () => null),
		...Array.from({ length }, (_, i) => ({ date: i + 1, day: byDate.get(i + 1) ?? null }))
	];
	while (cells.length % 7 !== 0) cells.push(null);
	return {
		key,
		name: `${NAMES[month - 1]} ${year}`,
		netProfit: addDecimals(...days.map(({ netProfit }) => netProfit)),
		weeks: Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
	};
}
