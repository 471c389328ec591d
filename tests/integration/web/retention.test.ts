/** S3: what is kept of what happened, and for how long. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { removeOld } from '#lib/server/retention.ts';
import { query } from '../../support/database.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let db: Database;
beforeAll(async () => {
	web = await startWebServer();
	db = openDatabase(web.databaseUrl, 2, () => undefined);
});
afterAll(async () => {
	await db.close();
	await web.stop();
});

const told = (table: 'SystemLog' | 'AuditLog', text: 'message' | 'action') =>
	query<Record<string, string>>(web.databaseUrl, `SELECT ${text} AS text FROM "${table}" ORDER BY at`).then(
		(rows) => rows.map((row) => row['text'])
	);

describe('S3: the logs', () => {
	it('lose what terminals and agents reported after a year, and nothing of who did what', async () => {
		for (const [name, days] of [
			['older', 366],
			['younger', 364]
		] as const) {
			await db.pool.query(
				`INSERT INTO "SystemLog" (id, at, level, source, message)
				 VALUES (gen_random_uuid(), now() - make_interval(days => $2), 'info', 'agent', $1)`,
				[name, days]
			);
			await db.pool.query(
				`INSERT INTO "AuditLog" (id, at, action, detail)
				 VALUES (gen_random_uuid(), now() - make_interval(days => $2), $1, '{}')`,
				[name, days]
			);
		}
		await removeOld(db);
		expect(await told('SystemLog', 'message')).toEqual(['younger']);
		expect(await told('AuditLog', 'action')).toEqual(['older', 'younger']);
	});
});
