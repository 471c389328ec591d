import { generateKeyPairSync } from 'node:crypto';
import WebSocket from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { CommandView, EaStatusView } from '#lib/domain/views.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { enrolmentOf, ScriptedAgent, seenState } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;

beforeAll(async () => {
	// Longer than this test process may stand still: its lines must not be cut for that.
	web = await startWebServer({ QUINTET_PING_INTERVAL_MS: '500', QUINTET_LINE_DEAD_MS: '10000' });
	operator = new ApiClient(web.origin);
	await operator.register('operator@example.test');
});
afterAll(() => web.stop());

const socketUrl = () => `${web.origin.replace('http', 'ws')}/agent/v1`;

describe('E1: an agent is let in by its key alone', () => {
	it('closes a line with a wrong signature as unauthorised', async () => {
		const { enrolled, agent } = await arrangeScene(web, 0);
		const impostor = await ScriptedAgent.dial(enrolled);
		await impostor.shake(generateKeyPairSync('ed25519').privateKey);
		expect(await impostor.closed).toMatchObject({ code: 4003 });
		agent.drop();
	});

	it('takes a join code of the operator once', async () => {
		await operator.confirm();
		const { code } = (await operator.send<{ code: string }>('POST', '/api/agents/join-codes')).body;
		const stranger = new ApiClient(web.origin);
		expect((await stranger.send('POST', '/api/agents/enrol', enrolmentOf(code).body)).status).toBe(201);
		expect(await stranger.refusal('POST', '/api/agents/enrol', enrolmentOf(code).body)).toMatchObject({
			status: 401,
			code: 'JOIN_CODE_INVALID'
		});
	});

	it('refuses a join code that is older than its time', async () => {
		await operator.confirm();
		const { code } = (await operator.send<{ code: string }>('POST', '/api/agents/join-codes')).body;
		await query(web.databaseUrl, `UPDATE "AgentJoinCode" SET "expiresAt" = now() - interval '1 second'`);
		expect(await operator.refusal('POST', '/api/agents/enrol', enrolmentOf(code).body)).toMatchObject({
			code: 'JOIN_CODE_INVALID'
		});
	});

	it('gives join codes to operators alone', async () => {
		const { trader, agent } = await arrangeScene(web, 0);
		expect(await trader.refusal('POST', '/api/agents/join-codes')).toMatchObject({ status: 404 });
		agent.drop();
	});

	it('refuses a browser: a request with Origin or cookie gets 403', async () => {
		for (const headers of [{ origin: 'https://evil.example' }, { cookie: 'quintet_session=x' }]) {
			const socket = new WebSocket(socketUrl(), { headers });
			const status = await new Promise((done) =>
				socket.once('unexpected-response', (_request, response) => done(response.statusCode))
			);
			expect(status).toBe(403);
		}
	});

	it('lets the newer connection of the same agent take over, with a reason', async () => {
		const { enrolled, agent } = await arrangeScene(web, 1);
		const newer = await ScriptedAgent.connect(enrolled);
		expect(await agent.closed).toMatchObject({ code: 4001, reason: expect.stringContaining('took over') });
		newer.drop();
	});
});

