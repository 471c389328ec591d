/** A node that is killed loses nothing (S6). */
import { expect, it } from 'vitest';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides, commandOf, connectionOn, haveMet, LONG, settled } from './twoSides.ts';

export function killedNodes(rig: () => NodesRig): void {
	it('S6: a node killed while it holds the line loses nothing', async () => {
		const { onA, onB, enrolled, agent, accounts } = await arrangeTwoSides(rig());
		const page = await EventReader.open(onA);
		await page.placed();
		const answer = onB.command('start_ea');
		const command = await agent.next('command');
		await page.next('command', (body) => body.commandId === command.commandId);
		await rig().a.kill();

		const back = await settled(rig().b, enrolled, accounts);
		const settle = await back.next('settle');
		expect(settle.commands.map(({ commandId }) => commandId)).toEqual([command.commandId]);
		back.answer(command);
		expect((await answer).body).toMatchObject({ success: true });

		// The browser comes back to the other node, with the number it saw last.
		const again = await EventReader.open(onB, page.lastEventId);
		await waitFor('the page to hear of the outcome', () =>
			[...again.of('command'), ...again.of('results')].some(
				(body) => body.commandId === command.commandId && body.success
			)
		);
		expect(again.of('resync')).toEqual([]);
		again.close();
		back.drop();
		await rig().a.start();
		await haveMet(rig());
	});

	it('S6: a node killed after its commit and before its word arrives loses nothing', async () => {
		const { onB, agent, accounts } = await arrangeTwoSides(rig(), 2);
		const [first, second] = accounts;
		if (!first || !second) throw new Error('two accounts were to be made');
		await waitFor('node B to see the agent', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		rig().muteBus();
		const lost = [
			onB.command('start_ea', { accountIds: [first.id] }),
			onB.command('stop_ea', { accountIds: [second.id] })
		].map((answer) => answer.catch(() => null));
		for (const [{ id }, kind] of [
			[first, 'START_EA'],
			[second, 'STOP_EA']
		] as const)
			await waitFor(
				`the ${kind} to be committed as sent`,
				async () => (await commandOf(rig(), id, kind))?.status === 'dispatched'
			);
		await rig().b.kill();
		await Promise.all(lost);
		expect(agent.framesOf('command')).toEqual([]);

		// The node with the line finds both in the database and asks; the agent knows of neither.
		const asked = async (accountId: string) => {
			const settle = await waitFor(
				'the agent to be asked',
				() => agent.framesOf('settle').find((frame) => frame.commands.some((c) => c.accountId === accountId)),
				LONG
			);
			const [command] = settle.commands.filter((c) => c.accountId === accountId);
			if (!command) throw new Error('not asked');
			const { commandId, generation } = command;
			agent.send({
				type: 'settled',
				answers: [{ commandId, accountId, generation, verdict: 'never_received' }]
			});
		};
		await asked(first.id);
		await asked(second.id);
		const stop = await agent.next('command', (frame) => frame.accountId === second.id);
		agent.answer(stop);
		await waitFor(
			'the Stop to be done',
			async () => (await commandOf(rig(), second.id, 'STOP_EA'))?.status === 'success'
		);
		await waitFor(
			'the Start to be known as never run',
			async () => (await commandOf(rig(), first.id, 'START_EA'))?.status === 'expired'
		);
		expect(agent.framesOf('command').map(({ kind }) => kind)).toEqual(['stop_ea']);
		agent.drop();
		await rig().healBus();
		await rig().b.start();
		await haveMet(rig());
	});
}
