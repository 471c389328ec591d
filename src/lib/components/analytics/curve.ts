/** A balance over days as points of a picture. Pixels need no exactness; the figures beside it are exact. */
import { signOf } from '#lib/domain/decimal.ts';
import type { DayView } from '#lib/domain/analyticsViews.ts';

export const CURVE_WIDTH = 600;
export const CURVE_HEIGHT = 160;

export interface Curve {
	/** `x,y x,y …`, as a step at every day's end. */
	points: string;
	/** Where money was paid in or out. */
	flows: { x: number; y: number; isDeposit: boolean; day: string }[];
	lowest: string;
	highest: string;
}

const dayNumber = (day: string): number => Date.parse(day) / 86_400_000;

/** Null when there is nothing to draw. */
export function curveOf(opening: string, days: readonly DayView[], from: string, to: string): Curve | null {
	if (days.length === 0) return null;
	const balances = [opening, ...days.map(({ balance }) => balance)];
	const byAmount = balances.toSorted((a, b) => Number(a) - Number(b));
	const lowest = byAmount[0] ?? '0';
	const highest = byAmount.at(-1) ?? '0';
	const height = Number(highest) - Number(lowest) || 1;
	const first = dayNumber(from);
	const span = Math.max(1, dayNumber(to) + 1 - first);
	const x = (day: number) => round(((day - first) / span) * CURVE_WIDTH);
	const y = (balance: string) => round(CURVE_HEIGHT * (1 - (Number(balance) - Number(lowest)) / height));
	const steps = days.flatMap(({ day, balance }, index) => {
		const end = x(dayNumber(day) + 1);
		return [`${end},${y(balances[index] ?? opening)}`, `${end},${y(balance)}`];
	});
	return {
		points: [`0,${y(opening)}`, ...steps, `${CURVE_WIDTH},${y(balances.at(-1) ?? opening)}`].join(' '),
		flows: days
			.filter(({ deposits, withdrawals }) => signOf(deposits) !== 0 || signOf(withdrawals) !== 0)
			.map(({ day, balance, deposits }) => ({
				x: x(dayNumber(day) + 1),
				y: y(balance),
				isDeposit: signOf(deposits) !== 0,
				day
			})),
		lowest,
		highest
	};
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10;
