/** S5: a backup and its way back: whole or not at all, and what agents and people meet afterwards. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { migrate } from '../../../prisma/migrate.ts';
import { backup } from '../../../scripts/backup/backup.ts';
import { restore } from '../../../scripts/backup/restore.ts';
import { signInAgain } from '../../security/people.ts';
import { RealAgents } from '../../security/realAgents.ts';
import { tableDump } from '../../security/tableDump.ts';
import { ApiClient } from '../../support/client.ts';
import { createTestDatabase, query } from '../../support/database.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-backup-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const LONG = { timeoutMs: 60_000 };
const SEED = { symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 505_001, hasStopLoss: true };
const BROKER = { eaOpenEveryMs: 0, deposit: '500.00', seedPositions: [SEED, SEED] };

describe('S5: a backup that is restored while agents went on', () => {
	let web: WebServer;
	let agents: RealAgents;
	beforeAll(async () => {
		web = await startWebServer();
		agents = await RealAgents.on(web);
	});
	afterAll(async () => {
		await agents.end();
		await web.stop();
	});

	const tickets = async () =>
		(
			await query<{ ticket: string }>(
				web.databaseUrl,
				`SELECT "accountId" || ' ' || ticket AS ticket FROM "Deal" ORDER BY 1`
			)
		).map(({ ticket }) => ticket);
	const sumOfDays = async () =>
		(
			await query<{ net: string }>(
				web.databaseUrl,
				`SELECT sum("netProfit")::text AS net FROM "DailyPerformance"`
			)
		)[0]?.net;

	it('D4: brings back the deals since, once; nothing that was stopped since starts; nobody stays signed in', async () => {
		const { agentId, state } = await agents.enrol('survivor');
		const brokers = join(state.root, 'brokers');
		await mkdir(brokers, { recursive: true });
		await writeFile(join(brokers, 'brokers.json'), JSON.stringify({ '*': { '*': BROKER } }));
		const trader = new ApiClient(web.origin);
		await trader.register('restored@example.test');
		const { agent } = await agents.start(state, { dealsMs: 1_000, dealsSoonMs: 100 });
		await waitFor('the agent', () => agent.isConnected);
		const stopped = await trader.addAccount('7001');
		const paused = await trader.addAccount('7002');
		const later = await trader.addAccount('7003');
		for (const { id } of [stopped, paused, later]) await trader.enable(id);
		const of = async (client: ApiClient, id: string): Promise<AccountView> => {
			const found = (await client.accounts()).accounts.find((each) => each.id === id);
			if (!found) throw new Error('the account is gone');
			return found;
		};
		for (const { id } of [stopped, paused, later])
			await waitFor('the login', async () => (await of(trader, id)).connection === 'connected', LONG);
		const both = { accountIds: [stopped.id, paused.id] };
		expect((await trader.command('start_ea', both)).body.success).toBe(true);
		await waitFor('the first deals', async () => (await tickets()).length === 9, LONG);

		const file = join(dir, 'running.backup');
		await backup(web.databaseUrl, file);

		// After the backup: one is stopped and closes its positions, one is paused, one is started.
		expect((await trader.command('start_ea', { accountIds: [later.id] })).body.success).toBe(true);
		const stop = await trader.command('stop_ea', { accountIds: [stopped.id], closePositions: true });
		expect(stop.body.success).toBe(true);
		expect((await trader.command('pause_ea', { accountIds: [paused.id] })).body.success).toBe(true);
		await waitFor('the closing deals', async () => (await tickets()).length === 11, LONG);
		const before = { tickets: await tickets(), net: await sumOfDays() };

		await web.end();
		await restore(web.databaseUrl, file, { isForced: true });
		expect(await tickets()).toHaveLength(9);
		await web.restart();

		expect((await trader.get('/api/user/mt5-accounts')).status).toBe(401);
		const again = await signInAgain(web, 'restored@example.test');
		await waitFor('the agent to be back', () => agent.isConnected, LONG);
		await waitFor('all deals', async () => (await tickets()).length === before.tickets.length, LONG);
		expect(await tickets()).toEqual(before.tickets);
		await waitFor('the days to be counted', async () => (await sumOfDays()) === before.net, LONG);

		// The agent obeyed newer commands than the backup knows: they stand.
		await waitFor('Stop', async () => (await of(again, stopped.id)).wanted === 'STOPPED', LONG);
		await waitFor('Pause', async () => (await of(again, paused.id)).wanted === 'PAUSED', LONG);
		await waitFor('the proof of Stop', async () => (await of(again, stopped.id)).state === 'stopped', LONG);
		await waitFor('the proof of Pause', async () => (await of(again, paused.id)).state === 'paused', LONG);
		expect((await agents.row(agentId)).standing).toBe('approved');

		// A Start is not taken over, since an agent's word makes nothing more wanted: it is seen, and not wanted.
		await waitFor('it to be seen', async () => (await of(again, later.id)).state === 'running', LONG);
		expect((await of(again, later.id)).wanted).toBe('STOPPED');
		expect((await again.command('start_ea', { accountIds: [later.id] })).body).toMatchObject({
			success: true
		});
		expect((await of(again, later.id)).wanted).toBe('RUNNING');
		await waitFor('it to run', async () => (await of(again, later.id)).state === 'running', LONG);

		// And the next press is obeyed.
		const start = await again.command('start_ea', { accountIds: [stopped.id] });
		expect(start.body).toMatchObject({ success: true });
	}, 300_000);
});

describe('S5: the backup’s file', () => {
	let source: { url: string; drop: () => Promise<void> };
	let file: string;
	beforeAll(async () => {
		source = await createTestDatabase();
		file = join(dir, 'small.backup');
		await query(
			source.url,
			`INSERT INTO "User" (id, email, name, "passwordHash", "maxLoss")
			 SELECT gen_random_uuid(), 'u' || n || '@example.test', E'a\\nb \u2028 “ü” ' || n, 'h', 123.45 FROM generate_series(1, 1500) n`
		);
		await query(
			source.url,
			`INSERT INTO "Mt5Account" (id, "userId", "accountNumber", "serverName", broker, name, "updatedAt", tags)
			 SELECT gen_random_uuid(), id, '1', 'S', 'B', 'N', now(), ARRAY['a "b"', 'c'] FROM "User" LIMIT 3`
		);
		await query(
			source.url,
			`INSERT INTO "Deal" ("accountId", ticket, kind, type, profit, swap, commission, fee, "serverTimeMs", "gmtOffsetMin", at)
			 SELECT id, 18446744073709551615, 'flow', 2, 0.10, 0, -1.000, 12345678901234567890.123456789, 1, 120, now() FROM "Mt5Account"`
		);
		await backup(source.url, file);
	});
	afterAll(() => source.drop());

	async function empty() {
		const database = await createTestDatabase();
		await query(database.url, 'DROP SCHEMA public CASCADE');
		await query(database.url, 'CREATE SCHEMA public');
		return database;
	}

	it('brings every row back as it was, into an empty database', async () => {
		const target = await empty();
		try {
			await restore(target.url, file, { isForced: false });
			const [was, is] = [await tableDump(source.url), await tableDump(target.url)];
			const strip = (dump: Awaited<ReturnType<typeof tableDump>>) =>
				JSON.parse(
					JSON.stringify(dump, (key, value: unknown) => (/AuditLog|_prisma/.test(key) ? undefined : value))
				) as unknown;
			expect(strip(is)).toEqual(strip(was));
			const [deal] = await query(
				target.url,
				`SELECT ticket::text, fee::text, commission::text FROM "Deal" LIMIT 1`
			);
			expect(deal).toEqual({
				ticket: '18446744073709551615',
				fee: '12345678901234567890.123456789',
				commission: '-1.000'
			});
		} finally {
			await target.drop();
		}
	});

	it('is refused by a database that is not empty, unless what is there may be lost', async () => {
		const target = await createTestDatabase();
		try {
			await query(
				target.url,
				`INSERT INTO "User" (id, email, name, "passwordHash") VALUES (gen_random_uuid(), 'here@example.test', 'H', 'h')`
			);
			await expect(restore(target.url, file, { isForced: false })).rejects.toThrow(/not empty \(User\)/);
			expect(await query(target.url, `SELECT email FROM "User"`)).toEqual([{ email: 'here@example.test' }]);
			await query(
				target.url,
				`INSERT INTO "ServerNode" (id, host, pid, "isOnBus") VALUES (gen_random_uuid(), 'web-1', 77, false)`
			);
			await expect(restore(target.url, file, { isForced: true })).rejects.toThrow(/process 77 on web-1/);
			await query(target.url, `UPDATE "ServerNode" SET "aliveAt" = now() - interval '1 minute'`);
			await restore(target.url, file, { isForced: true });
			expect(await query(target.url, `SELECT count(*)::int AS users FROM "User"`)).toEqual([{ users: 1500 }]);
		} finally {
			await target.drop();
		}
	});

	it.each<[string, (bytes: Buffer) => Buffer]>([
		['cut off', (bytes) => bytes.subarray(0, bytes.length - 200)],
		['with a bit turned over', (bytes) => flipped(bytes, bytes.length >> 1)],
		['without its end', (bytes) => gzipSync(lines(bytes).slice(0, -1).join('\n') + '\n')],
		['without one row', (bytes) => gzipSync(lines(bytes).toSpliced(5, 1).join('\n') + '\n')],
		['with a changed row', (bytes) => gzipSync(gunzipSync(bytes).toString().replace('123.45', '123.46'))],
		['of something else', () => gzipSync('{"hello":"world"}\n{"end":true}\n')],
		['that is no archive', () => Buffer.from('hello')]
	])('%s is refused, and nothing is changed', async (_words, damage) => {
		const damaged = join(dir, 'damaged.backup');
		await writeFile(damaged, damage(await readFile(file)));
		const before = await tableDump(source.url);
		await expect(restore(source.url, damaged, { isForced: true })).rejects.toThrow(/backup/);
		expect(await tableDump(source.url)).toEqual(before);
	});

	it('of a newer version is refused; of an older one is brought up to date', async () => {
		const newer = join(dir, 'newer.backup');
		const migrations = await query<{ name: string }>(
			source.url,
			`SELECT migration_name AS name FROM "_prisma_migrations" ORDER BY 1`
		);
		const [old, target] = [await empty(), await empty()];
		try {
			await migrate(
				old.url,
				migrations.slice(0, 3).map(({ name }) => name)
			);
			await query(
				old.url,
				`INSERT INTO "User" (id, email, name, "passwordHash") VALUES (gen_random_uuid(), 'old@example.test', 'O', 'h')`
			);
			const older = join(dir, 'older.backup');
			await backup(old.url, older);
			// In a database with the tables of today it has no place.
			await expect(restore(source.url, older, { isForced: true })).rejects.toThrow(/another version/);
			await restore(target.url, older, { isForced: false });
			expect(await query(target.url, `SELECT email, "totpSecret" FROM "User"`)).toEqual([
				{ email: 'old@example.test', totpSecret: null }
			]);
			expect(await query(target.url, `SELECT count(*)::int AS n FROM "_prisma_migrations"`)).toEqual([
				{ n: migrations.length }
			]);
			await query(
				old.url,
				`INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99990101000000_later', now())`
			);
			await backup(old.url, newer);
			await expect(restore(target.url, newer, { isForced: true })).rejects.toThrow(/newer than this one/);
		} finally {
			await old.drop();
			await target.drop();
		}
	});
});

const lines = (bytes: Buffer): string[] => gunzipSync(bytes).toString().trimEnd().split('\n');

function flipped(bytes: Buffer, at: number): Buffer {
	const copy = Buffer.from(bytes);
	copy[at] = (copy[at] ?? 0) ^ 0x10;
	return copy;
}
