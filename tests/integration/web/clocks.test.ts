/** T1: moments on the pages follow the clock that the trader chose; the broker's is that of the account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TradeClock } from '#lib/domain/preferences.ts';
import type { AccountListView } from '#lib/domain/views.ts';
import { arrangeScene } from '../../support/scene.ts';
import { seenState } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

/** What stands in the page's `<time>` elements, without tags. */
const momentsIn = (html: string): string[] =>
	[...html.matchAll(/<time [^>]*>(.*?)<\/time>/gs)].map(([, inner = '']) =>
		inner.replace(/<[^>]*>/g, '').trim()
	);

describe('T1: the clock of the pages', () => {
	it('is the broker’s for an account’s moments, and for others the trader’s own, each by its name', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const [id = ''] = accounts.map((account) => account.id);
		const vitals = { pingMs: 23.4, tickAgeMs: 400, isMarketOpen: true, gmtOffsetMin: 330 };
		const entry = { accountId: id, epoch: 1, ageMs: 0, state: seenState(), figures: null, vitals };
		agent.send({ type: 'telemetry', accounts: [entry] });
		await waitFor('the broker’s clock', async () => {
			const { body } = await trader.get<AccountListView>('/api/user/mt5-accounts');
			return body.accounts[0]?.vitals?.brokerOffsetMin === 330;
		});
		const page = async (path: string) =>
			(await trader.send<string>('GET', path, undefined, { accept: 'text/html' })).body;
		const choose = (tradeClock: TradeClock) => trader.send('PATCH', '/api/user/preferences', { tradeClock });
		const history = () =>
			waitFor('the connection’s history', async () => {
				const moments = momentsIn(await page(`/accounts/${id}`)).filter((text) => /\d:\d\d:\d\d/.test(text));
				return moments.length > 0 && moments;
			});

		await choose('BROKER');
		for (const text of await history()) expect(text).toMatch(/\d\d:\d\d:\d\d broker$/);
		expect(await page(`/accounts/${id}`)).toMatch(
			/title="Mine [^"]+ \(UTC\), broker [^"]+ \(UTC\+5:30\), UTC [^"]+"/
		);
		// The browser's zone is not known to the server.
		const [session] = momentsIn(await page('/account'));
		expect(session).toMatch(/\d\d:\d\d:\d\d UTC$/);
		await choose('UTC');
		for (const text of await history()) expect(text).toMatch(/\d\d:\d\d:\d\d UTC$/);
	});
});
