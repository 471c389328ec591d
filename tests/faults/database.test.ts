/** S5, S7–S10, S14: a database that is away, slow, read-only, or lost in the middle of a commit. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView, ErrorBody } from '#lib/domain/views.ts';
import { openDatabase } from '#lib/server/db.ts';
import { createTestDatabase, query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { arrangeScene, type Scene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { FaultProxy } from './support/faultProxy.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let proxy: FaultProxy;
let web: WebServer;
let scene: Scene;

beforeAll(async () => {
	database = await createTestDatabase();
	const url = new URL(database.url);
	proxy = await FaultProxy.listen(() => Number(url.port));
	const proxied = new URL(url);
	proxied.port = String(proxy.port);
	web = await startWebServer({
		DATABASE_URL: proxied.href,
		QUINTET_PING_INTERVAL_MS: '1000',
		QUINTET_LINE_DEAD_MS: '5000'
	});
	scene = await arrangeScene(web, 2);
});
afterAll(async () => {
	scene.agent.drop();
	await web.stop();
	await proxy.close();
	await database.drop();
});
afterEach(async () => {
	proxy.accepts = true;
	proxy.down.latencyMs = 0;
	proxy.up.watch = proxy.down.watch = null;
	await waitFor('the database to be back', async () => {
		return (await scene.trader.get('/api/user/mt5-accounts')).status === 200;
	});
});

const fail = (): never => {
	throw new Error('not asked about');
};
const press = (command: string, key = randomUUID()) =>
	scene.trader.send<CommandView & ErrorBody>(
		'POST',
		'/api/user/ea/command',
		{ command },
		{
			'idempotency-key': key
		}
	);
const commandsSent = () => scene.agent.framesOf('command').length;
const commandsStored = async () => (await query(database.url, 'SELECT 1 FROM "EaCommand"')).length;

describe('S5: the database is away at a Start', () => {
	it('answers 503 with Retry-After; nothing is sent, nothing is remembered', async () => {
		const before = { sent: commandsSent(), stored: await commandsStored() };
		proxy.accepts = false;
		proxy.cut();
		const refusal = await press('start_ea');
		expect(refusal).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
		expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
		proxy.accepts = true;
		expect({ sent: commandsSent(), stored: await commandsStored() }).toEqual(before);
		// The line outlives the database.
		scene.agent.answerEverything();
		await waitFor('a Start to go through', async () => (await press('start_ea')).body.success);
	});
});

describe('S7: the connection is lost in the middle of a commit', () => {
	const isCommit = (bytes: Buffer) => bytes.includes('COMMIT');

	it('before it arrived: nothing happened, and the repeat is the one command', async () => {
		const key = randomUUID();
		const stored = await commandsStored();
		proxy.up.watch = (bytes) => (isCommit(bytes) ? 'reset' : 'pass');
		expect((await press('pause_ea', key)).status).toBe(503);
		proxy.up.watch = null;
		expect(await commandsStored()).toBe(stored);
		expect((await press('pause_ea', key)).body).toMatchObject({ success: true });
		expect(await commandsStored()).toBe(stored + 1);
	});

	it('after it arrived: the repeat finds the command, and the Pause is carried out once', async () => {
		const key = randomUUID();
		const before = { sent: commandsSent(), stored: await commandsStored() };
		// The server commits other things meanwhile: ours is on the connection that was given the key.
		let ours = 0;
		let isCommitting = false;
		proxy.up.watch = (bytes, connection) => {
			if (bytes.includes(key)) ours = connection;
			isCommitting ||= connection === ours && isCommit(bytes);
			return 'pass';
		};
		// The database has done it, and its answer does not arrive.
		proxy.down.watch = (_bytes, connection) => (isCommitting && connection === ours ? 'reset' : 'pass');
		expect((await press('pause_ea', key)).status).toBe(503);
		proxy.up.watch = proxy.down.watch = null;
		const { id: commandId } = await waitFor('the commit', async () => {
			const sql = 'SELECT id FROM "EaCommand" WHERE "idempotencyKey" = $1';
			return (await query<{ id: string }>(database.url, sql, [key]))[0];
		});
		expect(await commandsStored()).toBe(before.stored + 1);
		// Both are sent and answered once the server asks, since it finds nobody at work on them.
		const { agent } = scene;
		const repeat = press('pause_ea', key);
		for (const { id: accountId } of scene.accounts) {
			const isIt = (each: { commandId: string; accountId: string }) =>
				each.commandId === commandId && each.accountId === accountId;
			const asked = await agent.next('settle', ({ commands }) => commands.some(isIt));
			const { generation } = asked.commands.find(isIt) ?? fail();
			const answers = [{ commandId, accountId, generation, verdict: 'never_received' as const }];
			agent.send({ type: 'settled', answers });
		}
		expect((await repeat).body.commandId).toBe(commandId);
		await waitFor(
			'the Pause to be proven',
			async () => (await scene.trader.get<CommandView>(`/api/user/ea/command/${commandId}`)).body.success,
			{ timeoutMs: 60_000 }
		);
		expect(await commandsStored()).toBe(before.stored + 1);
		expect(commandsSent()).toBe(before.sent + 2);
	});
});

describe('S8: transactions that get in each other’s way', () => {
	it('deadlocks are undone and tried again, and every change is made', async () => {
		const db = openDatabase(database.url, 10, () => undefined);
		const [a, b] = scene.accounts.map(({ id }) => id);
		await query(database.url, 'CREATE TABLE counted (id uuid PRIMARY KEY, n int NOT NULL)');
		await query(database.url, 'INSERT INTO counted VALUES ($1, 0), ($2, 0)', [a, b]);
		const both = (ids: (string | undefined)[]) =>
			db.transaction(async (sql) => {
				for (const id of ids) await sql.query('UPDATE counted SET n = n + 1 WHERE id = $1', [id]);
			});
		let done = 0;
		for (let round = 0; round < 30; round++) {
			const results = await Promise.allSettled([both([a, b]), both([b, a])]);
			done += results.filter(({ status }) => status === 'fulfilled').length;
		}
		const rows = await query<{ n: number }>(database.url, 'SELECT n FROM counted');
		expect(rows.map(({ n }) => n)).toEqual([done, done]);
		expect(done).toBe(60);
		await db.close();
	});
});

describe('S9: the database takes no writes', () => {
	it('refuses commands and changes with 503, sends nothing, and works on when it does again', async () => {
		const sent = commandsSent();
		const name = new URL(database.url).pathname.slice(1);
		await query(database.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
		proxy.cut();
		const accountId = scene.accounts[0]?.id ?? '';
		try {
			await waitFor('the refusal', async () => (await press('start_ea')).status === 503);
			const change = await scene.trader.send('PATCH', `/api/user/mt5-accounts/${accountId}`, { name: 'x' });
			expect(change.status).toBe(503);
			expect((await scene.trader.get('/api/user/mt5-accounts')).status).toBe(200);
			expect(commandsSent()).toBe(sent);
		} finally {
			const url = new URL(database.url);
			url.searchParams.set('options', '-c default_transaction_read_only=off');
			await query(url.href, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
			proxy.cut();
		}
		await waitFor('a Start to go through', async () => (await press('start_ea')).body.success);
	});
});

describe('S10: every answer of the database takes two seconds', () => {
	it('lines stay up and what agents see is shown; commands get through or are refused, never lost', async () => {
		const { agent, trader, accounts } = scene;
		const accountId = accounts[0]?.id ?? '';
		const reader = await EventReader.open(trader);
		await reader.next('telemetry');
		proxy.down.latencyMs = 2_000;
		const answers = Array.from({ length: 5 }, () => press('pause_ea'));
		for (const algo of ['running', 'paused'] as const) {
			const reportedAt = performance.now();
			agent.report(accountId, { algo });
			await reader.next('telemetry', (body) =>
				body.accounts.some((account) => account.id === accountId && account.state === algo)
			);
			// Telemetry does not go by way of the database.
			expect(performance.now() - reportedAt).toBeLessThan(10_000);
		}
		for (const { status } of await Promise.all(answers)) expect([200, 503]).toContain(status);
		proxy.down.latencyMs = 0;
		expect(agent.socket.readyState).toBe(agent.socket.OPEN);
		reader.close();
	});
});

describe('S14: two hundred presses at once', () => {
	it('each gets a generation of its own, the last one wins, and every tab sees the same', async () => {
		const tabs = await Promise.all(Array.from({ length: 2 }, () => EventReader.open(scene.trader)));
		const kinds = ['start_ea', 'pause_ea', 'stop_ea'];
		const from = commandsSent();
		const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => press(kinds[i % 3] ?? '')));
		const refused = answers.filter(({ status }) => status !== 200);
		expect(refused.every(({ status }) => status === 429)).toBe(true);
		const sent = (accountId: string) =>
			scene.agent
				.framesOf('command')
				.slice(from)
				.filter((frame) => frame.accountId === accountId);
		for (const { id } of scene.accounts) {
			// A press is answered without its account when the next one is there: its frame may come after the answer.
			await waitFor('every frame', () => sent(id).length >= 200 - refused.length);
			const mine = sent(id).map(({ generation }) => generation);
			expect(new Set(mine).size).toBe(200 - refused.length);
			const [state] = await query<{ wantedGeneration: string; wanted: string }>(
				database.url,
				'SELECT "wantedGeneration", wanted FROM "AccountState" WHERE "accountId" = $1',
				[id]
			);
			expect(Number(state?.wantedGeneration)).toBe(Math.max(...mine));
			const last = sent(id).find(({ generation }) => generation === Math.max(...mine));
			const WANTED = { start_ea: 'RUNNING', pause_ea: 'PAUSED', stop_ea: 'STOPPED' };
			expect(state?.wanted).toBe(WANTED[last?.kind ?? 'stop_ea']);
		}
		const seenBy = (tab: EventReader) => new Set(tab.of('command').map(({ commandId }) => commandId));
		const all = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.commandId));
		for (const tab of tabs) {
			await waitFor('all commands in the tab', () => seenBy(tab).size === all.size);
			tab.close();
		}
	});
});
