/** The currency a trader wants totals in, and the rates they set for it. */
import { Decimal } from '#lib/domain/metrics/money.ts';
import type { CurrencyView } from '#lib/domain/exchange.ts';
import type { CurrencyPatch } from '#lib/domain/exchangeSchema.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { notFound } from '../errors.ts';

export async function readCurrency({ db }: App, userId: string): Promise<CurrencyView> {
	const user = await db.prisma.user.findFirst({
		where: { id: userId },
		select: { totalCurrency: true, rates: { orderBy: { fromCurrency: 'asc' } } }
	});
	if (!user) throw notFound('The user');
	const { totalCurrency, rates } = user;
	return {
		totalCurrency,
		rates: rates
			.filter(({ toCurrency }) => toCurrency === totalCurrency)
			.map(({ fromCurrency, rate, setAt }) => ({
				from: fromCurrency,
				rate: rate.toFixed(),
				setAt: setAt.toISOString()
			}))
	};
}

/** A rate that is set again, also to the same, is of now. Rates to another currency are kept for when it is chosen again. */
export async function updateCurrency(
	app: App,
	{ userId, origin }: Caller,
	{ totalCurrency, rates }: CurrencyPatch
): Promise<CurrencyView> {
	await app.db.traderTransaction(userId, async (tx) => {
		await tx.user.update({ where: { id: userId }, data: { totalCurrency } });
		if (totalCurrency !== null)
			for (const { from, rate } of rates) {
				if (from === totalCurrency) continue;
				const key = { userId, fromCurrency: from, toCurrency: totalCurrency };
				if (rate === '') await tx.currencyRate.deleteMany({ where: key });
				else {
					const set = { rate: new Decimal(rate).toFixed(), setAt: app.now() };
					await tx.currencyRate.upsert({
						where: { userId_fromCurrency_toCurrency: key },
						create: { ...key, ...set },
						update: set
					});
				}
			}
		await writeAudit(tx, { userId, action: 'settings.currency', origin, detail: { totalCurrency, rates } });
	});
	return readCurrency(app, userId);
}
