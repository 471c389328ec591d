import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandView } from '#lib/domain/views.ts';
import { ApiClient } from '../../support/client.ts';
import { EventReader } from '../../support/eventReader.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let dir: string;
let postgres: EmbeddedPostgres;
let web: WebServer;
let trader: ApiClient;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-away-'));
	await chmod(dir, 0o755);
	postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres') });
	web = await startWebServer({ DATABASE_URL: postgres.url });
	trader = new ApiClient(web.origin);
	await trader.register('away@example.test');
});
afterAll(async () => {
	await web.stop();
	await postgres.stop();
	await rm(dir, { recursive: true, force: true });
});

describe('a database that is away', () => {
	it('is a 503 with a sentence on the API and an error page for people, and all is well when it is back', async () => {
		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		const refusal = await trader.refusal('PATCH', '/api/user/ea/settings', { maxLoss: '1.00' });
		expect(refusal).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
		expect(refusal.error?.message).toContain('look first whether it was done');

		const page = await trader.send<string>('GET', '/dashboard', undefined, { accept: 'text/html' });
		expect(page.status).toBe(500);
		expect(page.headers.get('content-type')).toContain('text/html');
		expect(page.body).toContain('The database cannot be reached just now');
		expect(page.body).toContain('Your accounts are not touched by this');
		expect(page.body).not.toMatch(/ECONNREFUSED|at .*\.js/);

		await databaseIsBack(port);
	});

	it('S6: Stop reaches the agents all the same, says so, and is written down when the database is back', async () => {
		const { trader: owner, agent, accounts } = await arrangeScene(web, 2);
		const [first, second] = accounts.map(({ id }) => id);
		agent.answerEverything();
		expect((await owner.command('start_ea')).body.successfulAccounts).toBe(2);
		const started = agent.framesOf('command').at(-1);
		const stranger = new ApiClient(web.origin);
		stranger.cookie = `quintet_session=${'a'.repeat(40)}`;

		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		const key = { 'idempotency-key': 'emergency-0001' };
		const stop = await owner.command('stop_ea', {}, key);
		expect(stop.status).toBe(200);
		expect(stop.body).toMatchObject({ totalAccounts: 2, successfulAccounts: 2, success: true });
		expect(stop.body.message).toContain('The database is away');
		const again = await owner.command('stop_ea', {}, key);
		expect(again.body.commandId).toBe(stop.body.commandId);
		const frames = agent.framesOf('command').filter(({ kind }) => kind === 'stop_ea');
		expect(frames.map(({ accountId }) => accountId).sort()).toEqual([first, second].sort());
		expect(frames[0]?.generation).toBeGreaterThan((started?.generation ?? 0) + 999);

		// Nothing else goes through, and nobody else.
		const path = '/api/user/ea/command';
		for (const command of ['start_ea', 'pause_ea'])
			expect(await owner.refusal('POST', path, { command })).toMatchObject({ status: 503 });
		expect(await stranger.refusal('POST', path, { command: 'stop_ea' })).toMatchObject({ status: 503 });
		expect(
			agent
				.framesOf('command')
				.filter(({ kind }) => kind !== 'stop_ea')
				.at(-1)
		).toEqual(started);
		expect(agent.framesOf('ack').flatMap(({ results }) => results)).not.toContainEqual(
			expect.objectContaining({ commandId: stop.body.commandId })
		);

		await databaseIsBack(port);
		await waitFor('both results to be acknowledged', () => {
			const acked = agent.framesOf('ack').flatMap(({ results }) => results);
			return acked.filter(({ commandId }) => commandId === stop.body.commandId).length === 2;
		});
		const recorded = await owner.get<CommandView>(`${path}/${stop.body.commandId}`);
		expect(recorded.body).toMatchObject({ command: 'stop_ea', successfulAccounts: 2, totalAccounts: 2 });
		expect((await owner.accounts()).accounts.map(({ wanted }) => wanted)).toEqual(['STOPPED', 'STOPPED']);
		await owner.command('start_ea');
		const newest = agent.framesOf('command').at(-1);
		expect(newest?.kind).toBe('start_ea');
		expect(newest?.generation).toBeGreaterThan(frames[0]?.generation ?? Infinity);
	});

	it('S6: an open page lives on without the database: it says so, hears the agents and the Stop, and catches up', async () => {
		const { trader: owner, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		agent.answerEverything();
		expect((await owner.command('start_ea')).body.success).toBe(true);
		const page = await EventReader.open(owner);
		await page.placed();
		await page.next('telemetry');

		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		await page.next('servers', ({ notice }) => notice?.startsWith('The database cannot be reached') ?? false);
		const before = page.of('telemetry').length;
		agent.report(id, { algo: 'paused' });
		await waitFor('what the agent reports', () =>
			page
				.of('telemetry')
				.slice(before)
				.some(({ accounts: [account] }) => account?.state === 'paused')
		);
		const stop = await owner.command('stop_ea');
		const { commandId } = stop.body;
		const heard = await page.next('results', (body) => body.commandId === commandId);
		expect(heard.message).toContain('The database is away');

		await databaseIsBack(port);
		const recorded = await page.next('command', (body) => body.commandId === commandId);
		expect(recorded.message).not.toContain('away');
		await page.next('results', (body) => body.commandId === commandId && !body.message.includes('away'));
		await waitFor('the page to say that all is well', () => page.of('servers').at(-1)?.notice === null);
		// It was one and the same stream all the time.
		expect(page.isOpen).toBe(true);
		expect(page.of('hello')).toHaveLength(1);
		expect(page.of('resync')).toEqual([]);
		page.close();
		agent.drop();
	});

	it('S6: says that nothing could be stopped when no agent of the trader is connected here', async () => {
		const { trader: owner, agent } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor('the line to be gone', async () => {
			const [account] = (await owner.accounts()).accounts;
			return account?.agent?.isConnected === false;
		});
		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		const refusal = await owner.refusal('POST', '/api/user/ea/command', { command: 'stop_ea' });
		expect(refusal).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
		expect(refusal.error?.message).toContain('nothing could be stopped');
		await databaseIsBack(port);
	});
});

async function databaseIsBack(port: number): Promise<void> {
	postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), port });
	await waitFor('the server to find its database again', async () => {
		return (await trader.get('/api/user/mt5-accounts')).status === 200;
	});
}
