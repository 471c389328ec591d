/** A server that is stopped and goes on later: its work was taken over meanwhile, and what lay in it is old. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pressOnNewConnection } from '../support/press.ts';
import { waitFor } from '../support/waitFor.ts';
import { arrangeTwoSides, connectionOn, haveMet, LONG, settled } from './twoSides.ts';
import { startRedisRig, type ProcessesRig } from './processesRig.ts';

describe('S6: a node that stands still and goes on', () => {
	let rig: ProcessesRig;
	beforeAll(async () => {
		rig = await startRedisRig();
		await haveMet(rig);
	});
	afterAll(() => rig.stop());

	it('S6: its lines are taken over, and it sends nothing that is old when it wakes', async () => {
		const { onA, onB, enrolled, agent, accounts } = await arrangeTwoSides(rig);
		process.kill(rig.pids().a, 'SIGSTOP');
		const stoppedAt = performance.now();
		const unread = pressOnNewConnection(onA, 'start_ea');

		const back = await settled(rig.b, enrolled, accounts);
		back.answerEverything();
		const stop = await onB.command('stop_ea');
		expect(stop.body).toMatchObject({ success: true });
		await waitFor('the press to be old', () => performance.now() - stoppedAt > 7_000);

		process.kill(rig.pids().a, 'SIGCONT');
		expect(await unread).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
		// The line that A still believed in is the past.
		await agent.closed;
		expect(agent.framesOf('command')).toEqual([]);
		expect(back.framesOf('command').map(({ kind }) => kind)).toEqual(['stop_ea']);

		await haveMet(rig);
		await waitFor('node A to know where the agent is', async () =>
			(await connectionOn(onA)).every((connection) => connection === 'connected')
		);
		await waitFor(
			'a Start from A to go through B',
			async () => (await pressOnNewConnection(onA, 'start_ea')).body.success,
			LONG
		);
		const [halt, start] = back.framesOf('command');
		expect(start?.kind).toBe('start_ea');
		expect(start?.generation).toBeGreaterThan(halt?.generation ?? Infinity);
		back.drop();
	});
});
