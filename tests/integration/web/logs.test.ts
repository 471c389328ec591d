import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditLineView, LogPageView, SystemLineView } from '#lib/domain/logViews.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const LOG = '/api/user/activity/log';
const SYSTEM = '/api/user/activity/system';
let web: WebServer;
let operator: ApiClient;
let trader: ApiClient;
let other: ApiClient;

beforeAll(async () => {
	web = await startWebServer();
	operator = new ApiClient(web.origin);
	trader = new ApiClient(web.origin);
	other = new ApiClient(web.origin);
	// The first who registers is the operator.
	await operator.register('operator@example.test');
	await trader.register('trader@example.test');
	await other.register('other@example.test');
	await trader.addAccount('77001');
	await other.addAccount('88001');
	// 120 reports of one millisecond each, two to a moment: pages must not lose or repeat any.
	await query(
		web.databaseUrl,
		`INSERT INTO "SystemLog" (id, at, level, source, "userId", message, detail)
		 SELECT gen_random_uuid(), '2026-03-01T00:00:00Z'::timestamptz + (n / 2) * interval '1 ms',
		   CASE n % 3 WHEN 0 THEN 'info' WHEN 1 THEN 'warn' ELSE 'error' END, 'agent',
		   (SELECT id FROM "User" WHERE email = 'trader@example.test'), 'report ' || n, '{"code":"test"}'
		 FROM generate_series(1, 120) n`
	);
});
afterAll(() => web.stop());

const log = async (who: ApiClient, search = '') =>
	(await who.get<LogPageView<AuditLineView>>(LOG + search)).body;

async function walk(search: string): Promise<SystemLineView[]> {
	const lines: SystemLineView[] = [];
	let before: string | null = null;
	do {
		const params = new URLSearchParams(search);
		if (before !== null) params.set('before', before);
		const { body } = await trader.get<LogPageView<SystemLineView>>(`${SYSTEM}?${params}`);
		lines.push(...body.lines);
		before = body.nextCursor;
	} while (before !== null);
	return lines;
}

describe('S3: the activity log', () => {
	it('tells who did what, from where, newest first', async () => {
		const { lines } = await log(trader);
		expect(lines[0]).toMatchObject({
			action: 'account.create',
			who: expect.stringContaining('trader@example.test') as string,
			target: expect.stringContaining('77001') as string,
			ip: '127.0.0.1',
			device: 'A Node.js program'
		});
		expect(lines.map(({ action }) => action)).toContain('user.register');
	});

	it('shows nobody the lines of another', async () => {
		const text = JSON.stringify(await log(trader));
		expect(text).not.toContain('other@example.test');
		expect(text).not.toContain('88001');
	});

	it('gives an operator the lines of everybody, when asked for, and a trader a 404', async () => {
		const text = JSON.stringify(await log(operator, '?all=true'));
		expect(text).toContain('trader@example.test');
		expect(text).toContain('other@example.test');
		expect((await trader.refusal('GET', `${LOG}?all=true`)).status).toBe(404);
		expect((await trader.refusal('GET', `${LOG}.csv?all=true`)).status).toBe(404);
	});

	it('is filtered by what it is about, and by day', async () => {
		expect((await log(trader, '?thing=account')).lines.map(({ action }) => action)).toEqual([
			'account.create'
		]);
		expect((await log(trader, '?to=2020-01-01')).lines).toEqual([]);
	});

	it.each([
		'?from=yesterday',
		'?from=2026-03-03&to=2026-03-02',
		'?before=now',
		'?thing=money',
		'?surprise=1',
		'?before=2026-01-01T00:00:00Z_x'
	])('refuses %s with 400, as API and as page', async (search) => {
		expect(await trader.refusal('GET', LOG + search)).toMatchObject({ status: 400, code: 'VALIDATION' });
		const page = await trader.send<string>('GET', `/activity/log${search}`, undefined, {
			accept: 'text/html'
		});
		expect(page.status).toBe(400);
	});

	it('is a CSV file in which no text is a formula', async () => {
		const { body: account } = await trader.send<{ id: string }>('POST', '/api/user/mt5-accounts', {
			accountNumber: '77002',
			name: '=HYPERLINK("http://evil.test")',
			broker: 'Aurora, "Ltd"',
			serverName: 'Aurora-Demo',
			kind: 'DEMO',
			currency: 'USD',
			password: 'secret-of-77002'
		});
		expect(account.id).toBeTruthy();
		const file = await trader.send<string>('GET', `${LOG}.csv?thing=account`);
		expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
		expect(file.headers.get('content-disposition')).toBe('attachment; filename="quintet-activity.csv"');
		expect(file.body).toContain(`"'=HYPERLINK(""http://evil.test"") (77002)"`);
		expect(file.body).not.toContain('secret-of-77002');
	});
});

describe('S3: the system log', () => {
	it('is read page by page without loss or repetition, also where lines share a moment', async () => {
		const numbers = (await walk('')).map(({ message }) => Number(message.slice(7)));
		expect(new Set(numbers).size).toBe(120);
		expect(numbers).toHaveLength(120);
		expect(numbers.map((n) => Math.floor(n / 2))).toEqual(
			numbers.map((n) => Math.floor(n / 2)).sort((x, y) => y - x)
		);
	});

	it('is filtered by level, the worse ones included', async () => {
		expect((await walk('level=warn')).every(({ level }) => level !== 'info')).toBe(true);
		expect(await walk('level=error')).toHaveLength(40);
		expect(await walk('from=2026-03-02')).toHaveLength(0);
	});

	it('is filtered by account; one that is not yours is not found, neither as a page nor as a file', async () => {
		const { body: own } = await trader.get<{ accounts: { id: string }[] }>('/api/user/mt5-accounts');
		const { body: foreign } = await other.get<{ accounts: { id: string }[] }>('/api/user/mt5-accounts');
		const id = own.accounts[0]?.id ?? '';
		await query(
			web.databaseUrl,
			`INSERT INTO "SystemLog" (id, at, level, source, "userId", "accountId", message)
			 SELECT gen_random_uuid(), '2026-02-01T00:00:00Z', 'warn', 'agent', a."userId", a.id, 'of this account'
			 FROM "Mt5Account" a WHERE a.id = $1`,
			[id]
		);
		expect(await walk(`account_id=${id}`)).toMatchObject([{ message: 'of this account' }]);
		for (const path of [SYSTEM, `${SYSTEM}.csv`]) {
			for (const missing of [foreign.accounts[0]?.id, 'none', '0190aaaa-0000-7000-8000-000000000000'])
				expect((await trader.send('GET', `${path}?account_id=${missing}`)).status).toBe(404);
		}
		await query(web.databaseUrl, `DELETE FROM "SystemLog" WHERE message = 'of this account'`);
	});

	it('is saved whole as a file', async () => {
		const file = await trader.send<string>('GET', `${SYSTEM}.csv`);
		expect(file.body.trimEnd().split('\r\n')).toHaveLength(121);
		expect((await other.send<string>('GET', `${SYSTEM}.csv`)).body.trimEnd().split('\r\n')).toHaveLength(1);
	});
});
