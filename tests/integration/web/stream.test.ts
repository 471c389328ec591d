import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../../support/eventReader.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;

beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

describe('D2: the live stream', () => {
	it('begins with the server’s time and the present of every account', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.report(accounts[0]?.id ?? '', { algo: 'running' });
		const reader = await EventReader.open(trader);
		await reader.next('hello');
		expect(reader.events[0]?.name).toBe('hello');
		const telemetry = await reader.next('telemetry', (body) => body.accounts[0]?.state === 'running');
		expect(telemetry.accounts[0]).toMatchObject({ id: accounts[0]?.id, connection: 'connected' });
		reader.close();
		agent.drop();
	});

	it('tells of a command and of each result, numbered without gaps', async () => {
		const { trader, agent } = await arrangeScene(web, 3);
		const reader = await EventReader.open(trader);
		const from = BigInt(await reader.placed());
		const answer = trader.command('pause_ea');
		for (const n of [1, 2, 3]) {
			await waitFor(`command ${n}`, () => agent.framesOf('command').length >= n);
			const command = agent.framesOf('command')[n - 1];
			if (command) agent.answer(command);
		}
		await answer;
		const last = await reader.next('results', (body) => body.successfulAccounts === 3);
		expect(last.message).toBe('All 3 accounts paused.');
		const seen = reader.of('results').flatMap((body) => body.accounts.map((account) => account.accountId));
		expect(new Set(seen).size).toBe(3);
		const ids = reader.events.flatMap((event) => (event.id === null ? [] : [BigInt(event.id)]));
		expect(ids).toEqual(ids.map((_, i) => from + BigInt(i)));
		reader.close();
		agent.drop();
	});

	it('back-fills what happened while it was cut, nothing lost and nothing twice', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		agent.answerEverything();
		const before = await EventReader.open(trader);
		await before.placed();
		await trader.command('pause_ea');
		await before.next('results', (body) => body.successfulAccounts === 2);
		const lastEventId = before.lastEventId;
		before.close();

		const { body: missed } = await trader.command('stop_ea');
		await trader.enable(accounts[0]?.id ?? '', false);

		const after = await EventReader.open(trader, lastEventId);
		const command = await after.next('command');
		expect(command).toMatchObject({ commandId: missed.commandId, success: true });
		await after.next('accounts', (body) => body.reason === 'toggled');
		expect(after.of('command')).toHaveLength(1);
		expect(after.of('resync')).toEqual([]);
		after.close();
		agent.drop();
	});

	it('tells what happened between the loading of a page and the beginning of its stream', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		const page = await trader.send<string>('GET', '/dashboard', undefined, { accept: 'text/html' });
		const loadedAt = /loadedAt:"(\d+)"/.exec(page.body)?.[1];
		const { body: missed } = await trader.command('pause_ea');
		const reader = await EventReader.open(trader, loadedAt);
		expect(await reader.next('command')).toMatchObject({ commandId: missed.commandId, success: true });
		expect(reader.of('resync')).toEqual([]);
		reader.close();
		agent.drop();
	});

	it('asks to load everything again when what was missed is not kept any more', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		for (const enabled of [false, true, false]) await trader.enable(accounts[0]?.id ?? '', enabled);
		await query(
			web.databaseUrl,
			`DELETE FROM "LiveEvent" WHERE "userId" = (SELECT "userId" FROM "Mt5Account" WHERE id = $1)`,
			[accounts[0]?.id]
		);
		const reader = await EventReader.open(trader, '1');
		await reader.next('resync');
		reader.close();
		agent.drop();
	});

	it('shows an agent’s loss to an open page by itself', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.report(accounts[0]?.id ?? '');
		const reader = await EventReader.open(trader);
		await reader.next('telemetry', (body) => body.accounts[0]?.connection === 'connected');
		agent.drop();
		const lost = await reader.next('telemetry', (body) => body.accounts[0]?.connection === 'agent_offline');
		expect(lost.accounts[0]).toMatchObject({ state: 'unknown', lastKnownState: 'stopped' });
		reader.close();
	});

	it('carries nothing of another trader', async () => {
		const mine = await arrangeScene(web, 1);
		const other = await arrangeScene(web, 1);
		other.agent.answerEverything();
		const reader = await EventReader.open(mine.trader);
		await reader.placed();
		await other.trader.command('pause_ea');
		other.agent.report(other.accounts[0]?.id ?? '', { algo: 'running' });
		await mine.trader.enable(mine.accounts[0]?.id ?? '', false);
		await reader.next('accounts');
		expect(JSON.stringify(reader.events)).not.toContain(other.accounts[0]?.id);
		expect(reader.of('command')).toEqual([]);
		reader.close();
		mine.agent.drop();
		other.agent.drop();
	});

	it('ends open streams when the server ends, within ten seconds', async () => {
		const { trader, agent } = await arrangeScene(web, 0);
		const readers = await Promise.all(Array.from({ length: 10 }, () => EventReader.open(trader)));
		const startedAt = performance.now();
		await web.end('SIGTERM');
		expect(performance.now() - startedAt).toBeLessThan(10_000);
		expect(await agent.closed).toMatchObject({ code: 1012 });
		await waitFor('all streams to be closed', () => readers.every((reader) => !reader.isOpen));
		await web.restart();
	});
});
