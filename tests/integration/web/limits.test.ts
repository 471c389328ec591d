import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView } from '#lib/domain/views.ts';
import { arrangeScene } from '../../support/scene.ts';
import { ScriptedAgent } from '../../support/scriptedAgent.ts';
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

	it('O5: is refused when what was seen is older than a Start, until a Stop is proven', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		const path = `/api/user/mt5-accounts/${id}`;
		agent.report(id, { algo: 'stopped' });
		const account = async () => (await trader.accounts()).accounts[0];
		await waitFor('the report', async () => (await account())?.state === 'stopped');
		// Nobody waits for its answer, which the end of the server may break off.
		trader.command('start_ea').catch(() => undefined);
		await agent.next('command', ({ kind }) => kind === 'start_ea');
		// It may have carried it out; nobody heard.
		agent.drop();
		await waitFor('the loss', async () => (await account())?.connection === 'agent_offline');
		const { commandId } = (await trader.command('stop_ea')).body;
		expect(await account()).toMatchObject({ wanted: 'STOPPED', lastKnownState: 'stopped' });
		const unproven = { status: 409, code: 'ALGO_RUNNING' };
		expect(await trader.refusal('DELETE', path)).toMatchObject(unproven);
		expect(await trader.refusal('PATCH', path, { status: 'INACTIVE' })).toMatchObject(unproven);
		const back = await ScriptedAgent.connect(enrolled);
		back.answer(await back.next('command', (command) => command.commandId === commandId));
		back.report(id, { algo: 'stopped' });
		await waitFor('the Stop to be proven', async () => {
			const { body } = await trader.get<CommandView>(`/api/user/ea/command/${commandId}`);
			return body.successfulAccounts === 1;
		});
		await waitFor('the report', async () => (await account())?.state === 'stopped');
		expect((await trader.send('DELETE', path)).status).toBe(204);
		back.drop();
	});

	it('is not refused for a Stop that waits, when nothing was ever started', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor('the loss', async () => {
			return (await trader.accounts()).accounts[0]?.connection === 'agent_offline';
		});
		expect((await trader.command('stop_ea')).body.accounts).toMatchObject([{ willApplyLater: true }]);
		expect((await trader.send('DELETE', `/api/user/mt5-accounts/${accounts[0]?.id}`)).status).toBe(204);
	});
});
