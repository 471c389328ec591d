/** A server that is stopped and goes on later: its work was taken over meanwhile, and what lay in it is old. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pressOnNewConnection } from '../support/press.ts';
import { waitFor } from '../support/waitFor.ts';
import { arrangeTwoSides, health, LONG, settled } from './twoSides.ts';
import { startRedisRig, type ProcessesRig } from './processesRig.ts';

describe('S6: a node that stands still and goes on', () => {
	let rig: ProcessesRig;
	const bothMet = () =>
		waitFor('the nodes to find each other', async () => (await health(rig.b)).reachable === 1, LONG);
	beforeAll(async () => {
		rig = await startRedisRig();
		await bothMet();
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

		await bothMet();
		await waitFor(
			'a Start from A to go through B',
			async () => (await pressOnNewConnection(onA, 'start_ea')).status === 200,
			LONG
		);
		await waitFor('the Start', () => back.framesOf('command').some(({ kind }) => kind === 'start_ea'));
		const [, start] = back.framesOf('command');
		expect(start?.generation).toBeGreaterThan(back.framesOf('command')[0]?.generation ?? Infinity);
		back.drop();
	});
});
