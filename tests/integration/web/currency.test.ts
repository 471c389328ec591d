/** D5: totals in one currency, at rates that the trader sets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CurrencyView } from '#lib/domain/exchange.ts';
import { ApiClient } from '../../support/client.ts';
import { aDeal, storeDeals } from '../../support/deals.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const ADDRESS = '/api/user/currency';
let web: WebServer;
let trader: ApiClient;
beforeAll(async () => {
	web = await startWebServer();
	trader = new ApiClient(web.origin);
	await trader.register('rates@example.test');
});
afterAll(() => web.stop());

const set = async (totalCurrency: string | null, rates: Record<string, string> = {}) =>
	(
		await trader.send<CurrencyView>('PATCH', ADDRESS, {
			totalCurrency,
			rates: Object.entries(rates).map(([from, rate]) => ({ from, rate }))
		})
	).body;
const pairs = ({ rates }: CurrencyView) => rates.map(({ from, rate }) => [from, rate]);

describe('D5: the currency of totals', () => {
	it('is none at first, and keeps each rate with the time it was set', async () => {
		expect((await trader.get<CurrencyView>(ADDRESS)).body).toEqual({ totalCurrency: null, rates: [] });
		const before = Date.now();
		const first = await set('eur', { usd: '0.92150' });
		expect(first).toMatchObject({ totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '0.9215' }] });
		expect(Date.parse(first.rates[0]?.setAt ?? '')).toBeGreaterThanOrEqual(before);
		// One more; the other stays as it was, with its time.
		const second = await set('EUR', { GBP: '1.17' });
		expect(pairs(second)).toEqual([
			['GBP', '1.17'],
			['USD', '0.9215']
		]);
		expect(second.rates[1]).toEqual(first.rates[0]);
		expect(pairs(await set('EUR', { GBP: '' }))).toEqual([['USD', '0.9215']]);
	});

	it('takes no rate to another currency for one to this', async () => {
		await set('EUR', { USD: '0.9' });
		expect(await set('GBP')).toEqual({ totalCurrency: 'GBP', rates: [] });
		expect(pairs(await set('EUR'))).toEqual([['USD', '0.9']]);
	});

	it('refuses what is no currency and no rate, and changes nothing then', async () => {
		await set('EUR', { USD: '0.9' });
		for (const body of [
			{ totalCurrency: 'EURO' },
			{ totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '0' }] },
			{ totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '-1' }] },
			{ totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '1e3' }] },
			{ rates: [] }
		])
			expect(await trader.refusal('PATCH', ADDRESS, body), JSON.stringify(body)).toMatchObject({
				status: 400,
				code: 'VALIDATION'
			});
		expect(pairs((await trader.get<CurrencyView>(ADDRESS)).body)).toEqual([['USD', '0.9']]);
	});

	it('is each trader’s own', async () => {
		await set('EUR', { USD: '0.9' });
		const other = new ApiClient(web.origin);
		await other.register('other-rates@example.test');
		expect((await other.get<CurrencyView>(ADDRESS)).body).toEqual({ totalCurrency: null, rates: [] });
	});

	it('puts net profits together, names rate and time, and leaves out what has no rate', async () => {
		for (const [number, currency, profit] of [
			['6001', 'USD', '100'],
			['6002', 'EUR', '10'],
			['6003', 'JPY', '5000']
		] as const) {
			const { id } = await trader.addAccount(number, { currency });
			await storeDeals(web.databaseUrl, id, [aDeal({ profit, at: '2026-03-03T10:00:00Z' })]);
		}
		const page = async () =>
			(
				await trader.send<string>('GET', '/analytics?from=2026-03-02&to=2026-03-06', undefined, {
					accept: 'text/html'
				})
			).body
				.replace(/<[^>]+>/g, ' ')
				.replace(/\s+/g, ' ');
		await set('EUR', { USD: '0.9' });
		const shown = await page();
		expect(shown).toContain('Together in EUR');
		expect(shown).toMatch(/Together in EUR Net profit .{0,80} DEMO \+100\.00/);
		expect(shown).toContain('1 USD = 0.9 EUR, your rate of');
		expect(shown).toContain('Demo money: without what is in JPY, for which there is no rate.');
		await set(null);
		expect(await page()).toContain('Each currency stands by itself.');
	});
});
