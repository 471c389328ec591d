/** A1: the agent's process dies at each named step of each command, and the next one makes the truth of it. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_CRASH_POINTS, type AgentCrashPoint } from '../../agent/src/crashpoint.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { Plant } from './support/plant.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

/** An interrupted Start gets so long to show that it runs. */
const SOUND = { timings: { heartbeatMs: 20_000 } };

/** What a Start must have become; Stop and Pause are always carried out in the end. */
const START: Record<AgentCrashPoint, { status: string; state: 'stopped' | 'running'; loads: 0 | 1 }> = {
	received: { status: 'expired', state: 'stopped', loads: 0 },
	journalled: { status: 'expired', state: 'stopped', loads: 0 },
	intended: { status: 'indeterminate', state: 'stopped', loads: 0 },
	'mid-effect': { status: 'success', state: 'running', loads: 1 },
	'effect-done': { status: 'success', state: 'running', loads: 1 },
	'outcome-journalled': { status: 'success', state: 'running', loads: 1 },
	'outcome-sent': { status: 'success', state: 'running', loads: 1 },
	acknowledged: { status: 'success', state: 'running', loads: 1 }
};

describe.each(['start_ea', 'pause_ea', 'stop_ea'] as const)('A1: SIGKILL of the agent during %s', (kind) => {
	let plant: Plant;
	beforeAll(async () => {
		plant = await Plant.build(web);
		plant.startAgent(SOUND);
	});
	afterAll(() => plant.dispose());

	it.each(AGENT_CRASH_POINTS)('at “%s”', async (point) => {
		// Everything as it was before the command, by the agent that recovered from the case before.
		await plant.ready();
		const before = kind === 'start_ea' ? 'stopped' : 'running';
		if ((await plant.view()).state !== before)
			expect(await plant.carryOut(kind === 'start_ea' ? 'stop_ea' : 'start_ea')).toMatchObject({
				status: 'success'
			});
		await plant.shows(before);
		// Else the next agent says it again, and passes some of its steps before the command.
		await plant.acknowledged();
		await plant.endAgent('SIGTERM');
		// Each case is a crash of its own, not the fifth of a loop (A11).
		await rm(plant.state.starts, { force: true });
		const terminal = await plant.terminalOf();
		const loads = await plant.loads();

		plant.startAgent({ crashAt: point });
		await plant.shows(before);
		const commandId = await plant.press(kind);
		await plant.agentEnded();
		plant.startAgent(SOUND);
		const [result] = await plant.settled(commandId);
		const expected =
			kind === 'start_ea'
				? START[point]
				: {
						status: 'success',
						state: kind === 'stop_ea' ? ('stopped' as const) : ('paused' as const),
						loads: 0
					};
		expect(result).toMatchObject({ status: expected.status });
		await plant.shows(expected.state);
		expect((await plant.loads()) - loads).toBe(expected.loads);
		expect(await plant.terminalOf()).toEqual(terminal);
	});
});
