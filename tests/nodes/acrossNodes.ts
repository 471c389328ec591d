/** What is done on one node takes hold on the other (S6). */
import { expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides, connectionOn, settled } from './twoSides.ts';

export function acrossNodes(rig: () => NodesRig): void {
	it('S6: an agent on node A obeys a user on node B, and the pages on both see it', async () => {
		const { onA, onB, agent, accounts } = await arrangeTwoSides(rig());
		const [account] = accounts;
		const pages = [await EventReader.open(onA), await EventReader.open(onB)];
		for (const page of pages) await page.placed();
		await waitFor('node B to show what the agent sees', async () =>
			(await onB.accounts()).accounts.every((a) => a.connection === 'connected' && a.state === 'stopped')
		);

		const answer = onB.command('start_ea');
		const command = await agent.next('command');
		expect(command.accountId).toBe(account?.id);
		agent.answer(command);
		expect((await answer).body).toMatchObject({ success: true, successfulAccounts: 1 });
		for (const page of pages) {
			await page.next('command', (body) => body.commandId === command.commandId);
			await page.next('results', (body) => body.commandId === command.commandId && body.success);
		}

		agent.report(command.accountId, { algo: 'running', generation: command.generation });
		for (const page of pages)
			await waitFor('the page to see it run', () =>
				page.of('telemetry').some(({ accounts: news }) => news.some((a) => a.state === 'running'))
			);

		agent.drop();
		for (const page of pages)
			await waitFor('the page to hear that the agent left', () =>
				page.of('telemetry').some(({ accounts: news }) => news.some((a) => a.connection === 'agent_offline'))
			);
		for (const page of pages) page.close();
	});

	it('S6: what a trader changes on node B reaches the agent on node A', async () => {
		const { onA, onB, enrolled, agent } = await arrangeTwoSides(rig());
		const page = await EventReader.open(onA);
		await page.placed();
		const added = await onB.addAccount('77');
		await page.next('accounts', (body) => body.accountIds.includes(added.id));
		const [owner] = await query<{ agentId: string }>(
			rig().databaseUrl,
			`SELECT "agentId" FROM "Mt5AccountAssignment" WHERE "accountId" = $1`,
			[added.id]
		);
		// Only this agent is connected anywhere, so the account is its.
		expect(owner?.agentId).toBe(enrolled.agentId);
		await agent.next('sync', (sync) => sync.accounts.some(({ accountId }) => accountId === added.id));
		agent.report(added.id);
		await waitFor(
			'node B to see it stand still',
			async () => (await onB.accounts()).accounts.find((a) => a.id === added.id)?.state === 'stopped'
		);
		expect((await onB.send('DELETE', `/api/user/mt5-accounts/${added.id}`)).status).toBeLessThan(300);
		await agent.next('sync', (sync) => sync.removed.some(({ accountId }) => accountId === added.id));
		page.close();
		agent.drop();
	});

	it('S6: an agent that dials the other node takes its line along; the older one is closed', async () => {
		const { onA, onB, enrolled, agent, accounts } = await arrangeTwoSides(rig());
		const newer = await settled(rig().b, enrolled, accounts);
		expect((await agent.closed).code).toBe(4001);
		for (const client of [onA, onB])
			await waitFor('both nodes to show it connected', async () =>
				(await connectionOn(client)).every((connection) => connection === 'connected')
			);
		newer.answerEverything();
		expect((await onA.command('start_ea')).body.success).toBe(true);
		expect((await onB.command('stop_ea')).body.success).toBe(true);
		newer.drop();
	});

	it('S6: an agent that the database says is nowhere is found again by the node that has its line', async () => {
		const { onB, enrolled, agent } = await arrangeTwoSides(rig());
		const holder = async () =>
			(
				await query<{ nodeId: string | null }>(
					rig().databaseUrl,
					`SELECT "nodeId" FROM "Agent" WHERE id = $1`,
					[enrolled.agentId]
				)
			)[0]?.nodeId;
		const before = await holder();
		expect(before).toBeTruthy();
		// As a node leaves it that stood still while the agent came, and looked before it read the agent's word.
		await query(rig().databaseUrl, `UPDATE "Agent" SET "nodeId" = NULL WHERE id = $1`, [enrolled.agentId]);
		await waitFor('the database to name the node again', async () => (await holder()) === before);
		await waitFor('node B to show its accounts connected', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		agent.answerEverything();
		expect((await onB.command('start_ea')).body.success).toBe(true);
		agent.drop();
	});
}
