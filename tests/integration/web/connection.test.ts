/** C3: connecting and disconnecting accounts, as the trader asks and as the page may claim. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView, ConnectionDeedView, ConnectionStatusView } from '#lib/domain/views.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { seenState } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const base = '/api/user/mt5-accounts';
const able = { capabilities: ['release', 'connection'] };
/** A refused login stays said while the terminal is down. */
const DOWN = {
	algo: 'down',
	connection: 'login_refused',
	ladder: { ...seenState().ladder, process: 'no' }
} as const;

describe('C3: connect, disconnect, reconnect', () => {
	it('is told to the agent, and is claimed only when the terminal was seen to be down', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2, able);
		const [id = '', neighbour = ''] = accounts.map((account) => account.id);
		const status = async (accountId = id) =>
			(await trader.get<ConnectionStatusView>(`${base}/${accountId}/status`)).body;
		const becomes = (connection: string) =>
			waitFor(`it to be ${connection}`, async () => (await status()).connection === connection);
		agent.report(id, { retries: 2 });
		agent.report(neighbour);
		await becomes('connected');
		expect(await status()).toMatchObject({ isConnectionWanted: true, retries: 2, state: 'stopped' });

		const disconnected = await trader.send<AccountView>('POST', `${base}/${id}/disconnect`);
		expect(disconnected.body).toMatchObject({ isConnectionWanted: false, connection: 'disconnecting' });
		await agent.next('sync', ({ accounts: [account] }) => account?.isConnectionWanted === false);
		agent.report(id, { ...DOWN, activity: 'disconnecting: ending the terminal' });
		await waitFor('what is under way', async () => (await status()).activity !== null);
		expect((await status()).connection).toBe('disconnecting');
		// What was seen of it before may be too old by now.
		agent.report(neighbour);
		agent.report(id, DOWN);
		await becomes('disconnected');
		expect((await status(neighbour)).connection).toBe('connected');

		const start = await trader.command('start_ea', { accountIds: [id] });
		expect(start.body.accounts).toMatchObject([{ status: 'failed', errorCode: 'account_disconnected' }]);
		expect(agent.framesOf('command')).toEqual([]);
		// The line is gone: nothing is claimed any more.
		agent.drop();
		await becomes('agent_offline');

		const connected = await trader.send<AccountView>('POST', `${base}/${id}/connect`);
		expect(connected.body.isConnectionWanted).toBe(true);
		// Once more changes nothing, and is written down once.
		await trader.send('POST', `${base}/${id}/connect`);
		const audit = await query<{ action: string }>(
			web.databaseUrl,
			`SELECT action FROM "AuditLog" WHERE "targetId" = $1 AND action ~ 'connect$' ORDER BY at`,
			[id]
		);
		expect(audit.map(({ action }) => action)).toEqual(['account.disconnect', 'account.connect']);
	});

	it.each(['disconnect', 'reconnect'])(
		'%s is refused while the algo runs, and while it is not proven stopped',
		async (deed) => {
			const { trader, agent, accounts } = await arrangeScene(web, 1, able);
			const id = accounts[0]?.id ?? '';
			const path = `${base}/${id}/${deed}`;
			agent.answerEverything();
			await trader.command('start_ea');
			agent.report(id, { algo: 'running' });
			const running = await trader.refusal('POST', path);
			expect(running).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
			expect(running.error.message).toContain('Press Stop Algo');
			await trader.command('stop_ea');
			// Wanted stopped, and last seen running: not proven.
			expect((await trader.refusal('POST', path)).code).toBe('ALGO_RUNNING');
			agent.report(id, { algo: 'stopped' });
			const done = await waitFor('the standstill to be seen', async () => {
				const answer = await trader.send<AccountView>('POST', path);
				return answer.status === 200 && answer.body;
			});
			expect(done.isConnectionWanted).toBe(deed === 'reconnect');
			await agent.next(
				'sync',
				({ accounts: [account] }) =>
					account?.isConnectionWanted === false || (account?.reconnectAskedAtMs ?? 0) > 0
			);
		}
	);

	it('is refused where the agent would not do it, or the account is not active', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		const old = await trader.refusal('POST', `${base}/${id}/disconnect`);
		expect(old).toMatchObject({ status: 409, code: 'CONNECTION_REFUSED' });
		expect(old.error.message).toContain('too old');
		agent.drop();
		await trader.send('PATCH', `${base}/${id}`, { status: 'INACTIVE' });
		for (const deed of ['connect', 'disconnect', 'reconnect'])
			expect((await trader.refusal('POST', `${base}/${id}/${deed}`)).code).toBe('ACCOUNT_NOT_ACTIVE');
	});
});

describe('C3: connect-all, disconnect-all', () => {
	it('says of each account what came of it; one that refuses keeps no other', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 3, able);
		const [running = '', ...others] = accounts.map(({ id }) => id);
		agent.answerEverything();
		await trader.command('start_ea', { accountIds: [running] });
		agent.report(running, { algo: 'running' });
		const { body } = await trader.send<ConnectionDeedView>('POST', `${base}/disconnect-all`);
		expect(body).toMatchObject({ done: 2, failed: 1 });
		expect(body.accounts.find(({ accountId }) => accountId === running)).toMatchObject({
			ok: false,
			error: { code: 'ALGO_RUNNING' }
		});
		const wanted = async () =>
			Object.fromEntries((await trader.accounts()).accounts.map((a) => [a.id, a.isConnectionWanted]));
		expect(await wanted()).toEqual({ [running]: true, [others[0] ?? '']: false, [others[1] ?? '']: false });
		const again = await trader.send<ConnectionDeedView>('POST', `${base}/connect-all`);
		expect(again.body).toMatchObject({ done: 3, failed: 0 });
		expect(Object.values(await wanted())).toEqual([true, true, true]);
	});
});
