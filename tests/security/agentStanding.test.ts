/** Who lets an agent in, what it gets before that, and how its rights are taken away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signatureCheck } from '#lib/protocol/ed25519.ts';
import { commandMessage, lineMessage } from '#lib/protocol/signed.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { arrangeScene } from '../support/scene.ts';
import { enrolAgent, enrolmentOf, ScriptedAgent, seenState } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;

beforeAll(async () => {
	web = await startWebServer();
	operator = new ApiClient(web.origin);
	await operator.register('operator@example.test');
	await query(web.databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
	await operator.confirm();
});
afterAll(() => web.stop());

const audit = (action: string, agentId: string) =>
	query<{ detail: object }>(
		web.databaseUrl,
		'SELECT detail FROM "AuditLog" WHERE action = $1 AND "targetId" = $2',
		[action, agentId]
	);

describe('enrolment and approval', () => {
	it('tells the new agent the server’s key, and refuses keys that are not signed with themselves', async () => {
		const enrolled = await enrolAgent(operator, web.databaseUrl, { isApproved: false });
		expect(enrolled.serverKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
		expect(enrolled.fingerprint).toMatch(/^([0-9a-f]{4}-){5}[0-9a-f]{4}$/);
		const { code } = (await operator.send<{ code: string }>('POST', '/api/agents/join-codes')).body;
		const stranger = enrolmentOf(code).body.publicKey;
		const forged = { ...enrolmentOf(code).body, publicKey: stranger };
		expect(await operator.refusal('POST', '/api/agents/enrol', forged)).toMatchObject({ status: 401 });
		// The code was not used up by it.
		expect((await operator.send('POST', '/api/agents/enrol', enrolmentOf(code).body)).status).toBe(201);
	});

	it('gives a waiting agent no accounts, no commands and no secrets, and takes nothing from it', async () => {
		const enrolled = await enrolAgent(operator, web.databaseUrl, { isApproved: false });
		const trader = new ApiClient(web.origin);
		await trader.register('waiting@example.test');
		const account = await trader.addAccount('7001');
		await trader.enable(account.id);
		const agent = await ScriptedAgent.dial(enrolled);
		await agent.shake();
		expect(await agent.next('welcome')).toMatchObject({ standing: 'pending' });
		await waitFor('its line to be counted', async () => {
			const [row] = await query<{ isKnown: boolean }>(
				web.databaseUrl,
				'SELECT "connSeqConfirmed" > 0 AS "isKnown" FROM "Agent" WHERE id = $1',
				[enrolled.agentId]
			);
			return row?.isKnown;
		});
		const start = await trader.command('start_ea');
		agent.report(account.id, { algo: 'running' });
		expect(start.body.accounts[0]).toMatchObject({ errorCode: 'unassigned' });
		expect(agent.received.map(({ type }) => type)).toEqual(['challenge', 'welcome']);
		expect((await trader.accounts()).accounts[0]).toMatchObject({ state: 'unknown', agent: null });

		const wrong = { fingerprint: 'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa' };
		const path = `/api/agents/${enrolled.agentId}/approve`;
		expect(await operator.refusal('POST', path, wrong)).toMatchObject({ code: 'AGENT_STANDING' });
		expect(await trader.refusal('POST', path, { fingerprint: enrolled.fingerprint })).toMatchObject({
			status: 404
		});
		const right = { fingerprint: enrolled.fingerprint };
		expect((await operator.send('POST', path, right)).status).toBe(200);
		expect(await agent.closed).toMatchObject({ code: 1012 });
		expect(await audit('agent.approve', enrolled.agentId)).toMatchObject([{ detail: right }]);

		const approved = await ScriptedAgent.connect(enrolled);
		expect(await approved.next('welcome')).toMatchObject({ standing: 'approved' });
		const sync = await approved.next('sync', ({ accounts }) => accounts.length > 0);
		expect(sync.accounts).toMatchObject([{ accountId: account.id }]);
		expect(await operator.refusal('POST', path, right)).toMatchObject({ code: 'AGENT_STANDING' });
		approved.drop();
	});

	it('signs welcome, sync and command so that the agent can check them', async () => {
		const { trader, enrolled, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		await trader.command('pause_ea');
		const server = signatureCheck(enrolled.serverKey);
		const { session } = agent;
		if (!session) throw new Error('no session');
		for (const frame of agent.received) {
			if (frame.type === 'welcome' || frame.type === 'sync')
				expect(server.verify(lineMessage(frame.type, session, frame), frame.signature)).toBe(true);
			if (frame.type === 'command')
				expect(server.verify(commandMessage(enrolled.agentId, frame), frame.signature)).toBe(true);
		}
		expect(new Set(agent.received.map(({ type }) => type))).toContain('command');
		agent.drop();
	});

	it('X8: never sends a Start that somebody wrote into the database', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		agent.answerEverything();
		const { body: paused } = await trader.command('pause_ea', { accountIds: [accounts[0]?.id] });
		agent.drop();
		await waitFor(
			'the agent to be gone',
			async () => !(await trader.accounts()).accounts[0]?.agent?.isConnected
		);
		for (const status of ['waiting', 'dispatched'])
			await query(
				web.databaseUrl,
				`WITH c AS (INSERT INTO "EaCommand" (id, "userId", kind, "closePositions", "requestHash", "createdAt")
				   SELECT gen_random_uuid(), "userId", 'START_EA', false, '', now() FROM "EaCommand" WHERE id = $1 RETURNING id)
				 INSERT INTO "EaCommandResult" ("commandId", "accountId", "accountNumber", "accountName", broker, "accountKind",
				   generation, "wantedBefore", "agentId", epoch, "closePositions", status, "createdAt")
				 SELECT c.id, r."accountId", '1', 'x', 'x', 'DEMO', 99, 'STOPPED', $3, 1, false, $2, now()
				 FROM c, "EaCommandResult" r WHERE r."commandId" = $1`,
				[paused.commandId, status, enrolled.agentId]
			);
		const again = await ScriptedAgent.connect(enrolled);
		const settle = await again.next('settle', ({ commands }) =>
			commands.some(({ kind }) => kind === 'start_ea')
		);
		again.send({
			type: 'settled',
			answers: settle.commands.map(({ commandId, accountId, generation }) => ({
				commandId,
				accountId,
				generation,
				verdict: 'never_received'
			}))
		});
		// A Pause of now is the last word; what was to come before it has come.
		again.answerEverything();
		await trader.command('pause_ea', { accountIds: [accounts[0]?.id] });
		expect(again.framesOf('command').map(({ kind }) => kind)).not.toContain('start_ea');
		again.drop();
	});
});

describe('X6: revoking an agent', () => {
	it('ends its line at once, believes nothing more of it, and lets it in no more', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 2);
		const [account] = accounts;
		if (!account) throw new Error('no account');
		agent.report(account.id, { algo: 'running' });
		await waitFor('the state', async () =>
			(await trader.accounts()).accounts.some((a) => a.state === 'running')
		);
		// Its answer comes when the server ends: nobody ever answers this command.
		trader.command('pause_ea', { accountIds: [account.id] }).catch(() => undefined);
		const command = await agent.next('command');

		expect((await operator.send('POST', `/api/agents/${enrolled.agentId}/revoke`)).status).toBe(200);
		expect(await agent.closed).toMatchObject({ code: 4003, reason: 'this agent was revoked' });
		// By the server's own clock: how long the way there and back is does not count.
		const [revoked] = await query<{ at: Date }>(
			web.databaseUrl,
			'SELECT "revokedAt" AS at FROM "Agent" WHERE id = $1',
			[enrolled.agentId]
		);
		const ended = await waitFor('the log to say so', () =>
			web
				.log()
				.split('\n')
				.slice(0, -1)
				.find((line) => line.includes('agent disconnected') && line.includes(enrolled.agentId))
		);
		const { time } = JSON.parse(ended) as { time: number };
		expect(time - (revoked?.at.getTime() ?? 0)).toBeLessThan(1_000);

		const rows = await query<{ epoch: number }>(
			web.databaseUrl,
			'SELECT epoch FROM "Mt5AccountAssignment" WHERE "agentId" = $1',
			[enrolled.agentId]
		);
		expect(rows).toEqual([{ epoch: 2 }, { epoch: 2 }]);
		const late = await ScriptedAgent.dial(enrolled);
		await late.shake();
		expect(await late.closed).toMatchObject({ code: 4003 });
		expect(late.framesOf('sync')).toEqual([]);
		const { body } = await trader.get<CommandView>(`/api/user/ea/command/${command.commandId}`);
		expect(body.accounts[0]?.isFinal).toBe(false);
		expect((await trader.accounts()).accounts.find(({ id }) => id === account.id)).toMatchObject({
			state: 'unknown'
		});
		expect(await audit('agent.revoke', enrolled.agentId)).toHaveLength(1);
	});

	it('ends the line also when another node, or a person at the database, revoked it', async () => {
		const { enrolled, agent } = await arrangeScene(web, 0);
		await query(
			web.databaseUrl,
			'UPDATE "Agent" SET "revokedAt" = now(), "standingAt" = now() WHERE id = $1',
			[enrolled.agentId]
		);
		expect(await agent.closed).toMatchObject({ code: 4003 });
	});

	it('hears nothing that a revoked agent still sends on the line that is being closed', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		const [account] = accounts;
		if (!account) throw new Error('no account');
		// It does not answer the close, and goes on talking.
		agent.socket.pause();
		await operator.send('POST', `/api/agents/${enrolled.agentId}/revoke`);
		agent.socket.send(
			JSON.stringify({
				v: 1,
				id: 'x',
				type: 'telemetry',
				accounts: [
					{ accountId: account.id, epoch: 1, ageMs: 0, state: seenState({ algo: 'running' }), figures: null }
				]
			})
		);
		agent.socket.resume();
		await agent.closed;
		const view = (await trader.accounts()).accounts.find(({ id }) => id === account.id);
		expect(view).toMatchObject({ state: 'unknown' });
		expect(view?.lastKnownState).not.toBe('running');
	});
});

describe('the operator’s page of agents', () => {
	it('renames an agent; for a trader neither page nor deed exists', async () => {
		const { trader, enrolled, agent } = await arrangeScene(web, 0);
		const path = `/api/agents/${enrolled.agentId}`;
		for (const [method, url, body] of [
			['PATCH', path, { name: 'mine' }],
			['POST', `${path}/revoke`, undefined],
			['POST', `${path}/approve`, { fingerprint: enrolled.fingerprint }],
			['GET', '/agents', undefined]
		] as const)
			expect((await trader.send(method, url, body)).status, url).toBe(404);
		expect((await operator.send('PATCH', path, { name: 'London VPS' })).status).toBe(200);
		const page = await operator.get<string>('/agents');
		expect(page.body).toContain('London VPS');
		expect(await operator.refusal('PATCH', path, { name: ' ' })).toMatchObject({ status: 400 });
		agent.drop();
	});
});
