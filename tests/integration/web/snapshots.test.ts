/** D5: what accounts were worth, minute by minute, and what is kept of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Figures } from '#lib/protocol/seen.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { LiveAccounts } from '#lib/server/live/liveAccounts.ts';
import { SnapshotTaker } from '#lib/server/snapshots/snapshotTaker.ts';
import { createSnapshotThinning } from '#lib/server/snapshots/thinSnapshots.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { seenState } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let db: Database;
beforeAll(async () => {
	web = await startWebServer();
	db = openDatabase(web.databaseUrl, 2, () => undefined);
});
afterAll(async () => {
	await db.close();
	await web.stop();
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FIGURES: Figures = {
	currency: 'USD',
	currencyDigits: 2,
	balance: '10000.00',
	equity: '10012.34',
	margin: '86.40',
	freeMargin: '9925.94',
	marginLevel: '11588.36',
	floatingProfit: '12.34',
	dayClosedProfit: '0.00',
	openPositions: 2,
	openLots: '0.30',
	unprotectedPositions: 0,
	pendingOrders: 0,
	eaPositions: 2,
	eaOrders: 0
};
const snapshotsOf = (accountId: string) =>
	query<{ at: Date; equity: string }>(
		web.databaseUrl,
		`SELECT at, equity::text, balance::text, "floatingProfit"::text, margin::text, "openPositions", "openLots"::text
		 FROM "AccountSnapshot" WHERE "accountId" = $1 ORDER BY at`,
		[accountId]
	);

describe('D5: snapshots', () => {
	it('D5: a connected account has one of the present minute within seconds', async () => {
		const { agent, accounts } = await arrangeScene(web, 1);
		const accountId = accounts[0]?.id ?? '';
		const entry = { accountId, epoch: 1, ageMs: 0, state: seenState(), figures: FIGURES };
		agent.send({ type: 'telemetry', accounts: [entry] });
		const [snapshot] = await waitFor('its snapshot', async () => {
			const found = await snapshotsOf(accountId);
			return found.length > 0 && found;
		});
		expect(snapshot).toMatchObject({
			equity: '10012.34',
			balance: '10000.00',
			floatingProfit: '12.34',
			margin: '86.40',
			openPositions: 2,
			openLots: '0.30'
		});
		expect((snapshot?.at.getTime() ?? 1) % MINUTE_MS).toBe(0);
	});

	it('D5: there is one a minute, and none of what is not seen', async () => {
		const { accounts, enrolled } = await arrangeScene(web, 3);
		const [live = '', stale = '', down = ''] = accounts.map(({ id }) => id);
		let nowMs = Date.UTC(2030, 0, 1, 0, 0, 5);
		const table = new LiveAccounts(() => nowMs);
		const taker = new SnapshotTaker(db, table, () => nowMs);
		const tell = (accountId: string, equity: string, connection: 'connected' | 'down' = 'connected') =>
			table.receive(
				{ userId: 'u', agentId: enrolled.agentId },
				{ accountId, ageMs: 0, state: seenState({ connection }), figures: { ...FIGURES, equity } }
			);
		tell(stale, '1.00');
		nowMs += 30_000;
		for (const equity of ['2.00', '3.00']) {
			tell(live, equity);
			tell(down, equity, 'down');
			await taker.take();
		}
		nowMs += MINUTE_MS;
		tell(live, '4.00');
		await taker.take();
		await new SnapshotTaker(db, table, () => nowMs).take();
		expect((await snapshotsOf(live)).map(({ at, equity }) => [at.toISOString(), equity])).toEqual([
			['2030-01-01T00:00:00.000Z', '2.00'],
			['2030-01-01T00:01:00.000Z', '4.00']
		]);
		expect(await snapshotsOf(stale)).toEqual([]);
		expect(await snapshotsOf(down)).toEqual([]);
	});

	it('D5: minutes are kept for 2 days, quarters of an hour for 90, days for ever', async () => {
		const { accounts } = await arrangeScene(web, 1);
		const accountId = accounts[0]?.id ?? '';
		const start = Date.UTC(2027, 0, 1);
		const fill = (fromMs: number, untilMs: number, everyMs: number) =>
			query(
				web.databaseUrl,
				`INSERT INTO "AccountSnapshot" SELECT $1, at, 1, 1, 0, 0, 0, 0
				 FROM generate_series($2::timestamptz, $3::timestamptz, $4::interval) AS at`,
				[accountId, new Date(fromMs), new Date(untilMs - 1), `${everyMs} milliseconds`]
			);
		await fill(start, start + 3 * DAY_MS, MINUTE_MS);
		let nowMs = start + 3 * DAY_MS;
		const thin = createSnapshotThinning(db, () => nowMs);
		await thin();
		const inDay = async (day: number) =>
			(await snapshotsOf(accountId)).filter(({ at }) => Math.floor((at.getTime() - start) / DAY_MS) === day);
		expect(await inDay(0)).toHaveLength(96);
		expect((await inDay(0))[0]?.at.toISOString()).toBe('2027-01-01T00:14:00.000Z');
		expect(await inDay(1)).toHaveLength(1_440);
		// Every hour, as the server does it.
		for (; nowMs <= start + 4 * DAY_MS; nowMs += DAY_MS / 24) await thin();
		expect(await inDay(1)).toHaveLength(96);
		nowMs = start + 91 * DAY_MS;
		await thin();
		expect((await inDay(0)).map(({ at }) => at.toISOString())).toEqual(['2027-01-01T23:59:00.000Z']);
		expect(await inDay(1)).toHaveLength(96);
	});
});
