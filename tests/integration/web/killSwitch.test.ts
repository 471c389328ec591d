/** R2: the kill switch of a trader over all accounts, and of an operator over a machine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView } from '#lib/domain/views.ts';
import type { MachineStopView } from '#lib/domain/operatorViews.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;
beforeAll(async () => {
	web = await startWebServer();
	operator = new ApiClient(web.origin);
	// The first user of a server is its operator.
	await operator.register('operator@example.test');
});
afterAll(() => web.stop());

describe('R2: Stop on every account of a trader', () => {
	it('reaches accounts that are not switched on, which a plain Stop does not', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		const off = accounts[1]?.id ?? '';
		await trader.send('PATCH', `/api/user/mt5-accounts/${off}/toggle`, { enabled: false });
		agent.answerEverything();
		const plain = await trader.command('stop_ea');
		expect(plain.body.totalAccounts).toBe(1);
		const every = await trader.command('stop_ea', { everyAccount: true });
		expect(every.body).toMatchObject({ totalAccounts: 2, successfulAccounts: 2, issuedBy: null });
	});

	it('refuses to start what is not switched on that way', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const body = { command: 'start_ea', everyAccount: true };
		const refusal = await trader.refusal('POST', '/api/user/ea/command', body);
		expect(refusal.status).toBe(400);
		expect(Object.keys(refusal.error?.fields ?? {})).toEqual(['everyAccount']);
		expect(agent.framesOf('command')).toEqual([]);
	});

	it('refuses both at once, named accounts and every account', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const body = { command: 'stop_ea', everyAccount: true, accountIds: [accounts[0]?.id] };
		expect(await trader.refusal('POST', '/api/user/ea/command', body)).toMatchObject({ status: 400 });
		expect(agent.framesOf('command')).toEqual([]);
	});

	it('says that there is nothing to stop to one who has no account', async () => {
		const trader = new ApiClient(web.origin);
		await trader.register('nobody@example.test');
		const body = { command: 'stop_ea', everyAccount: true };
		expect(await trader.refusal('POST', '/api/user/ea/command', body)).toMatchObject({
			status: 409,
			code: 'NO_ENABLED_ACCOUNT'
		});
	});
});

describe('R2: an operator stops a machine', () => {
	const stopPath = (agentId: string) => `/api/operator/agents/${agentId}/stop`;

	it('stops all accounts of all traders on it, closes nothing, and signs with the operator’s name', async () => {
		const { trader, agent, enrolled, accounts } = await arrangeScene(web, 2, { capacity: 3 });
		const other = new ApiClient(web.origin);
		await other.register('neighbour@example.test');
		const foreign = await other.addAccount('777001');
		await waitFor('the neighbour’s account to be on the machine', () =>
			agent.framesOf('sync').some((sync) => sync.accounts.some(({ accountId }) => accountId === foreign.id))
		);
		await trader.send('PATCH', '/api/user/ea/settings', { closePositionsOnStop: true });

		const { status, body } = await operator.send<MachineStopView>('POST', stopPath(enrolled.agentId));
		expect(status).toBe(200);
		expect(body).toEqual({ traders: 2, accounts: 3, sentAccounts: 3, failures: [] });
		const frames = await waitFor('three Stops', () => {
			const found = agent.framesOf('command');
			return found.length === 3 && found;
		});
		expect(frames.every(({ kind, closePositions }) => kind === 'stop_ea' && !closePositions)).toBe(true);

		const list = await trader.get<{ accounts: { id: string; wanted: string }[] }>('/api/user/mt5-accounts');
		expect(list.body.accounts.map(({ wanted }) => wanted)).toEqual(accounts.map(() => 'STOPPED'));
		const commandId = frames.find(({ accountId }) => accountId === accounts[0]?.id)?.commandId ?? '';
		const seen = await trader.get<CommandView>(`/api/user/ea/command/${commandId}`);
		expect(seen.body).toMatchObject({ command: 'stop_ea', issuedBy: expect.any(String), totalAccounts: 2 });
		const audit = await query<{ userId: string }>(
			web.databaseUrl,
			`SELECT a."userId" FROM "AuditLog" a JOIN "User" u ON u.id = a."userId" AND u.role = 'OPERATOR'
			 WHERE a.action = 'command.stop_ea' AND a."targetId" = $1`,
			[commandId]
		);
		expect(audit).toHaveLength(1);
	});

	it('stops every trader but the one whose rows cannot be written, and names that one', async () => {
		const { agent, enrolled, accounts } = await arrangeScene(web, 2, { capacity: 3 });
		const other = new ApiClient(web.origin);
		await other.register('broken@example.test');
		const foreign = await other.addAccount('777002');
		await waitFor('the other account to be on the machine', () =>
			agent.framesOf('sync').some((sync) => sync.accounts.some(({ accountId }) => accountId === foreign.id))
		);
		const [{ userId } = { userId: '' }] = await query<{ userId: string }>(
			web.databaseUrl,
			`SELECT "userId" FROM "Mt5Account" WHERE id = $1`,
			[foreign.id]
		);
		await query(
			web.databaseUrl,
			`ALTER TABLE "EaCommand" ADD CONSTRAINT broken CHECK ("userId" <> '${userId}') NOT VALID`
		);
		try {
			const { body } = await operator.send<MachineStopView>('POST', stopPath(enrolled.agentId));
			expect(body).toEqual({
				traders: 2,
				accounts: 3,
				sentAccounts: 2,
				failures: [{ traderId: userId, message: expect.any(String) }]
			});
		} finally {
			await query(web.databaseUrl, `ALTER TABLE "EaCommand" DROP CONSTRAINT broken`);
		}
		const stopped = await waitFor('two Stops', () => {
			const found = agent.framesOf('command').map(({ accountId }) => accountId);
			return found.length === 2 && found;
		});
		expect(stopped.sort()).toEqual(accounts.map(({ id }) => id).sort());
	});

	it('keeps the Stop for a machine whose agent is away, and says so', async () => {
		const { agent, enrolled } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor('the agent to be away', async () => {
			const { body } = await operator.send<MachineStopView>('POST', stopPath(enrolled.agentId));
			return body.sentAccounts === 0 && body.accounts === 1;
		});
	});

	it('does not exist for a trader, and knows no foreign id', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		expect(await trader.refusal('POST', stopPath(enrolled.agentId))).toMatchObject({ status: 404 });
		const unknown = '01890000-0000-7000-8000-000000000000';
		expect(await operator.refusal('POST', stopPath(unknown))).toMatchObject({ status: 404 });
		expect(agent.framesOf('command')).toEqual([]);
	});
});