describe('garbage at the socket: closed with a reason, the server lives', () => {
	it.each([
		['not JSON', 'hello'],
		['an array', '[]'],
		['a frame before the handshake', '{"v":1,"id":"1","type":"telemetry","accounts":[]}'],
		['a hello with wrong fields', '{"v":1,"id":"1","type":"hello","agentId":7}'],
		['a prototype key', '{"type":"__proto__"}']
	])('closes on %s', async (_name, text) => {
		const socket = new WebSocket(socketUrl());
		await new Promise((done) => socket.once('open', done));
		const closed = new Promise<{ code: number; reason: string }>((done) =>
			socket.once('close', (code, reason) => done({ code, reason: String(reason) }))
		);
		socket.send(text);
		const { code, reason } = await closed;
		expect(code).toBe(1008);
		expect(reason).not.toBe('');
	});

	it('closes a frame above 64 KiB with 1009', async () => {
		const { agent } = await arrangeScene(web, 0);
		agent.socket.send('x'.repeat(65 * 1024));
		expect(await agent.closed).toMatchObject({ code: 1009 });
	});

	it('closes after five malformed frames in a minute, and ignores unknown types', async () => {
		const { agent } = await arrangeScene(web, 0);
		for (let i = 0; i < 20; i++) agent.socket.send('{"v":1,"id":"1","type":"from_the_future"}');
		for (let i = 0; i < 5; i++) agent.socket.send('{"v":1,"id":"1","type":"result"}');
		expect(await agent.closed).toMatchObject({ code: 1008 });
	});

	it('survives whatever bytes come', async () => {
		const { trader, agent } = await arrangeScene(web, 0);
		agent.drop();
		await fc.assert(
			fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), async (bytes) => {
				const socket = new WebSocket(socketUrl());
				const closed = new Promise((done) => socket.once('close', done));
				socket.once('open', () => socket.send(bytes));
				await closed;
			}),
			{ numRuns: 60 }
		);
		expect((await trader.get('/api/user/mt5-accounts')).status).toBe(200);
	});

	it('cuts a line that says nothing and answers no ping', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		// A peer that is frozen: the kernel takes the bytes, nobody reads them.
		(agent.socket as unknown as { _socket: { pause(): void } })._socket.pause();
		await waitFor(
			'the agent to be shown as offline',
			async () => (await trader.accounts()).accounts[0]?.connection === 'agent_offline',
			{ timeoutMs: 60_000 }
		);
		agent.drop();
	});
});

describe('X7: an agent is believed only about its own', () => {
	it('drops telemetry and results for another agent’s accounts', async () => {
		const victim = await arrangeScene(web, 1);
		const attacker = await arrangeScene(web, 0);
		const accountId = victim.accounts[0]?.id ?? '';
		const answer = victim.trader.command('stop_ea');
		const command = await victim.agent.next('command');
		attacker.agent.report(accountId, { algo: 'running' });
		attacker.agent.answer(command, 'failed');
		await attacker.agent.next('ack');
		victim.agent.answer(command, 'success');
		expect((await answer).body.accounts).toMatchObject([{ status: 'success' }]);
		expect((await victim.trader.accounts()).accounts[0]?.lastKnownState).toBeNull();
		victim.agent.drop();
		attacker.agent.drop();
	});

	it('drops facts with another epoch than the assignment’s', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.report(accounts[0]?.id ?? '', { algo: 'running' }, { epoch: 7 });
		agent.report(accounts[0]?.id ?? '', { algo: 'stopped' }, { epoch: 1 });
		await waitFor('the right report', async () => (await trader.accounts()).accounts[0]?.state === 'stopped');
		agent.drop();
	});
});

describe('C4, the first law: the agent’s word is the one source, and no state is shown that was not seen', () => {
	it('claims nothing before the first report, and nothing after the agent is gone', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const first = async () => (await trader.accounts()).accounts[0];
		expect(await first()).toMatchObject({
			connection: 'unknown',
			state: 'unknown',
			seenAt: null,
			balance: null
		});
		agent.report(accounts[0]?.id ?? '', { algo: 'paused' });
		await waitFor('the report', async () => (await first())?.state === 'paused');
		agent.drop();
		await waitFor('the loss', async () => (await first())?.connection === 'agent_offline');
		expect(await first()).toMatchObject({ state: 'unknown', lastKnownState: 'paused', ladder: null });
	});

	it('calls a report that came too old unknown', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.report(accounts[0]?.id ?? '', { algo: 'running' }, { ageMs: 60_000 });
		const account = await waitFor('the report', async () => {
			const [seen] = (await trader.accounts()).accounts;
			return seen?.seenAt ? seen : null;
		});
		expect(account).toMatchObject({ state: 'unknown', connection: 'unknown', lastKnownState: 'running' });
		agent.drop();
	});

	it('keeps what was seen last across a restart of the server, with its time', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.report(accounts[0]?.id ?? '', { algo: 'running' });
		await waitFor('the report to be saved', async () => {
			const rows = await query(
				web.databaseUrl,
				'SELECT 1 FROM "AccountState" WHERE "accountId" = $1 AND seen IS NOT NULL',
				[accounts[0]?.id]
			);
			return rows.length === 1;
		});
		await web.restart();
		const [account] = (await trader.accounts()).accounts;
		expect(account).toMatchObject({
			state: 'unknown',
			lastKnownState: 'running',
			connection: 'agent_offline'
		});
		expect(account?.seenAt).not.toBeNull();
		agent.drop();
	});
});

