/** X25: Start, and taking the account out of use, at the same moment. Whoever comes first wins; never both. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandView } from '#lib/domain/views.ts';
import { query } from '../support/database.ts';
import { arrangeScene, type Scene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

let web: WebServer;
let holder: pg.Client;
beforeAll(async () => {
	web = await startWebServer();
	holder = new pg.Client({ connectionString: web.databaseUrl });
	await holder.connect();
});
afterAll(async () => {
	await holder.end();
	await web.stop();
});

async function arrange(): Promise<Scene & { path: string; accountId: string }> {
	const scene = await arrangeScene(web, 1);
	const accountId = scene.accounts[0]?.id ?? '';
	scene.agent.report(accountId);
	await waitFor('a standstill', async () => (await scene.trader.accounts()).accounts[0]?.state === 'stopped');
	return { ...scene, accountId, path: `/api/user/mt5-accounts/${accountId}` };
}

const waitingForLock = async () => {
	const [row] = await query<{ count: string }>(
		web.databaseUrl,
		// The server writes other things meanwhile, and some of them wait for the row, too.
		`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
		   AND query LIKE '%FROM "User"%FOR UPDATE%'`
	);
	return Number(row?.count);
};

/** Sends both while nobody gets the row of the account's trader, the first one first, and then lets them go. */
async function atOnce<A, B>(
	accountId: string,
	first: () => Promise<A>,
	second: () => Promise<B>
): Promise<[A, B]> {
	await holder.query('BEGIN');
	await holder.query(
		'SELECT 1 FROM "User" u JOIN "Mt5Account" a ON a."userId" = u.id WHERE a.id = $1 FOR UPDATE OF u',
		[accountId]
	);
	const one = first();
	await waitFor('the first to wait', async () => (await waitingForLock()) === 1);
	const two = second();
	await waitFor('the second to wait', async () => (await waitingForLock()) === 2);
	await holder.query('COMMIT');
	return Promise.all([one, two]);
}

const ways: [string, string, object | undefined][] = [
	['deactivating the account', 'PATCH', { status: 'INACTIVE' }],
	['pointing the account to another server', 'PATCH', { serverName: 'Other-Demo', password: 'x' }],
	['deleting the account', 'DELETE', undefined]
];

for (const [deed, method, body] of ways) {
	it(`X25: a Start that is committed first is not lost sight of by ${deed}`, async () => {
		const { trader, agent, path, accountId } = await arrange();
		agent.answerEverything();
		await trader.confirm();
		const [started, refusal] = await atOnce(
			accountId,
			() => trader.command('start_ea'),
			() => trader.refusal(method, path, body)
		);
		expect(refusal).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
		expect(started.body.accounts).toMatchObject([{ accountId, status: 'success' }]);
		expect((await trader.accounts()).accounts).toMatchObject([
			{ id: accountId, status: 'ACTIVE', serverName: 'Test-Demo' }
		]);
		agent.drop();
	});
}

it('X25: a Start that comes after the account was deactivated is not sent', async () => {
	const { trader, agent, path, accountId } = await arrange();
	const [changed, refusal] = await atOnce(
		accountId,
		() => trader.send('PATCH', path, { status: 'INACTIVE' }),
		() => trader.refusal('POST', '/api/user/ea/command', { command: 'start_ea' })
	);
	expect(changed.status).toBe(200);
	expect(refusal).toMatchObject({ status: 409 });
	expect(agent.framesOf('command')).toEqual([]);
	agent.drop();
});

it('X25: an account that is switched off at the same moment is started before, or not at all', async () => {
	const { trader, agent, path, accountId } = await arrange();
	agent.answerEverything();
	const [off, refusal] = await atOnce(
		accountId,
		() => trader.send('PATCH', `${path}/toggle`, { enabled: false }),
		() => trader.send<CommandView>('POST', '/api/user/ea/command', { command: 'start_ea' })
	);
	expect([off.status, refusal.status]).toEqual([200, 409]);
	expect((await trader.enable(accountId)).status).toBe(200);
	const [started, offAgain] = await atOnce(
		accountId,
		() => trader.send<CommandView>('POST', '/api/user/ea/command', { command: 'start_ea' }),
		() => trader.send('PATCH', `${path}/toggle`, { enabled: false })
	);
	expect([started.status, offAgain.status]).toEqual([200, 200]);
	// Switched off, and running: Stop still covers it.
	const stop = await trader.send<CommandView>('POST', '/api/user/ea/command', { command: 'stop_ea' });
	expect(stop.body.accounts).toMatchObject([{ accountId, status: 'success' }]);
	agent.drop();
});
