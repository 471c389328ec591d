import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;

beforeAll(async () => {
	web = await startWebServer({ QUINTET_STARTS_PER_MINUTE: '2' });
});
afterAll(() => web.stop());

describe('S2: rate limit on commands', () => {
	it('bounds Start, and never Pause or Stop', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		const statuses: number[] = [];
		for (let i = 0; i < 4; i++) statuses.push((await trader.command('start_ea')).status);
		expect(statuses).toEqual([200, 200, 429, 429]);
		for (let i = 0; i < 10; i++) {
			expect((await trader.command('pause_ea')).status).toBe(200);
			expect((await trader.command('stop_ea')).status).toBe(200);
		}
		agent.drop();
	});
});

describe('C1: deleting and deactivating an account whose algo is not proven stopped', () => {
	it('is refused while it runs, and while it cannot be seen', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const path = `/api/user/mt5-accounts/${accounts[0]?.id}`;
		agent.report(accounts[0]?.id ?? '', { algo: 'running' });
		const state = async () => (await trader.accounts()).accounts[0]?.state;
		await waitFor('the report', async () => (await state()) === 'running');
		expect(await trader.refusal('DELETE', path)).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
		expect(await trader.refusal('PATCH', path, { status: 'INACTIVE' })).toMatchObject({
			status: 409,
			code: 'ALGO_RUNNING'
		});
		agent.drop();
		await waitFor('the loss', async () => (await state()) === 'unknown');
		expect(await trader.refusal('DELETE', path)).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
	});
});
