/** The bus away, or deaf: it is shown, nothing hangs, and nothing is claimed that was not seen (S6). */
import { expect, it } from 'vitest';
import { decodeWebFrame } from '#lib/protocol/codec.ts';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig } from './nodesRig.ts';
import { arrangeTwoSides, connectionOn, health, LONG, statusOf } from './twoSides.ts';

export function busAway(rig: () => NodesRig): void {
	it('S6: without the bus it is shown, each node goes on with what it has, and nothing hangs', async () => {
		const { onA, onB, agent, accounts } = await arrangeTwoSides(rig());
		const [account] = accounts;
		const page = await EventReader.open(onB);
		await page.placed();
		await waitFor('node B to see the agent', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		await rig().cutBus();
		await page.next('servers', ({ notice }) => /lost contact with the other servers/.test(notice ?? ''));
		expect(await health(rig().b)).toMatchObject({ bus: 'away', reachable: 0 });

		// Not offline, which nobody saw: not to be reached from here.
		const [view] = (await onB.accounts()).accounts;
		expect(view).toMatchObject({
			connection: 'unreachable',
			state: 'unknown',
			lastKnownState: 'stopped',
			agent: { isConnected: null }
		});
		await waitFor('the page to show it so', () =>
			page.of('telemetry').some(({ accounts: news }) => news.some((a) => a.connection === 'unreachable'))
		);

		const start = (await onB.command('start_ea')).body.accounts[0];
		expect(start).toMatchObject({ status: 'agent_offline', isFinal: true, errorCode: 'agent_elsewhere' });
		expect(start?.error).toMatch(/another server process/);

		// A Stop is found in the database by the node that has the line, and its outcome by the other one.
		const stop = (await onB.command('stop_ea')).body;
		expect(stop.accounts[0]).toMatchObject({ willApplyLater: true, errorCode: 'agent_elsewhere' });
		const command = await waitFor('the Stop to arrive', () => agent.framesOf('command')[0], LONG);
		expect(command).toMatchObject({ commandId: stop.commandId, kind: 'stop_ea' });
		agent.answer(command);
		await waitFor(
			'the page on node B to hear of the outcome',
			() =>
				[...page.of('command'), ...page.of('results')].some(
					(body) => body.commandId === stop.commandId && body.success
				),
			LONG
		);

		// People and agents of one node do not notice.
		const own = onA.command('start_ea');
		const started = await agent.next('command', (frame) => frame.kind === 'start_ea');
		expect(started.accountId).toBe(account?.id);
		agent.answer(started);
		expect((await own).body.success).toBe(true);

		await rig().healBus();
		await page.next('servers', ({ notice }) => notice === null);
		await waitFor('node B to see the agent again', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		const answer = onB.command('pause_ea');
		agent.answer(await agent.next('command', (frame) => frame.kind === 'pause_ea'));
		expect((await answer).body.success).toBe(true);
		page.close();
		agent.drop();
	});

	it('S6: a page that opens while the bus is away for a moment is told of both', async () => {
		const { onB, agent } = await arrangeTwoSides(rig());
		for (let round = 0; round < 3; round++) {
			await rig().cutBus();
			const page = await EventReader.open(onB);
			await page.next('servers', ({ notice }) => notice !== null);
			await rig().healBus();
			await page.next('servers', ({ notice }) => notice === null);
			page.close();
		}
		agent.drop();
	});

	it('S6: a bus that swallows everything is noticed, and the press that went into it gets its answer', async () => {
		const { onB, agent } = await arrangeTwoSides(rig());
		await waitFor('node B to see the agent', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		agent.socket.on('message', (bytes: Buffer) => {
			const decoded = decodeWebFrame(bytes.toString());
			if (!decoded.ok || decoded.frame.type !== 'settle') return;
			const answers = decoded.frame.commands.map(({ commandId, accountId, generation }) => ({
				commandId,
				accountId,
				generation,
				verdict: 'never_received' as const
			}));
			agent.send({ type: 'settled', answers });
		});
		rig().muteBus();
		// Not 30 s of silence: the node with the line asks, and this one looks into the database.
		const start = (await onB.command('start_ea')).body.accounts[0];
		expect(start).toMatchObject({ status: 'expired', errorCode: 'never_received' });
		expect(agent.framesOf('command')).toEqual([]);
		await waitFor('node B to notice', async () => (await health(rig().b)).bus === 'away', LONG);
		expect((await onB.command('start_ea')).body.accounts[0]).toMatchObject({
			errorCode: 'agent_elsewhere'
		});

		await rig().healBus();
		await waitFor('node B to see the agent again', async () =>
			(await connectionOn(onB)).every((connection) => connection === 'connected')
		);
		agent.answerEverything();
		expect((await onB.command('start_ea')).body.success).toBe(true);
		agent.drop();
	});

	it('S6: a node does not call an account unknown whose agent is at work on the other node', async () => {
		const { onA, agent, accounts } = await arrangeTwoSides(rig());
		const answer = onA.command('start_ea');
		const command = await agent.next('command');
		const { commandId, accountId, generation, epoch } = command;
		agent.send({ type: 'progress', commandId, accountId, generation, epoch, stage: 'launch', proof: null });
		await waitFor(
			'the account to be at work',
			async () => (await statusOf(rig(), commandId)) === 'executing'
		);
		await rig().cutBus();
		// Longer than a lost agent is waited for; B sweeps all the while, and sees no line of its own.
		const beats = accounts.map(({ id }) => id);
		await waitFor(
			'time to pass',
			async () => {
				for (const id of beats) agent.report(id);
				const [row] = await query<{ isOver: boolean }>(
					rig().databaseUrl,
					`SELECT now() - "createdAt" > interval '12 seconds' AS "isOver" FROM "EaCommand" WHERE id = $1`,
					[commandId]
				);
				return row?.isOver;
			},
			LONG
		);
		expect(await statusOf(rig(), commandId)).toBe('executing');
		agent.answer(command);
		expect((await answer).body.success).toBe(true);
		await rig().healBus();
		agent.drop();
	});
}
