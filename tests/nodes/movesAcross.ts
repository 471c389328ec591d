/** An account moves although its old agent hangs on one node and the operator and the new agent are on the other (S6). */
import { expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { enrolAgent, ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides, at, settled } from './twoSides.ts';

/** A trader whose EA runs on an agent on node A; another agent is on node B, where an operator orders the move. */
async function arrange(rig: NodesRig) {
	const sides = await arrangeTwoSides(rig);
	const { onB, agent, accounts } = sides;
	const accountId = accounts[0]?.id ?? '';
	const answer = onB.command('start_ea');
	agent.answer(await agent.next('command', ({ kind }) => kind === 'start_ea'));
	expect((await answer).body.success).toBe(true);
	const target = await enrolAgent(onB, rig.databaseUrl, { name: 'target' });
	const there = await ScriptedAgent.connect(at(rig.b, target));
	await query(rig.databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
	await onB.confirm();
	const path = `/api/operator/accounts/${accountId}/move`;
	const move = (isMachineGone = false) =>
		onB.send('POST', path, { toAgentId: target.agentId, ...(isMachineGone ? { isMachineGone } : {}) });
	const waitsFor = (words: RegExp) =>
		waitFor(`the operator’s page on node B to say ${words}`, async () => {
			const { body } = await onB.get<unknown>('/agents');
			return words.test(JSON.stringify(body));
		});
	const isGiven = () =>
		there.framesOf('sync').some(({ accounts: given }) => given.some((each) => each.accountId === accountId));
	const arrived = () =>
		there.next('sync', ({ accounts: given }) =>
			given.some((each) => each.accountId === accountId && each.epoch === 2)
		);
	const stop = (line: ScriptedAgent) => line.next('command', ({ kind }) => kind === 'stop_ea');
	const asked = (line: ScriptedAgent) =>
		line.next('release', ({ accounts: of }) => of.some((each) => each.accountId === accountId));
	const end = async () => {
		there.drop();
		// Else accounts of the tests that follow would find room there.
		const revoke = `UPDATE "Agent" SET "revokedAt" = now() WHERE id = $1`;
		await query(rig.databaseUrl, revoke, [target.agentId]);
		await query(rig.databaseUrl, `UPDATE "User" SET role = 'TRADER'`);
	};
	return { ...sides, accountId, move, waitsFor, isGiven, arrived, stop, asked, end };
}

export function movesAcross(rig: () => NodesRig): void {
	it('S6, O3: a move ordered on node B waits for an agent that hangs on node A, and is not gone for being silent', async () => {
		const { agent, accountId, move, waitsFor, isGiven, arrived, stop, asked, end } = await arrange(rig());
		expect((await move()).status).toBe(202);
		const frame = await stop(agent);
		await waitsFor(/waits for agent-\d+ to stop the algo/);
		// It is heard of on the other node, so it is not gone.
		expect((await move(true)).status).toBe(409);
		expect(agent.framesOf('release')).toEqual([]);

		agent.answer(frame);
		await asked(agent);
		await waitsFor(/waits for agent-\d+ to close the terminal/);
		// Asked again and again, by the node that has the line.
		await waitFor('the next question', () => agent.framesOf('release').length > 1);
		expect((await move(true)).status).toBe(409);
		expect(isGiven()).toBe(false);
		agent.send({ type: 'released', accountId, epoch: 1 });
		await arrived();
		await end();
		agent.drop();
	});

	it('S6, O3: an agent that hung on node A and dials node B is asked there, and its proof there moves the account', async () => {
		const { enrolled, agent, accountId, move, waitsFor, isGiven, arrived, stop, asked, end } =
			await arrange(rig());
		expect((await move()).status).toBe(202);
		agent.answer(await stop(agent));
		await asked(agent);
		agent.drop();
		await waitsFor(/waits for agent-\d+, which is not connected/);
		expect(isGiven()).toBe(false);
		const back = await settled(rig().b, enrolled, []);
		await asked(back);
		const types = back.received.map(({ type }) => type);
		expect(types.indexOf('release')).toBeLessThan(types.indexOf('sync'));
		back.send({ type: 'released', accountId, epoch: 1 });
		await arrived();
		await end();
		back.drop();
	});
}
