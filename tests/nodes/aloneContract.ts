/** S12: two server processes on one database, started by mistake without a bus between them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/client.ts';
import { EventReader } from '../support/eventReader.ts';
import { query } from '../support/database.ts';
import { waitFor } from '../support/waitFor.ts';
import { arrangeTwoSides, health } from './twoSides.ts';
import type { NodesRig } from './nodesRig.ts';

const LONG = { timeoutMs: 30_000 };

export function aloneContract(name: string, startRig: () => Promise<NodesRig>): void {
	describe(`S12: two servers on one database that do not know of each other, ${name}`, () => {
		let rig: NodesRig;
		beforeAll(async () => {
			rig = await startRig();
			for (const node of [rig.a, rig.b])
				await waitFor(
					'the node to see the other one’s lease',
					async () => (await health(node)).others === 1,
					LONG
				);
		});
		afterAll(() => rig.stop());

		it('S12: is said in the log of both and on the pages of both', async () => {
			for (const node of [rig.a, rig.b])
				await waitFor('the warning', () =>
					/set REDIS_URL on all of them, or stop all but one/.test(node.log())
				);
			const { onA, onB, agent } = await arrangeTwoSides(rig);
			for (const client of [onA, onB]) {
				const page = await EventReader.open(client);
				await page.next('servers', ({ notice }) => /set REDIS_URL/.test(notice ?? ''));
				page.close();
			}
			agent.drop();
		});

		it('S12: the second neither calls the agent offline nor sends through a line that is not its own', async () => {
			const { onA, onB, agent } = await arrangeTwoSides(rig);
			await waitFor('node B to read whose the line is', async () =>
				(await onB.accounts()).accounts.every((a) => a.connection === 'unreachable')
			);
			const [view] = (await onB.accounts()).accounts;
			expect(view).toMatchObject({ state: 'unknown', agent: { isConnected: null } });

			const [start] = (await onB.command('start_ea')).body.accounts;
			expect(start).toMatchObject({ status: 'agent_offline', errorCode: 'agent_elsewhere' });
			expect(start?.error).toMatch(/REDIS_URL/);
			expect(agent.framesOf('command')).toEqual([]);

			const stop = (await onB.command('stop_ea')).body;
			const command = await waitFor(
				'the first server to deliver the Stop',
				() => agent.framesOf('command')[0],
				LONG
			);
			expect(command).toMatchObject({ commandId: stop.commandId, kind: 'stop_ea' });
			agent.answer(command);
			await waitFor('the Stop to be done', async () => {
				const rows = await query<{ status: string }>(
					rig.databaseUrl,
					`SELECT status FROM "EaCommandResult" WHERE "commandId" = $1`,
					[stop.commandId]
				);
				return rows[0]?.status === 'success';
			});

			const answer = onA.command('start_ea');
			agent.answer(await agent.next('command', (frame) => frame.kind === 'start_ea'));
			expect((await answer).body.success).toBe(true);
			agent.drop();
		});

		it('S12: all is well again when one of them ends in order', async () => {
			const onA = new ApiClient(rig.a.origin);
			await onA.register('alone@example.test');
			const page = await EventReader.open(onA);
			await page.next('servers', ({ notice }) => notice !== null);
			await rig.b.end();
			await waitFor('node A to be alone', async () => (await health(rig.a)).others === 0, LONG);
			await page.next('servers', ({ notice }) => notice === null);
			page.close();
		});
	});
}
