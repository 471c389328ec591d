import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { signedIn } from './people.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

describe('X26: the audit log only grows', () => {
	it.each([
		['an UPDATE', `UPDATE "AuditLog" SET action = 'nothing'`],
		[
			'an UPDATE of one line',
			`UPDATE "AuditLog" SET detail = '{}' WHERE id = (SELECT id FROM "AuditLog" LIMIT 1)`
		],
		['a DELETE', `DELETE FROM "AuditLog"`],
		['a TRUNCATE', `TRUNCATE "AuditLog"`],
		['a TRUNCATE of all', `TRUNCATE "User", "AuditLog" CASCADE`],
		[
			'an upsert',
			`INSERT INTO "AuditLog" (id, action, detail) SELECT id, action, detail FROM "AuditLog"
			 ON CONFLICT (id) DO UPDATE SET action = 'nothing'`
		]
	])('refuses %s by the role the application has', async (_what, statement) => {
		await signedIn(web, `audited-${Math.random().toString(36).slice(2)}@example.test`);
		const lines = () => query(web.databaseUrl, 'SELECT * FROM "AuditLog" ORDER BY id');
		const before = await lines();
		expect(before.length).toBeGreaterThan(0);
		await expect(query(web.databaseUrl, statement)).rejects.toMatchObject({
			code: '42501',
			message: expect.stringContaining('append-only')
		});
		expect(await lines()).toEqual(before);
	});

	it('keeps the lines of accounts and people who are gone', async () => {
		const trader = await signedIn(web, 'gone@example.test');
		const { id } = await trader.addAccount('7701');
		expect((await trader.send('DELETE', `/api/user/mt5-accounts/${id}`)).status).toBe(204);
		await query(web.databaseUrl, `DELETE FROM "User" WHERE email = 'gone@example.test'`);
		const actions = await query<{ action: string }>(
			web.databaseUrl,
			`SELECT action FROM "AuditLog" WHERE "targetId" = $1 ORDER BY at`,
			[id]
		);
		expect(actions.map(({ action }) => action)).toEqual(['account.create', 'account.delete']);
	});

	it('tells who signed in, confirmed and changed what, from where, and never with a secret', async () => {
		const trader = await signedIn(web, 'told@example.test');
		await trader.send('POST', '/api/auth/step-up', { password: 'a wrong guess' });
		await trader.confirm();
		await trader.send('POST', '/api/auth/password', {
			currentPassword: 'correct horse',
			newPassword: 'battery staple 7'
		});
		await trader.send('POST', '/api/auth/login', {
			email: 'told@example.test',
			password: 'battery staple 7'
		});
		const rows = await query<{ action: string; ip: string; userAgent: string; detail: unknown }>(
			web.databaseUrl,
			`SELECT a.action, a.ip, a."userAgent", a.detail FROM "AuditLog" a JOIN "User" u ON u.id = a."userId"
			 WHERE u.email = 'told@example.test' ORDER BY a.at, a.id`
		);
		expect(rows.map(({ action }) => action)).toEqual([
			'user.register',
			'user.confirm_failed',
			'user.confirm',
			'user.password_change',
			'user.login'
		]);
		for (const { ip, userAgent } of rows) {
			expect(ip).toBe('127.0.0.1');
			expect(userAgent).not.toBe('');
		}
		expect(JSON.stringify(rows)).not.toMatch(/correct horse|battery staple|wrong guess/);
	});
});
