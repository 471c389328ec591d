/** S6: what an agent obeyed and this server does not know, because the server that said it died first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

async function running() {
	const scene = await arrangeScene(web, 1);
	scene.agent.answerEverything();
	await scene.trader.command('start_ea');
	const started = scene.agent.framesOf('command').at(-1);
	if (!started) throw new Error('nothing was started');
	const wanted = async () => (await scene.trader.accounts()).accounts[0]?.wanted;
	return { ...scene, started, wanted, id: started.accountId };
}

describe('S6: an emergency Stop that was never written down', () => {
	it('is learned from the agent: Stop is wanted, and the next Start is above it', async () => {
		const { trader, agent, started, wanted, id } = await running();
		const generation = started.generation + 1_000;
		agent.report(id, { commanded: { generation, wanted: 'STOPPED' } });
		await waitFor('Stop to be wanted', async () => (await wanted()) === 'STOPPED');
		await trader.command('start_ea');
		expect(agent.framesOf('command').at(-1)).toMatchObject({ kind: 'start_ea', generation: generation + 1 });
	});

	it('never makes more wanted than was: an agent’s word starts nothing', async () => {
		const { trader, agent, started, wanted, id } = await running();
		await trader.command('stop_ea');
		const generation = started.generation + 500;
		agent.report(id, { commanded: { generation, wanted: 'RUNNING' } });
		await waitFor('the generation to be raised', async () => {
			const rows = await query<{ wantedGeneration: string }>(
				web.databaseUrl,
				'SELECT "wantedGeneration" FROM "AccountState" WHERE "accountId" = $1',
				[id]
			);
			return rows[0]?.wantedGeneration === String(generation);
		});
		expect(await wanted()).toBe('STOPPED');
	});

	it('believes no leap beyond two emergencies, and raises an alarm', async () => {
		const { agent, started, wanted, id } = await running();
		agent.report(id, { commanded: { generation: started.generation + 2_001, wanted: 'STOPPED' } });
		await waitFor('the alarm', async () => {
			const rows = await query(
				web.databaseUrl,
				`SELECT 1 FROM "SystemLog" WHERE "accountId" = $1 AND level = 'error' AND message LIKE '%never given out%'`,
				[id]
			);
			return rows.length > 0;
		});
		expect(await wanted()).toBe('RUNNING');
	});
});
