/** Gives the demo's accounts a past, so that every chart has something to show. */
import { openDatabase } from '#lib/server/db.ts';
import { updateDays } from '#lib/server/deals/dailyPerformance.ts';
import { writeRows } from '#lib/server/deals/storeDeals.ts';
import { DEMO_BALANCES, DEMO_TRADER } from '../../prisma/seed.ts';
import { tradingYear } from './tradingYear.ts';

/** Once, right after the accounts were made. */
export async function fillHistory(url: string, now: Date): Promise<void> {
	const db = openDatabase(url, 2, () => undefined);
	try {
		const accounts = await db.prisma.mt5Account.findMany({
			where: { user: { email: DEMO_TRADER.email } },
			select: { id: true, accountNumber: true }
		});
		for (const { id, accountNumber } of accounts) {
			const balance = DEMO_BALANCES.get(accountNumber);
			if (balance === undefined) continue;
			const balanceCents = Math.round(Number(balance) * 100);
			const { deals, snapshots } = tradingYear(id, balanceCents, Number(accountNumber), now);
			await db.transaction(async (sql) => {
				await updateDays(sql, await writeRows(sql, deals));
				await sql.query(
					`INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions", "openLots")
					 SELECT $1, at, balance, equity, equity - balance, 0, 0, 0
					 FROM jsonb_to_recordset($2::jsonb) AS x(at timestamptz, balance numeric, equity numeric)
					 ON CONFLICT DO NOTHING`,
					[id, JSON.stringify(snapshots)]
				);
			});
		}
	} finally {
		await db.close();
	}
}
