/** From sums to the figures of a range. */
import type {
	DayView,
	DrawdownView,
	RangeFiguresView,
	SliceView,
	TradeFiguresView
} from '#lib/domain/analyticsViews.ts';
import {
	gain,
	growthIndex,
	recoveryFactor,
	returnOf,
	sharpe,
	sortino,
	type Period
} from '#lib/domain/metrics/growth.ts';
import { ZERO, type Decimal } from '#lib/domain/metrics/money.ts';
import { joinSums, NO_TRADES, ratiosOf, type TradeSums } from '#lib/domain/metrics/tradeStats.ts';
import { addDays, startOf } from './analyticsRequest.ts';
import type { Fall } from './balanceFalls.ts';
import { sumOfDays, type AccountMoney } from './readMoney.ts';
import { addSums, type AccountTrades, type SumsByKey } from './readTrades.ts';

/** Fraction digits of what was divided; sums keep all of theirs. */
const QUOTIENT_DIGITS = 8;

export const quotient = (value: Decimal | null): string | null =>
	value === null ? null : value.toDecimalPlaces(QUOTIENT_DIGITS).toFixed();
const exact = (value: Decimal | null): string | null => (value === null ? null : value.toFixed());

export const totalOf = (sums: SumsByKey): TradeSums => [...sums.values()].reduce(joinSums, NO_TRADES);

function tradeFigures(sums: TradeSums): TradeFiguresView {
	const ratios = ratiosOf(sums);
	return {
		trades: sums.trades,
		wins: sums.wins,
		losses: sums.losses,
		lots: sums.volumeLots.toFixed(),
		grossProfit: sums.grossProfit.toFixed(),
		grossLoss: sums.grossLoss.toFixed(),
		winRate: quotient(ratios.winRate),
		profitFactor: quotient(ratios.profitFactor),
		expectancy: quotient(ratios.expectancy),
		averageWin: quotient(ratios.averageWin),
		averageLoss: quotient(ratios.averageLoss),
		bestTrade: exact(sums.best),
		worstTrade: exact(sums.worst),
		averageHoldingMs: ratios.averageHoldingMs === null ? null : Math.round(ratios.averageHoldingMs)
	};
}

const isWeekend = (day: string): boolean => startOf(day).getUTCDay() % 6 === 0;

/** The days from `from` to `to` on which the market was open or something happened, each with its balances. */
export function periodsOf(money: AccountMoney, from: string, to: string): { day: string; period: Period }[] {
	const periods: { day: string; period: Period }[] = [];
	let balance = money.opening;
	for (let day = from; day <= to; day = addDays(day, 1)) {
		const changes = money.days.get(day);
		if (changes === undefined && isWeekend(day)) continue;
		const { netProfit, deposits, withdrawals } = changes ?? {
			netProfit: ZERO,
			deposits: ZERO,
			withdrawals: ZERO
		};
		const end = balance.plus(netProfit).plus(deposits).minus(withdrawals);
		const period = { atMs: startOf(day).getTime(), start: balance, end, deposits, withdrawals };
		balance = end;
		// Before the first money there is no return, and no day of the account.
		if (periods.length > 0 || returnOf(period) !== null) periods.push({ day, period });
	}
	return periods;
}

const drawdown = (fall: Fall | undefined): DrawdownView | null =>
	fall === undefined ? null : { money: fall.money.toFixed(), share: quotient(fall.share) };

export function rangeFigures(
	trades: AccountTrades,
	money: AccountMoney,
	days: { from: string; to: string },
	falls: { balance: Fall | undefined; equity: Fall | undefined }
): RangeFiguresView {
	const total = sumOfDays(money.days.values());
	const periods = periodsOf(money, days.from, days.to).map(({ period }) => period);
	const returns = periods.flatMap((period) => returnOf(period) ?? []);
	return {
		...tradeFigures(totalOf(trades.day)),
		netProfit: total.netProfit.toFixed(),
		swap: total.swap.toFixed(),
		commission: total.commission.toFixed(),
		fee: total.fee.toFixed(),
		deposits: total.deposits.toFixed(),
		withdrawals: total.withdrawals.toFixed(),
		gain: quotient(gain(periods)),
		balanceDrawdown: drawdown(falls.balance),
		equityDrawdown: drawdown(falls.equity),
		recoveryFactor: quotient(recoveryFactor(total.netProfit, falls.balance?.money ?? null)),
		sharpe: quotient(sharpe(returns)),
		sortino: quotient(sortino(returns))
	};
}

/** Gain since the start of the range, after each day. */
export function growthOf(money: AccountMoney, from: string, to: string): { day: string; gain: string }[] {
	const periods = periodsOf(money, from, to);
	const index = growthIndex(periods.map(({ period }) => period));
	return periods.map(({ day }, i) => ({
		day,
		gain: (index[i]?.value ?? ZERO).minus(1).toDecimalPlaces(QUOTIENT_DIGITS).toFixed()
	}));
}

export function slicesOf(sums: SumsByKey, order: (a: SliceView, b: SliceView) => number): SliceView[] {
	return [...sums]
		.map(([key, { trades, wins, losses, volumeLots, grossProfit, grossLoss }]) => ({
			key,
			trades,
			wins,
			losses,
			lots: volumeLots.toFixed(),
			net: grossProfit.plus(grossLoss).toFixed()
		}))
		.sort(order);
}

/** ISO weekday, `1` Monday to `7` Sunday. */
export function byWeekday(days: SumsByKey): SumsByKey {
	const weekdays: SumsByKey = new Map();
	for (const [day, sums] of days) addSums(weekdays, String(startOf(day).getUTCDay() || 7), sums);
	return weekdays;
}

export function daysOf(trades: AccountTrades, money: AccountMoney): DayView[] {
	let balance = money.opening;
	return [...money.days]
		.sort(([a], [b]) => a.localeCompare(b))
		.map(([day, { netProfit, deposits, withdrawals }]) => {
			balance = balance.plus(netProfit).plus(deposits).minus(withdrawals);
			const sums = trades.day.get(day) ?? NO_TRADES;
			return {
				day,
				netProfit: netProfit.toFixed(),
				trades: sums.trades,
				wins: sums.wins,
				losses: sums.losses,
				deposits: deposits.toFixed(),
				withdrawals: withdrawals.toFixed(),
				balance: balance.toFixed()
			};
		});
}
