/** Two copies of one agent, and keys that change: the counter on real sockets and real agents. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { createAgent, type Agent } from '../../agent/src/agent.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { enrol } from '../../agent/src/commands/enrol.ts';
import { rotateKeys } from '../../agent/src/commands/rotateKeys.ts';
import { readConfig } from '../../agent/src/config.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { stateDir, type StateDir } from '../../agent/src/stateDir.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { QUICK } from '../support/agentRig.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { arrangeScene } from '../support/scene.ts';
import { ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;
const running: { end: AbortController; done: Promise<void>; log: string[] }[] = [];
const dirs: string[] = [];

beforeAll(async () => {
	web = await startWebServer();
	operator = new ApiClient(web.origin);
	await operator.register('operator@example.test');
	await operator.confirm();
	await query(web.databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
});
afterEach(async () => {
	for (const { end } of running) end.abort(new Error('the test is over'));
	for (const { done } of running.splice(0)) await done;
	for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});
afterAll(() => web.stop());

interface Row {
	standing: string;
	publicKey: string;
	lockReason: string | null;
}
async function agentRow(agentId: string): Promise<Row> {
	const [row] = await query<Row>(
		web.databaseUrl,
		`SELECT CASE WHEN "lockedAt" IS NOT NULL THEN 'locked' WHEN "approvedAt" IS NULL THEN 'pending' ELSE 'approved' END
		   AS standing, "publicKey", "lockReason" FROM "Agent" WHERE id = $1`,
		[agentId]
	);
	if (!row) throw new Error('no such agent');
	return row;
}
const approve = async (agentId: string, state: StateDir) => {
	const fingerprint = fingerprintOf(await readIdentity(state));
	return operator.send('POST', `/api/agents/${agentId}/approve`, { fingerprint });
};

/** A real agent on its own state directory. */
async function startAgent(state: StateDir): Promise<{ agent: Agent; log: string[] }> {
	const end = new AbortController();
	const log: string[] = [];
	const agent = createAgent({
		config: await readConfig(state.config),
		state,
		identity: await readIdentity(state),
		machine: describeMachine(),
		terminal: simulatedTerminal({ brokerDir: join(state.root, 'brokers'), statusMs: 150, pollMs: 30 }),
		clock: systemClock,
		random: Math.random,
		logger: createLogger('info', { write: (line: string) => void log.push(line) }),
		timings: QUICK,
		pace: { retryBaseMs: 100, retryCapMs: 300, unauthorisedMs: 500 },
		closesTerminals: true
	});
	running.push({ end, done: agent.run(end.signal), log });
	return { agent, log };
}

async function enrolled(
	name: string
): Promise<{ agentId: string; state: StateDir; copyOf: () => Promise<StateDir> }> {
	const root = await mkdtemp(join(tmpdir(), 'quintet-copy-'));
	dirs.push(root);
	const state = stateDir(root, {});
	const { code } = (await operator.send<{ code: string }>('POST', '/api/agents/join-codes')).body;
	const options = { server: web.origin, code, name, capacity: 5, terminal: 'simulated' as const };
	expect(await enrol(state, { ...options, allowsPlainText: false, isForced: false }, () => {})).toBe(EXIT.ok);
	const { agentId } = await readConfig(state.config);
	expect((await approve(agentId, state)).status).toBe(200);
	return {
		agentId,
		state,
		async copyOf() {
			const to = await mkdtemp(join(tmpdir(), 'quintet-copy-'));
			dirs.push(to);
			await cp(root, to, { recursive: true });
			return stateDir(to, {});
		}
	};
}

describe('O2, X6: two copies of one agent', () => {
	it('locks both, stops what runs, raises an alarm, and lets the right one back in with new keys', async () => {
		const { agentId, state, copyOf } = await enrolled('twin');
		const trader = new ApiClient(web.origin);
		await trader.register('twin@example.test');
		const original = await startAgent(state);
		await waitFor('the original to be connected', () => original.agent.isConnected);
		const account = await trader.addAccount('9001');
		await trader.enable(account.id);
		await waitFor('the login', async () => (await trader.accounts()).accounts[0]?.connection === 'connected');
		const started = await trader.command('start_ea');
		expect(started.body.accounts[0]).toMatchObject({ status: 'success' });

		const copied = await copyOf();
		const copy = await startAgent(copied);
		await waitFor('the lock', async () => (await agentRow(agentId)).standing === 'locked');
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
		expect((await operator.get<string>('/agents')).body).toContain('Two copies of this agent were seen');
		expect((await trader.accounts()).accounts[0]).toMatchObject({
			state: 'unknown',
			agent: { isConnected: false }
		});

		// Without a code, nobody gets a locked agent new keys, though the old key signs the change.
		expect(await rotateKeys(copied, undefined, () => {})).toBe(EXIT.enrolRefused);
		const { code } = (await operator.send<{ code: string }>('POST', `/api/agents/${agentId}/key-codes`)).body;
		expect(await rotateKeys(state, code, () => {})).toBe(EXIT.ok);
		expect((await agentRow(agentId)).standing).toBe('pending');
		expect((await approve(agentId, state)).status).toBe(200);
		await waitFor('the original to be back', () => original.agent.isConnected, { timeoutMs: 20_000 });
		// The EA stays off: who wants it to run presses Start.
		await trader.command('pause_ea');
		expect(original.log.some((line) => line.includes('bringing the EA back'))).toBe(false);
		await waitFor('the copy to be shut out', () =>
			copy.log.some((line) => line.includes('do not know each other'))
		);
		expect((await agentRow(agentId)).standing).toBe('approved');
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
		expect((await agentRow(agent.agentId)).standing).toBe('approved');
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
		expect((await agentRow(agent.agentId)).standing).toBe('approved');
		first.drop();
	});
});

describe('rotation of an agent’s keys', () => {
	it('takes new keys signed with the old one; the agent goes over by itself, and the old key counts ten minutes more', async () => {
		const { agentId, state, copyOf } = await enrolled('rotates');
		const old = await copyOf();
		const { agent } = await startAgent(state);
		await waitFor('the agent to be connected', () => agent.isConnected);
		const before = await agentRow(agentId);
		const said: string[] = [];
		expect(await rotateKeys(state, undefined, (line) => said.push(line))).toBe(EXIT.ok);
		const after = await agentRow(agentId);
		expect(after.publicKey).not.toBe(before.publicKey);
		expect(after.publicKey).toBe((await readIdentity(state)).publicKey);
		expect(after.standing).toBe('approved');
		expect(said.join()).toContain('Fingerprint');
		// The same change once more changes nothing; another one with the old key is refused.
		expect(await rotateKeys(old, undefined, () => {})).toBe(EXIT.enrolRefused);
		expect((await agentRow(agentId)).publicKey).toBe(after.publicKey);

		const scripted = { agentId, origin: web.origin, serverKey: '', fingerprint: '', connSeq: 0, capacity: 5 };
		const keys = {
			privateKey: createPrivateKey(await readFile(old.privateKey)),
			sealKey: createPrivateKey(await readFile(old.sealKey, 'utf8'))
		};
		await query(
			web.databaseUrl,
			`UPDATE "Agent" SET "previousKeyUntil" = now() - interval '1 s' WHERE id = $1`,
			[agentId]
		);
		const late = await ScriptedAgent.dial({ ...scripted, ...keys });
		await late.shake();
		expect(await late.closed).toMatchObject({ code: 4003 });
		expect((await agentRow(agentId)).standing).toBe('approved');
		await waitFor('the agent with its new keys', () => agent.isConnected);
	});
});
