/** X6: the keys of an agent change: by hand, on order of an operator, when they are old, and after an interruption. */
import { createPrivateKey } from 'node:crypto';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeKeys, rotateKeys } from '../../agent/src/commands/rotateKeys.ts';
import { readConfig } from '../../agent/src/config.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { nextIdentity, nextIdentityMadeAtMs, readIdentity } from '../../agent/src/identity.ts';
import { query } from '../support/database.ts';
import { ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { RealAgents } from './realAgents.ts';

let web: WebServer;
let agents: RealAgents;
const LONG = { timeoutMs: 30_000 };

beforeAll(async () => {
	web = await startWebServer();
	agents = await RealAgents.on(web);
});
afterEach(() => agents.end());
afterAll(() => web.stop());

describe('rotation of an agent’s keys', () => {
	it('takes new keys signed with the old one; the agent goes over by itself, and the old key counts ten minutes more', async () => {
		const { agentId, state, copyOf } = await agents.enrol('rotates');
		const old = await copyOf();
		const { agent } = await agents.start(state);
		await waitFor('the agent to be connected', () => agent.isConnected);
		const before = await agents.row(agentId);
		const said: string[] = [];
		expect(await rotateKeys(state, undefined, (line) => said.push(line))).toBe(EXIT.ok);
		const after = await agents.row(agentId);
		expect(after.publicKey).not.toBe(before.publicKey);
		expect(after.publicKey).toBe((await readIdentity(state)).publicKey);
		expect(after.standing).toBe('approved');
		expect(said.join()).toContain('Fingerprint');
		// The same change once more changes nothing; another one with the old key is refused.
		expect(await rotateKeys(old, undefined, () => {})).toBe(EXIT.enrolRefused);
		expect((await agents.row(agentId)).publicKey).toBe(after.publicKey);

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
		expect((await agents.row(agentId)).standing).toBe('approved');
		await waitFor('the agent with its new keys', () => agent.isConnected);
	});
});

describe('new keys on order of the server', () => {
	const changed = (agentId: string, before: string) =>
		waitFor(
			'new keys',
			async () => {
				const row = await agents.row(agentId);
				return row.publicKey !== before && row;
			},
			LONG
		);

	it('changes the keys of a running agent when the operator asks; its EA runs on', async () => {
		const { agentId, state } = await agents.enrol('ordered');
		const { agent, log } = await agents.start(state);
		const { operator } = agents;
		await waitFor('the agent to be connected', () => agent.isConnected);
		const account = await operator.addAccount('9101');
		await operator.enable(account.id);
		await waitFor(
			'the login',
			async () => (await operator.accounts()).accounts[0]?.connection === 'connected'
		);
		expect((await operator.command('start_ea')).body.accounts[0]).toMatchObject({ status: 'success' });
		const before = await agents.row(agentId);
		expect((await operator.send('POST', `/api/agents/${agentId}/new-keys`)).status).toBe(202);
		const after = await changed(agentId, before.publicKey);
		expect(after).toMatchObject({ standing: 'approved', newKeysOrderedAt: null });
		expect(after.keysSince.getTime()).toBeGreaterThan(before.keysSince.getTime());
		await waitFor('the line with the new keys', () =>
			log.some((line) => line.includes('dialled anew with them'))
		);
		await waitFor('the agent to be back', () => agent.isConnected);
		expect((await readIdentity(state)).publicKey).toBe(after.publicKey);
		// What was sealed to the key before still opens, and the EA never stopped.
		expect(agent.reports()[0]?.state).toMatchObject({ algo: 'running', connection: 'connected' });
		expect((await operator.command('stop_ea')).body.accounts[0]).toMatchObject({ status: 'success' });
		expect(log.join('')).not.toContain('password_needed');
		const audit = await query<{ action: string }>(
			web.databaseUrl,
			`SELECT action FROM "AuditLog" WHERE "targetId" = $1 AND action LIKE '%keys' ORDER BY at`,
			[agentId]
		);
		expect(audit.map(({ action }) => action)).toEqual(['agent.order_new_keys', 'agent.rotate_keys']);
		expect(await operator.refusal('POST', `/api/agents/${crypto.randomUUID()}/new-keys`)).toMatchObject({
			status: 404
		});
	});

	it('keeps the order for an agent that is away, and asks for new keys when they are 90 days old', async () => {
		const [away, old, young] = [
			await agents.enrol('away'),
			await agents.enrol('old'),
			await agents.enrol('young')
		];
		expect((await agents.operator.send('POST', `/api/agents/${away.agentId}/new-keys`)).status).toBe(202);
		await query(
			web.databaseUrl,
			`UPDATE "Agent" SET "keysSince" = now() - CASE WHEN id = $1 THEN interval '91 days' ELSE interval '89 days' END
			 WHERE id IN ($1, $2)`,
			[old.agentId, young.agentId]
		);
		const before = new Map<string, string>();
		for (const { agentId } of [away, old, young]) before.set(agentId, (await agents.row(agentId)).publicKey);
		for (const { state } of [away, old, young]) await agents.start(state);
		for (const { agentId } of [away, old]) {
			const { keysSince } = await changed(agentId, before.get(agentId) ?? '');
			expect(Date.now() - keysSince.getTime()).toBeLessThan(600_000);
		}
		expect((await agents.row(young.agentId)).publicKey).toBe(before.get(young.agentId));
	});

	it('is refused for one that is revoked, waits or is locked', async () => {
		const { agentId } = await agents.enrol('revoked');
		await agents.operator.send('POST', `/api/agents/${agentId}/revoke`);
		expect(await agents.operator.refusal('POST', `/api/agents/${agentId}/new-keys`)).toMatchObject({
			status: 409,
			code: 'AGENT_STANDING'
		});
	});

	it('finishes a change whose answer was lost, before the old keys count no more', async () => {
		const { agentId, state } = await agents.enrol('interrupted');
		// The server took the new keys; the agent never heard of it.
		const present = await readFile(state.privateKey);
		await nextIdentity(state);
		const next = await readFile(`${state.privateKey}.next`);
		const nextSeal = await readFile(`${state.sealKey}.next`);
		const config = await readConfig(state.config);
		expect(await changeKeys(config, state)).toMatchObject({ isDone: true });
		const { publicKey } = await agents.row(agentId);
		await writeFile(state.privateKey, present);
		await writeFile(`${state.privateKey}.next`, next);
		await writeFile(`${state.sealKey}.next`, nextSeal);
		const longAgo = new Date(Date.now() - 120_000);
		await utimes(`${state.privateKey}.next`, longAgo, longAgo);
		const { agent } = await agents.start(state);
		await waitFor(
			'the change to be finished',
			async () => (await nextIdentityMadeAtMs(state)) === null,
			LONG
		);
		expect((await readIdentity(state)).publicKey).toBe(publicKey);
		await waitFor('the agent with its new keys', () => agent.isConnected);
	});
});
