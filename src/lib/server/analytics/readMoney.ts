/** What a range's deals did to the balances: day by day, from where on, and how deep it fell on the way. */
import { Decimal, ZERO } from '#lib/domain/metrics/money.ts';
import type { Sql } from '../db.ts';
import { DAILY_MONEY, OPENING_BALANCES } from './tradeSql.ts';

export interface DayMoney {
	netProfit: Decimal;
	swap: Decimal;
	commission: Decimal;
	fee: Decimal;
	deposits: Decimal;
	/** Zero or more. */
	withdrawals: Decimal;
}

export interface AccountMoney {
	/** Balance at the beginning of the range. */
	opening: Decimal;
	/** Days on which something happened. */
	days: Map<string, DayMoney>;
}

const NO_MONEY: DayMoney = {
	netProfit: ZERO,
	swap: ZERO,
	commission: ZERO,
	fee: ZERO,
	deposits: ZERO,
	withdrawals: ZERO
};

const joinDays = (a: DayMoney, b: DayMoney): DayMoney => ({
	netProfit: a.netProfit.plus(b.netProfit),
	swap: a.swap.plus(b.swap),
	commission: a.commission.plus(b.commission),
	fee: a.fee.plus(b.fee),
	deposits: a.deposits.plus(b.deposits),
	withdrawals: a.withdrawals.plus(b.withdrawals)
});

export const sumOfDays = (days: Iterable<DayMoney>): DayMoney => [...days].reduce(joinDays, NO_MONEY);

/** Accounts of one currency as one. */
export function joinMoney(parts: readonly AccountMoney[]): AccountMoney {
	const days = new Map<string, DayMoney>();
	for (const part of parts)
		for (const [day, money] of part.days) days.set(day, joinDays(days.get(day) ?? NO_MONEY, money));
	return { opening: parts.reduce((sum, { opening }) => sum.plus(opening), ZERO), days };
}

type DayRow = { accountId: string; day: string } & Record<keyof DayMoney, string>;

/** @param until the first moment after the range, which is of whole days (UTC) */
export async function readMoney(
	sql: Sql,
	accountIds: readonly string[],
	from: Date,
	until: Date
): Promise<Map<string, AccountMoney>> {
	const [firstDay, nextDay] = [from, until].map((moment) => moment.toISOString().slice(0, 10));
	const [openings, days] = await Promise.all([
		sql.query<{ accountId: string; balance: string }>(OPENING_BALANCES, [accountIds, firstDay]),
		sql.query<DayRow>(DAILY_MONEY, [accountIds, firstDay, nextDay])
	]);
	const byAccount = new Map<string, AccountMoney>(
		accountIds.map((id) => [
			id,
			{
				opening: new Decimal(openings.rows.find(({ accountId }) => accountId === id)?.balance ?? 0),
				days: new Map()
			}
		])
	);
	for (const { accountId, day, ...row } of days.rows)
		byAccount.get(accountId)?.days.set(day, {
			netProfit: new Decimal(row.netProfit),
			swap: new Decimal(row.swap),
			commission: new Decimal(row.commission),
			fee: new Decimal(row.fee),
			deposits: new Decimal(row.deposits),
			withdrawals: new Decimal(row.withdrawals)
		});
	return byAccount;
}
