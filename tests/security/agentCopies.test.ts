/** Two copies of one agent: the counter on real sockets and real agents. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rotateKeys } from '../../agent/src/commands/rotateKeys.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { arrangeScene } from '../support/scene.ts';
import { ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { RealAgents } from './realAgents.ts';

let web: WebServer;
let agents: RealAgents;

beforeAll(async () => {
	web = await startWebServer();
	agents = await RealAgents.on(web);
});
afterEach(() => agents.end());
afterAll(() => web.stop());

describe('O2, X6: two copies of one agent', () => {
	it('locks both, stops what runs, raises an alarm, and lets the right one back in with new keys', async () => {
		const { agentId, state, copyOf } = await agents.enrol('twin');
		const trader = new ApiClient(web.origin);
		await trader.register('twin@example.test');
		const original = await agents.start(state);
		await waitFor('the original to be connected', () => original.agent.isConnected);
		const account = await trader.addAccount('9001');
		await trader.enable(account.id);
		await waitFor('the login', async () => (await trader.accounts()).accounts[0]?.connection === 'connected');
		const started = await trader.command('start_ea');
		expect(started.body.accounts[0]).toMatchObject({ status: 'success' });

		const copied = await copyOf();
		const copy = await agents.start(copied);
		await waitFor('the lock', async () => (await agents.row(agentId)).standing === 'locked');
		for (const { log } of [original, copy])
			await waitFor('both to hear of it', () => log.some((line) => line.includes('this agent is locked')));
		await waitFor('the EA to be stopped', () =>
			original.log.some((line) => line.includes('every EA is stopped'))
		);
		expect(original.agent.reports()[0]?.state.ladder.algo_trading).not.toBe('yes');
		expect(original.agent.isConnected || copy.agent.isConnected).toBe(false);
		const alarm = await waitFor('the alarm', async () =>
			(
				await query<{ level: string; message: string }>(
					web.databaseUrl,
					`SELECT level, message FROM "SystemLog" WHERE "agentId" = $1 AND detail->>'code' = 'agent_locked'`,
					[agentId]
				)
			).at(0)
		);
		expect(alarm).toMatchObject({ level: 'error', message: expect.stringContaining('Two copies') });
		expect((await agents.operator.get<string>('/agents')).body).toContain(
			'Two copies of this agent were seen'
		);
		expect((await trader.accounts()).accounts[0]).toMatchObject({
			state: 'unknown',
			agent: { isConnected: false }
		});

		// Without a code, nobody gets a locked agent new keys, though the old key signs the change.
		expect(await rotateKeys(copied, undefined, () => {})).toBe(EXIT.enrolRefused);
		const { code } = (
			await agents.operator.send<{ code: string }>('POST', `/api/agents/${agentId}/key-codes`)
		).body;
		expect(await rotateKeys(state, code, () => {})).toBe(EXIT.ok);
		expect((await agents.row(agentId)).standing).toBe('pending');
		expect((await agents.approve(agentId, state)).status).toBe(200);
		await waitFor('the original to be back', () => original.agent.isConnected);
		// The EA stays off: who wants it to run presses Start.
		await trader.command('pause_ea');
		expect(original.log.some((line) => line.includes('bringing the EA back'))).toBe(false);
		await waitFor('the copy to be shut out', () =>
			copy.log.some((line) => line.includes('do not know each other'))
		);
		expect((await agents.row(agentId)).standing).toBe('approved');
	});

	it('lets an agent in whose welcome or ready was lost, as often as that happens', async () => {
		const { enrolled: agent, agent: first } = await arrangeScene(web, 0);
		first.drop();
		for (let i = 0; i < 3; i++) {
			// It proves who it is, and the line is cut before the welcome is read.
			const before = agent.connSeq;
			const cut = await ScriptedAgent.dial(agent, {}, { saysReady: false });
			await cut.shake();
			await cut.next('welcome');
			cut.drop();
			agent.connSeq = before;
		}
		const again = await ScriptedAgent.connect(agent);
		expect((await agents.row(agent.agentId)).standing).toBe('approved');
		again.drop();
	});

	it('gives nothing to an agent that does not say that it keeps the number', async () => {
		const { enrolled: agent, agent: first } = await arrangeScene(web, 1);
		first.drop();
		const silent = await ScriptedAgent.dial(agent, {}, { saysReady: false });
		await silent.shake();
		await silent.next('welcome');
		expect(await silent.closed).toMatchObject({ code: 1008 });
		expect(silent.framesOf('sync')).toEqual([]);
	});

	it('does not lock on the word of somebody without the key', async () => {
		const { enrolled: agent, agent: first } = await arrangeScene(web, 0);
		const stranger = await ScriptedAgent.dial({ ...agent, connSeq: 0 });
		await stranger.shake(generateKeyPairSync('ed25519').privateKey);
		expect(await stranger.closed).toMatchObject({ code: 4003 });
		expect((await agents.row(agent.agentId)).standing).toBe('approved');
		first.drop();
	});
});