describe('S2: a password that does not open', () => {
	it('is not sent; its account is, so that it can be stopped, and so are all others', async () => {
		const { enrolled, agent, accounts } = await arrangeScene(web, 2);
		agent.drop();
		// As after moving a sealed text to another row, or losing a key.
		await query(
			web.databaseUrl,
			`UPDATE "Mt5Account" SET "sealedPassword" = 'v1.gone.AAAA.AAAA' WHERE id = $1`,
			[accounts[0]?.id]
		);
		const back = await ScriptedAgent.connect(enrolled);
		const sync = await back.next('sync');
		expect(sync).toMatchObject({ isFull: true, removed: [] });
		const passwords = new Map(sync.accounts.map((each) => [each.accountId, each.sealedPassword]));
		expect(passwords.get(accounts[0]?.id ?? '')).toBeNull();
		expect(passwords.get(accounts[1]?.id ?? '')).toMatch(/^x2\./);
		back.drop();
	});
});

describe('E3: the signs of life of an EA', () => {
	it('are given with their age while they are fresh, and unknown otherwise', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const accountId = accounts[0]?.id ?? '';
		const path = `/api/user/mt5-accounts/${accountId}/ea`;
		expect((await trader.get(path)).body).toMatchObject({
			ready: null,
			heartbeatActive: null,
			heartbeatAge: null
		});

		const { ladder } = seenState();
		const up = { ...ladder, ea_attached: 'yes', ea_ready: 'yes', heartbeat: 'yes' } as const;
		const ea = { heartbeatAgeMs: 700, errors: ['order 17 refused'] };
		const state = seenState({ algo: 'running', ladder: up });
		agent.send({ type: 'telemetry', accounts: [{ accountId, epoch: 1, ageMs: 0, state, ea }] });
		const status = await waitFor('the signs of life', async () => {
			const { body } = await trader.get<EaStatusView>(path);
			return body.ready === null ? null : body;
		});
		expect(status).toMatchObject({ ready: true, heartbeatActive: true, errors: ['order 17 refused'] });
		expect(status.heartbeatAge).toBeGreaterThanOrEqual(700);
		expect(status.heartbeatAge).toBeLessThan(10_000);

		agent.report(accountId, { algo: 'stopped' });
		await waitFor(
			'the EA to be gone',
			async () => (await trader.get<EaStatusView>(path)).body.ready === false
		);
		agent.drop();
		await waitFor('the unknown', async () => (await trader.get<EaStatusView>(path)).body.ready === null);
	});
});

describe('F6: proof of Stop', () => {
	it('keeps a Stop open while positions are left, lists them, and is done when they are gone', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const answer = trader.command('stop_ea', { closePositions: true });
		const command = await agent.next('command');
		const { commandId, accountId, generation, epoch } = command;
		const proof = {
			isAlgoTradingOff: false,
			isEaUnloaded: true,
			wasClosingAsked: true,
			closedPositions: 2,
			deletedOrders: 0,
			residuals: [
				{
					ticket: '4711',
					type: 'position' as const,
					symbol: 'EURUSD',
					side: 'buy' as const,
					lots: '0.10',
					profit: '-3.20',
					hasStopLoss: false,
					brokerCode: 10018,
					brokerText: 'Market closed'
				}
			],
			residualCount: 1,
			unprotectedPositions: 1
		};
		agent.send({
			type: 'progress',
			commandId,
			accountId,
			generation,
			epoch,
			stage: 'closing, 1 left',
			proof
		});
		const open = await waitFor('the residual to be shown', async () => {
			const { body } = await trader.get<CommandView>(`/api/user/ea/command/${commandId}`);
			return body.accounts[0]?.proof ? body : null;
		});
		expect(open).toMatchObject({
			success: false,
			successfulAccounts: 0,
			failedAccounts: 0,
			pendingAccounts: 1
		});
		expect(open.accounts[0]).toMatchObject({ status: 'pending', stage: 'closing, 1 left', proof });
		agent.answer(command, 'success');
		expect((await answer).body.success).toBe(true);
		agent.drop();
	});
});
