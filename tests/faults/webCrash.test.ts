/** S1–S3: the web server's process dies at each named step of a command; the next one makes the truth of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { Plant } from './support/plant.ts';

const ARMED = (crashAt: string) => ({ QUINTET_FAULT_TESTS: 'true', QUINTET_CRASH_AT: crashAt });

let web: WebServer;
let plant: Plant;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());
afterEach(() => plant.dispose());

/** A running product, whose web server is then replaced by one that dies at `point`. */
async function armed(point: string, options: { accounts?: number; running?: boolean } = {}) {
	plant = await Plant.build(web, options);
	plant.startAgent();
	await plant.ready();
	if (options.running) {
		const results = await plant.settled(await plant.press('start_ea'));
		expect(results.map(({ status }) => status)).toEqual(results.map(() => 'success'));
	}
	await web.restart('SIGTERM', ARMED(point));
	await plant.ready();
}

/** Presses, waits for the crash, and starts a sound web server. */
async function crashedBy(kind: 'start_ea' | 'stop_ea' | 'pause_ea') {
	const commandId = await plant.press(kind);
	await web.ended();
	await web.restart();
	return plant.settled(commandId);
}

describe('S1: SIGKILL of the server after 2 of 5 frames', () => {
	it('Start: what was sent comes to its end, the rest is expired and never runs', async () => {
		await armed('command-sent:2', { accounts: 5 });
		const results = await crashedBy('start_ea');
		const taken = plant.agentLog
			.split('\n')
			.filter((line) => line.includes('command accepted') && line.includes('start_ea'));
		const sent = plant.accounts.filter((accountId) => taken.some((line) => line.includes(accountId)));
		expect(sent).toHaveLength(2);
		for (const { accountId, status } of results) {
			// Where five terminals are slower than a Start's time, one that was sent expires before its effect, too.
			expect(sent.includes(accountId) ? ['success', 'expired'] : ['expired']).toContain(status);
			await plant.shows(status === 'success' ? 'running' : 'stopped', accountId);
			expect(await plant.loads(accountId)).toBe(status === 'success' ? 1 : 0);
			expect((await plant.view(accountId)).wanted).toBe(status === 'success' ? 'RUNNING' : 'STOPPED');
		}
	});

	it('Stop: all five are stopped, also those it had not been sent to', async () => {
		await armed('command-sent:2', { accounts: 5, running: true });
		const results = await crashedBy('stop_ea');
		expect(results.map(({ status }) => status)).toEqual(results.map(() => 'success'));
		for (const accountId of plant.accounts) await plant.shows('stopped', accountId);
	});
});

describe('S2: SIGKILL of the server after the commit, before the first frame', () => {
	it('Start is expired and never runs', async () => {
		await armed('command-committed');
		expect(await crashedBy('start_ea')).toMatchObject([{ status: 'expired' }]);
		expect(await plant.loads()).toBe(0);
		expect(await plant.view()).toMatchObject({ state: 'stopped', wanted: 'STOPPED' });
	});

	it('Pause is carried out all the same', async () => {
		await armed('command-committed', { running: true });
		expect(await crashedBy('pause_ea')).toMatchObject([{ status: 'success' }]);
		await plant.shows('paused');
	});
});

describe('S3: SIGKILL of the server between an agent’s result and its acknowledgement', () => {
	it.each(['result-received', 'result-committed'])('at “%s”: the agent says it again', async (point) => {
		await armed(point);
		expect(await crashedBy('start_ea')).toMatchObject([{ status: 'success', eaStatus: 'running' }]);
		await plant.shows('running');
		expect(await plant.loads()).toBe(1);
	});
});
