/** D5: what accounts were worth, minute by minute, and what is kept of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AggregateView, EquityView } from '#lib/domain/analyticsViews.ts';
import type { Figures } from '#lib/protocol/seen.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { LiveAccounts } from '#lib/server/live/liveAccounts.ts';
import { SnapshotTaker } from '#lib/server/snapshots/snapshotTaker.ts';
import { createSnapshotThinning } from '#lib/server/snapshots/thinSnapshots.ts';
import { query } from '../../support/database.ts';
import { aDeal, storeDeals } from '../../support/deals.ts';
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
		expect(Math.abs((snapshot?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
	});

	it('D5: is of the moment of its figures, so that what was paid in before, within the minute, is no fall', async () => {
		const { accounts, enrolled, trader } = await arrangeScene(web, 1);
		const accountId = accounts[0]?.id ?? '';
		const minuteMs = Math.floor((Date.now() - DAY_MS) / DAY_MS) * DAY_MS + 10 * 3_600_000;
		let nowMs = minuteMs + 40_000;
		const table = new LiveAccounts(() => nowMs);
		const taker = new SnapshotTaker(db, table, () => nowMs);
		const tell = (equity: string, ageMs: number) =>
			table.receive(
				{ userId: 'u', agentId: enrolled.agentId },
				{ accountId, ageMs, state: seenState(), figures: { ...FIGURES, equity } }
			);
		const at = (ms: number) => new Date(minuteMs + ms).toISOString();
		await storeDeals(web.databaseUrl, accountId, [
			aDeal({ kind: 'flow', profit: '1000', at: at(-DAY_MS) }),
			aDeal({ kind: 'flow', profit: '500', at: at(20_000) })
		]);
		tell('1500.00', 1_250);
		await taker.take();
		nowMs = minuteMs + 75_000;
		tell('1500.00', 0);
		await taker.take();
		expect((await snapshotsOf(accountId)).map((snapshot) => snapshot.at.toISOString())).toEqual([
			at(38_750),
			at(75_000)
		]);
		const day = at(0).slice(0, 10);
		const search = `account_ids=${accountId}&from=${day}&to=${day}`;
		const { body } = await trader.get<EquityView>(`/api/analytics/equity?${search}`);
		expect(body.curves[0]?.deepest).toBeNull();
		const { body: sums } = await trader.get<AggregateView>(`/api/analytics/aggregate?${search}`);
		expect(sums.accounts[0]?.figures.equityDrawdown).toBeNull();
	});

	it('D5: figures that were seen in the minute before are of that minute, which has one already', async () => {
		const { accounts, enrolled } = await arrangeScene(web, 1);
		const accountId = accounts[0]?.id ?? '';
		let nowMs = Date.UTC(2030, 0, 1, 0, 0, 5);
		const table = new LiveAccounts(() => nowMs);
		const taker = new SnapshotTaker(db, table, () => nowMs);
		const tell = (equity: string) =>
			table.receive(
				{ userId: 'u', agentId: enrolled.agentId },
				{ accountId, ageMs: 0, state: seenState(), figures: { ...FIGURES, equity } }
			);
		tell('1.00');
		await taker.take();
		nowMs += 54_000;
		tell('2.00');
		nowMs += 5_000;
		await taker.take();
		await new SnapshotTaker(db, table, () => nowMs).take();
		expect((await snapshotsOf(accountId)).map(({ equity }) => equity)).toEqual(['1.00']);
		nowMs += 1_000;
		tell('3.00');
		await taker.take();
		expect((await snapshotsOf(accountId)).map(({ at, equity }) => [at.toISOString(), equity])).toEqual([
			['2030-01-01T00:00:05.000Z', '1.00'],
			['2030-01-01T00:01:05.000Z', '3.00']
		]);
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
			['2030-01-01T00:00:35.000Z', '2.00'],
			['2030-01-01T00:01:35.000Z', '4.00']
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
