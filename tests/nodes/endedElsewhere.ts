/** A right that is taken away on one node is gone on the other at once (S6). */
import { expect, it } from 'vitest';
import type { SessionView } from '#lib/domain/views.ts';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides } from './twoSides.ts';

export function endedElsewhere(rig: () => NodesRig): void {
	it('S6, B6: a session that is ended on node B ends its streams on node A, long before anybody looks', async () => {
		const { onA, onB, agent } = await arrangeTwoSides(rig());
		const page = await EventReader.open(onA);
		await page.next('telemetry');
		const { sessions } = (await onB.get<{ sessions: SessionView[] }>('/api/auth/sessions')).body;
		const own = sessions.find(({ isCurrent }) => isCurrent);
		// Streams look for themselves every 30 s.
		const endedAtMs = performance.now();
		expect((await onB.send('DELETE', `/api/auth/sessions/${own?.id}`)).status).toBeLessThan(300);
		expect(await page.next('closed')).toEqual({ reason: 'signed_out' });
		await waitFor('the stream to end', () => !page.isOpen);
		expect(performance.now() - endedAtMs).toBeLessThan(10_000);
		agent.drop();
	});

	it('S6, X6: an agent that is revoked on node B loses its line on node A', async () => {
		const { onB, enrolled, agent } = await arrangeTwoSides(rig());
		await query(rig().databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
		expect((await onB.send('POST', `/api/agents/${enrolled.agentId}/revoke`)).status).toBe(200);
		expect((await agent.closed).code).toBe(4003);
		await query(rig().databaseUrl, `UPDATE "User" SET role = 'TRADER'`);
	});
}
