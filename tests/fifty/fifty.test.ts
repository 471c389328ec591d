/**
 * Fifty simulated terminals under one agent, with the rhythm of the product: what happens to one of them must not
 * be felt by the others. Needs some 3 GB of memory: `npm run test:fifty`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../agent/src/supervisor/timings.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { AgentRig } from '../support/agentRig.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { waitFor } from '../support/waitFor.ts';

const COUNT = 50;
const DETECT_MS = 10_000;
const RECOVER_MS = 30_000;
const PATIENCE_MS = 240_000;

let rig: AgentRig;
let ids: string[];

beforeAll(async () => {
	rig = await AgentRig.create({
		timings: DEFAULT_TIMINGS,
		// As the product has them: a status every second, the folder looked into at its own rhythm.
		terminal: (brokerDir) => simulatedTerminal({ brokerDir })
	});
	const accounts = Array.from({ length: COUNT }, () => assignedAccount());
	ids = accounts.map(({ accountId }) => accountId);
	for (const account of accounts) rig.web.accounts.set(account.accountId, account);
	rig.startAgent();
	await rig.web.connected();
	for (const id of ids)
		await rig.web.state(id, 'connected', ({ connection }) => connection === 'connected', PATIENCE_MS);
	const starts = ids.map((id) => rig.web.command(id, 'start_ea').commandId);
	for (const id of starts)
		expect(await rig.web.result(id, PATIENCE_MS)).toMatchObject({ outcome: 'success' });
	await allRunning();
}, 600_000);
afterAll(() => rig?.dispose(), 240_000);

const allRunning = async () => {
	for (const id of ids) await rig.web.state(id, 'running', ({ algo }) => algo === 'running', PATIENCE_MS);
};
const pids = async () =>
	new Map(await Promise.all(ids.map(async (id) => [id, (await rig.processOf(id))?.pid] as const)));
const generations = () => new Map(ids.map((id) => [id, rig.web.states.get(id)?.generation]));

describe('E1, E2, E5: one of fifty', () => {
	it('T1: is seen to have crashed within 10 s and trades again within 30 s; the other 49 feel nothing of it', async () => {
		const [victim = ''] = ids.slice(17);
		const others = ids.filter((id) => id !== victim);
		const before = { pids: await pids(), generations: generations() };
		const told = rig.web.received.length;
		const process = await rig.processOf(victim);
		if (!process) throw new Error('no terminal to kill');
		const killedAt = performance.now();
		await rig.terminal.launcher.kill(process);
		await rig.web.state(victim, 'seen to be gone', ({ algo }) => algo !== 'running', DETECT_MS);
		expect(performance.now() - killedAt).toBeLessThan(DETECT_MS);
		await rig.web.state(victim, 'trading again', ({ algo }) => algo === 'running', RECOVER_MS);
		expect(performance.now() - killedAt).toBeLessThan(RECOVER_MS);

		const incident = await waitFor('the incident to end', () =>
			rig.web
				.framesOf('incident')
				.find(({ accountId, outcome }) => accountId === victim && outcome === 'recovered')
		);
		expect(incident.startedAgeMs - incident.detectedAgeMs).toBeLessThan(DETECT_MS);
		expect(incident.startedAgeMs - (incident.endedAgeMs ?? 0)).toBeLessThan(RECOVER_MS);

		const after = { pids: await pids(), generations: generations() };
		expect(after.pids.get(victim)).not.toBe(before.pids.get(victim));
		expect(after.generations).toEqual(before.generations);
		for (const id of others) expect([id, after.pids.get(id)]).toEqual([id, before.pids.get(id)]);
		// Not one of them was ever said to be anything but running, and its heart beat all the while.
		for (const frame of rig.web.received.slice(told)) {
			if (frame.type !== 'telemetry') continue;
			for (const { accountId, state, ea } of frame.accounts) {
				if (accountId === victim) continue;
				if (state) expect([accountId, state.algo, state.incident]).toEqual([accountId, 'running', null]);
				if (ea !== undefined) expect(ea?.heartbeatAgeMs ?? Infinity).toBeLessThan(10_000);
			}
		}
		expect(new Set(rig.web.framesOf('incident').map(({ accountId }) => accountId))).toEqual(
			new Set([victim])
		);
	}, 120_000);

	it('F8: an agent that is restarted adopts all fifty, with unchanged processes and EAs', async () => {
		const before = { pids: await pids(), generations: generations() };
		const launched = () => rig.log.filter((line) => line.includes('"terminal launched"')).length;
		const launches = launched();
		await rig.stopAgent();
		rig.web.states.clear();
		rig.startAgent();
		await allRunning();
		expect(await pids()).toEqual(before.pids);
		expect(generations()).toEqual(before.generations);
		expect(launched()).toBe(launches);
	}, 300_000);
});
