/**
 * Deals on their way into the database, in one transaction: checked against the assignment of their account, stored
 * once by account and ticket, and with them the sums of every day that they change.
 */
import type { Database, Sql } from '../db.ts';
import { updateDays, type ChangedDeal } from './dailyPerformance.ts';
import type { DealBatch, DealOwner, DealRow } from './dealBatch.ts';

/** @returns the batches that are stored now; the others are not their agent's (any more) */
export function storeDeals(db: Database, batches: readonly DealBatch[]): Promise<Set<DealBatch>> {
	return db.transaction(async (sql) => {
		const accountIds = [...new Set(batches.map(({ owner }) => owner.accountId))];
		// Two servers may hear of one account right after another: its days must count the deals of both.
		await sql.query(
			`SELECT pg_advisory_xact_lock(hashtextextended('deals ' || id, 0))
			 FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) AS x`,
			[accountIds]
		);
		const held = await heldOf(sql, batches);
		const rows = new Map<string, DealRow>();
		for (const batch of held) for (const row of batch.rows) rows.set(`${row.accountId} ${row.ticket}`, row);
		if (rows.size > 0) await updateDays(sql, await writeRows(sql, [...rows.values()]));
		return held;
	});
}

/** Their accounts stay with these agents until the end of the transaction. */
async function heldOf(sql: Sql, batches: readonly DealBatch[]): Promise<Set<DealBatch>> {
	const { rows } = await sql.query<DealOwner>({
		name: 'deals-held',
		text: `SELECT "accountId", "agentId", epoch FROM "Mt5AccountAssignment"
		       WHERE "accountId" = ANY($1::uuid[]) ORDER BY "accountId" FOR SHARE`,
		values: [batches.map(({ owner }) => owner.accountId)]
	});
	const holders = new Map(rows.map((row) => [row.accountId, row]));
	return new Set(
		batches.filter(({ owner }) => {
			const holder = holders.get(owner.accountId);
			return holder?.agentId === owner.agentId && holder.epoch === owner.epoch;
		})
	);
}

/**
 * A ticket that is there already stays at its time, as first told; what the broker corrected is corrected.
 * @returns what is new or other than before, and changes a day's sums: a credit is in none
 */
export async function writeRows(sql: Sql, deals: readonly DealRow[]): Promise<ChangedDeal[]> {
	const { rows } = await sql.query<ChangedDeal>({
		name: 'deals-write',
		text: `WITH written AS (
		       INSERT INTO "Deal" AS d ("accountId", ticket, kind, type, entry, "positionId", symbol, side, lots, price,
		         profit, swap, commission, fee, magic, "positionMagic", reason, comment, "serverTimeMs", "gmtOffsetMin", at)
		       SELECT "accountId", ticket, kind, type, entry, "positionId", symbol, side, lots, price,
		         profit, swap, commission, fee, magic, "positionMagic", reason, comment, "serverTimeMs", "gmtOffsetMin", at
		       FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, ticket numeric, kind text, type int, entry text,
		         "positionId" numeric, symbol text, side text, lots numeric, price numeric, profit numeric, swap numeric,
		         commission numeric, fee numeric, magic bigint, "positionMagic" bigint, reason int, comment text,
		         "serverTimeMs" bigint, "gmtOffsetMin" int, at timestamptz)
		       ON CONFLICT ("accountId", ticket) DO UPDATE SET lots = excluded.lots, price = excluded.price,
		         profit = excluded.profit, swap = excluded.swap, commission = excluded.commission, fee = excluded.fee
		       WHERE d.kind = excluded.kind AND (d.lots, d.price, d.profit, d.swap, d.commission, d.fee) IS DISTINCT FROM
		         (excluded.lots, excluded.price, excluded.profit, excluded.swap, excluded.commission, excluded.fee)
		       RETURNING "accountId", kind, "positionId"::text AS "positionId",
		         ((at AT TIME ZONE 'UTC')::date)::text AS day)
		       SELECT "accountId", "positionId", day FROM written WHERE kind <> 'credit'`,
		values: [JSON.stringify(deals)]
	});
	return rows;
}
