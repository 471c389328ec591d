import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let traderCount = 0;

beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

async function newTrader(): Promise<ApiClient> {
	const client = new ApiClient(web.origin);
	await client.register(`person${++traderCount}@example.test`);
	return client;
}

describe('F1, X25: at most five accounts are switched on', () => {
	it('never enables a sixth, whatever 200 parallel toggles do', async () => {
		const trader = await newTrader();
		const accounts: AccountView[] = [];
		for (let i = 1; i <= 8; i++) accounts.push(await trader.addAccount(String(1000 + i)));

		const answers = await Promise.all(
			Array.from({ length: 200 }, (_, i) => {
				const account = accounts[i % accounts.length];
				return trader.enable(account?.id ?? '', i % 7 !== 0);
			})
		);
		expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 409]));
		const list = await trader.accounts();
		expect(list.enabledCount).toBeLessThanOrEqual(5);

		for (const account of accounts) await trader.enable(account.id);
		expect((await trader.accounts()).enabledCount).toBe(5);
	});

	it('refuses the sixth with ENABLED_LIMIT and says what to do', async () => {
		const trader = await newTrader();
		const accounts: AccountView[] = [];
		for (let i = 1; i <= 6; i++) accounts.push(await trader.addAccount(String(2000 + i)));
		for (const account of accounts.slice(0, 5)) expect((await trader.enable(account.id)).status).toBe(200);

		const sixth = `/api/user/mt5-accounts/${accounts[5]?.id}/toggle`;
		const { status, code, error } = await trader.refusal('PATCH', sixth, { enabled: true });
		expect({ status, code }).toEqual({ status: 409, code: 'ENABLED_LIMIT' });
		expect(error?.message).toContain('Switch one off first');
		expect(await trader.accounts()).toMatchObject({ enabledCount: 5, limit: 5 });
	});

	it('turns the switch over when no position is given', async () => {
		const trader = await newTrader();
		const { id } = await trader.addAccount('2100');
		const toggle = () => trader.send<AccountView>('PATCH', `/api/user/mt5-accounts/${id}/toggle`);
		expect((await toggle()).body.isEnabledForTrading).toBe(true);
		expect((await toggle()).body.isEnabledForTrading).toBe(false);
	});

	it('refuses an account that is not active with ACCOUNT_NOT_ACTIVE', async () => {
		const trader = await newTrader();
		const { id } = await trader.addAccount('2200');
		await trader.send('PATCH', `/api/user/mt5-accounts/${id}`, { status: 'INACTIVE' });
		const refusal = await trader.refusal('PATCH', `/api/user/mt5-accounts/${id}/toggle`, { enabled: true });
		expect(refusal).toMatchObject({ status: 409, code: 'ACCOUNT_NOT_ACTIVE' });
	});
});

describe('C1, C2: create, edit, delete, primary', () => {
	it('makes the first account the primary, and hands the role on when it is deleted', async () => {
		const trader = await newTrader();
		const first = await trader.addAccount('3001');
		const second = await trader.addAccount('3002');
		expect([first.isPrimary, second.isPrimary]).toEqual([true, false]);
		expect((await trader.send('DELETE', `/api/user/mt5-accounts/${first.id}`)).status).toBe(204);
		expect((await trader.accounts()).accounts).toMatchObject([{ id: second.id, isPrimary: true }]);
	});

	it('gives the role of primary to another account', async () => {
		const trader = await newTrader();
		await trader.addAccount('3101');
		const second = await trader.addAccount('3102');
		await trader.send('PATCH', `/api/user/mt5-accounts/${second.id}`, { isPrimary: true });
		const primaries = (await trader.accounts()).accounts.filter((account) => account.isPrimary);
		expect(primaries.map((account) => account.id)).toEqual([second.id]);
	});

	it('refuses the same login on the same server twice', async () => {
		const trader = await newTrader();
		await trader.addAccount('3200');
		const body = { accountNumber: '3200', password: 'x', broker: 'B', serverName: 'Test-Demo' };
		expect(await trader.refusal('POST', '/api/user/mt5-accounts', body)).toMatchObject({
			status: 409,
			code: 'ACCOUNT_EXISTS'
		});
	});

	it('takes overrides per account and gives them back as effective settings', async () => {
		const trader = await newTrader();
		const { id } = await trader.addAccount('3300');
		await trader.send('PATCH', '/api/user/ea/settings', { maxLotSize: '2.50' });
		const patched = await trader.send<AccountView>('PATCH', `/api/user/mt5-accounts/${id}`, {
			overrides: { maxLoss: '99.00' }
		});
		expect(patched.body.settings).toMatchObject({ maxLotSize: '2.50', maxLoss: '99.00' });
	});

	it('refuses what could break out of an INI line, and stores nothing', async () => {
		const trader = await newTrader();
		const body = { accountNumber: '3400', password: 'x\r\n[Common]', broker: 'B', serverName: 'Test-Demo' };
		const { status, error } = await trader.refusal('POST', '/api/user/mt5-accounts', body);
		expect(status).toBe(400);
		expect(error?.fields?.['password']).toContain('line break');
		expect((await trader.accounts()).accounts).toEqual([]);
	});
});

describe('S2: credentials and ownership', () => {
	it('keeps no password in the database in clear, and gives none out', async () => {
		const trader = await newTrader();
		const password = 'canary-9f3b1c';
		const created = await trader.addAccount('4000', { password });
		expect(JSON.stringify(created)).not.toContain(password);
		expect(JSON.stringify(await trader.accounts())).not.toContain(password);
		// No agent is here to seal it for, so it is not kept at all, and the account says so.
		expect(created.needsPassword).toBe(true);
		const rows = await query<{ sealedPassword: string | null }>(
			web.databaseUrl,
			'SELECT "sealedPassword" FROM "Mt5Account" WHERE id = $1',
			[created.id]
		);
		expect(rows[0]?.sealedPassword).toBeNull();
		expect(web.log()).not.toContain(password);
	});

	it('answers 404 for another trader’s account on every route, and changes nothing', async () => {
		const owner = await newTrader();
		const thief = await newTrader();
		const { id } = await owner.addAccount('4100');
		const path = `/api/user/mt5-accounts/${id}`;
		const before = await owner.get(path);
		for (const [method, route, body] of [
			['GET', path, undefined],
			['PATCH', path, { name: 'mine now' }],
			['PATCH', `${path}/toggle`, { enabled: true }],
			['POST', '/api/user/ea/command', { command: 'stop_ea', accountIds: [id] }],
			['DELETE', path, undefined]
		] as const)
			expect(await thief.refusal(method, route, body)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
		expect((await owner.get(path)).body).toEqual(before.body);
	});
});
