/** D4: every deal of the broker's books is in the database once, whoever is killed on the way. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEAL_CRASH_POINTS } from '../../agent/src/crashpoint.ts';
import { query } from '../support/database.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { Plant } from './support/plant.ts';

const OFTEN = { timings: { dealsMs: 1_000, dealsSoonMs: 100, dealsStoredMs: 1_000 } };
const SEED = { symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 505001, hasStopLoss: true };
const BROKERS = {
	'*': {
		'*': { eaOpenEveryMs: 0, deposit: '500.00', commission: '1.00', seedPositions: [SEED, SEED, SEED] }
	}
};

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

/** Every ticket of the books of this plant's account, and what its deals did to the balance. */
async function booksOf(plant: Plant): Promise<{ tickets: string[]; cents: number }> {
	const { accountNumber, serverName } = await plant.view();
	const path = join(plant.state.instances, '.brokers', serverName, `${accountNumber}.json`);
	const { deals } = JSON.parse(await readFile(path, 'utf8')) as {
		deals: { ticket: number; entry: string; profitCents: number; commissionCents?: number }[];
	};
	const cents = deals
		.filter(({ entry }) => entry !== 'balance')
		.reduce((sum, { profitCents, commissionCents = 0 }) => sum + profitCents - commissionCents, 0);
	return { tickets: deals.map(({ ticket }) => String(ticket)).sort(), cents };
}

/** Waits until the database holds as many deals as the books; then both must be the same. */
async function expectAllOnce(plant: Plant): Promise<void> {
	const { tickets, cents } = await booksOf(plant);
	const stored = await waitFor(
		'all deals to be stored',
		async () => {
			const sql = `SELECT ticket::text FROM "Deal" WHERE "accountId" = $1 ORDER BY 1`;
			const rows = await query<{ ticket: string }>(web.databaseUrl, sql, [plant.account]);
			return rows.length >= tickets.length && rows.map(({ ticket }) => ticket);
		},
		{ timeoutMs: 60_000 }
	);
	expect(stored).toEqual(tickets);
	const [day] = await query<{ cents: number }>(
		web.databaseUrl,
		`SELECT (sum("netProfit") * 100)::int AS cents FROM "DailyPerformance" WHERE "accountId" = $1`,
		[plant.account]
	);
	expect(day?.cents).toBe(cents);
}

async function withPlant(work: (plant: Plant) => Promise<void>): Promise<void> {
	const plant = await Plant.build(web, { brokers: BROKERS });
	try {
		await work(plant);
	} finally {
		await plant.dispose();
	}
}

describe('D4: deals are stored exactly once', () => {
	it.each(DEAL_CRASH_POINTS)('D4: when the agent is killed at “%s”', (crashAt) =>
		withPlant(async (plant) => {
			plant.startAgent({ ...OFTEN, crashAt });
			await plant.agentEnded();
			plant.startAgent(OFTEN);
			await plant.ready();
			await expectAllOnce(plant);
			expect(await plant.carryOut('stop_ea', { closePositions: true })).toMatchObject({ status: 'success' });
			await expectAllOnce(plant);
		})
	);

	it('D4: when the server is killed between commit and acknowledgement', () =>
		withPlant(async (plant) => {
			await web.restart('SIGKILL', { QUINTET_FAULT_TESTS: 'true', QUINTET_CRASH_AT: 'deals-committed' });
			plant.startAgent(OFTEN);
			await web.ended();
			await web.restart();
			await plant.ready();
			await expectAllOnce(plant);
			expect(await plant.carryOut('stop_ea', { closePositions: true })).toMatchObject({ status: 'success' });
			await expectAllOnce(plant);
		}));
});
