/** An operator on one node asks the agent of another (E8), and what becomes of the question when that node dies. */
import { expect, it } from 'vitest';
import type { AgentLogView } from '#lib/domain/operatorViews.ts';
import { query } from '../support/database.ts';
import type { ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides, haveMet } from './twoSides.ts';

/** An agent on node A that can be asked; an operator sits before node B. */
async function arrange(rig: NodesRig) {
	const sides = await arrangeTwoSides(rig, 1, ['release', 'requests']);
	const { onB, enrolled } = sides;
	await query(rig.databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
	await waitFor('node B to know where the agent is', async () =>
		(await onB.accounts()).accounts.every(({ connection }) => connection === 'connected')
	);
	return {
		...sides,
		path: `/api/agents/${enrolled.agentId}`,
		end: () => query(rig.databaseUrl, `UPDATE "User" SET role = 'TRADER'`)
	};
}
const asked = (agent: ScriptedAgent, kind: string) => agent.next('request', (frame) => frame.kind === kind);

export function askedAcross(rig: () => NodesRig): void {
	it('S6, E8: an agent on node A hands its log and its doctor’s findings to an operator on node B', async () => {
		const { onB, agent, path, end } = await arrange(rig());
		const log = onB.get<AgentLogView>(`${path}/log?lines=50`);
		const { requestId, args } = await asked(agent, 'log');
		expect(args).toEqual({ lines: 50 });
		// As much as fits into one frame of an agent: none of it is lost on the way.
		const value = { lines: Array.from({ length: 110 }, (_, n) => `${n} `.padEnd(500, 'x')), isCut: true };
		agent.send({ type: 'answer', requestId, result: { ok: true, value } });
		expect(await log).toMatchObject({ status: 200, body: value });

		const doctor = onB.refusal('GET', `${path}/doctor`);
		const question = await asked(agent, 'doctor');
		const refused = { ok: false as const, code: 'busy' as const, message: 'At work on it.' };
		agent.send({ type: 'answer', requestId: question.requestId, result: refused });
		expect((await doctor).error?.message).toContain('At work on it.');
		agent.drop();
		await end();
	});

	it('S6, E8: a question to an agent of node A ends at once when that node is killed', async () => {
		const { onB, agent, path, end } = await arrange(rig());
		const doctor = onB.refusal('GET', `${path}/doctor`);
		await asked(agent, 'doctor');
		await rig().a.kill();
		const refusal = await doctor;
		expect(refusal.status).toBe(503);
		// Not the sentence of a time that ran out, a minute later.
		expect(refusal.error?.message).toMatch(/left before the answer came/);
		expect((await onB.refusal('GET', `${path}/log`)).status).toBe(503);
		agent.drop();
		await end();
		await rig().a.start();
		await haveMet(rig());
	});
}
