/** Accounts find their agent, whoever looks at the same time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignUnassigned } from '#lib/server/accounts/assignAccounts.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let db: Database;
beforeAll(async () => {
	web = await startWebServer();
	db = openDatabase(web.databaseUrl, 4, () => undefined);
});
afterAll(async () => {
	await db.close();
	await web.stop();
});

describe('O1: an account has one agent', () => {
	it('gives an account away once when two transactions do it at once, and neither fails', async () => {
		const { accounts, enrolled } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		await query(web.databaseUrl, 'DELETE FROM "Mt5AccountAssignment" WHERE "accountId" = $1', [id]);

		const first = await db.pool.connect();
		const second = await db.pool.connect();
		await first.query('BEGIN');
		await second.query('BEGIN');
		const mine = await assignUnassigned(first, [enrolled.agentId], id);
		// Waits for the first one's lock on the account, with a picture of the table from before.
		const theirs = assignUnassigned(second, [enrolled.agentId], id);
		await waitFor('the second to wait', async () => {
			const waiting = await query(
				web.databaseUrl,
				`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
			);
			return waiting.length > 0;
		});
		await first.query('COMMIT');
		expect(mine).toHaveLength(1);
		expect(await theirs).toEqual([]);
		await second.query('COMMIT');
		first.release();
		second.release();
	});
});
