/** D3: what was stored before credits were kept apart is put right by the migration. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { aDeal, storeDeals } from '../../support/deals.ts';

const MIGRATION = new URL('../../../prisma/migrations/20261128193000_credits/migration.sql', import.meta.url);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: pg.Client;
beforeAll(async () => {
	database = await createTestDatabase();
	client = new pg.Client({ connectionString: database.url });
	await client.connect();
});
afterAll(async () => {
	await client.end();
	await database.drop();
});

describe('the migration of credits', () => {
	it('takes them out of the deposits and the profit of their days, and nothing else', async () => {
		const { rows } = await client.query<{ id: string }>(
			`WITH u AS (INSERT INTO "User" (id, email, name, "passwordHash")
			   VALUES (gen_random_uuid(), 'credit@example.test', 'a', '') RETURNING id)
			 INSERT INTO "Mt5Account" (id, "userId", "accountNumber", "serverName", broker, name, "updatedAt")
			 SELECT gen_random_uuid(), id, '1', 'S', 'B', 'n', now() FROM u RETURNING id`
		);
		const id = rows[0]?.id ?? '';
		await storeDeals(database.url, id, [
			aDeal({ ticket: 1, kind: 'flow', profit: '1000', at: '2026-03-02T08:00:00Z' }),
			aDeal({ ticket: 2, kind: 'flow', profit: '500', at: '2026-03-02T09:00:00Z' }),
			aDeal({ ticket: 3, profit: '20', swap: '-1', at: '2026-03-02T10:00:00Z' }),
			aDeal({ ticket: 4, kind: 'flow', profit: '-500', at: '2026-03-03T08:00:00Z' }),
			aDeal({ ticket: 5, kind: 'charge', profit: '70', at: '2026-03-04T08:00:00Z' })
		]);
		// As they were stored before: credit, credit, and what the broker gives after a stop out.
		await client.query(
			`UPDATE "Deal" SET type = CASE ticket WHEN 2 THEN 3 WHEN 4 THEN 6 ELSE 19 END WHERE ticket IN (2, 4, 5)`
		);
		await client.query(await readFile(MIGRATION, 'utf8'));
		const kinds = await client.query<{ kind: string }>(`SELECT kind FROM "Deal" ORDER BY ticket`);
		expect(kinds.rows.map(({ kind }) => kind)).toEqual(['flow', 'credit', 'trade', 'credit', 'flow']);
		const days = await client.query(
			`SELECT day::text, "netProfit"::text AS net, swap::text, deposits::text, withdrawals::text, trades
			 FROM "DailyPerformance" ORDER BY 1`
		);
		expect(days.rows).toEqual([
			{ day: '2026-03-02', net: '19', swap: '-1', deposits: '1000', withdrawals: '0', trades: 1 },
			{ day: '2026-03-04', net: '0', swap: '0', deposits: '70', withdrawals: '0', trades: 0 }
		]);
	});
});
