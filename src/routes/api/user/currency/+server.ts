import { json } from '@sveltejs/kit';
import { currencyPatchSchema } from '#lib/domain/exchangeSchema.ts';
import { currencySchema } from '#lib/server/answers/currency.ts';
import { readCurrency, updateCurrency } from '#lib/server/currency/totalCurrency.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Settings',
		summary: 'The currency that totals are shown in, with the rates to it',
		answer: currencySchema
	},
	async (event) => json(await readCurrency(event.locals.app, requireCaller(event).userId))
);

export const PATCH = api(
	{
		tag: 'Settings',
		summary: 'Choose the currency that totals are shown in, and set rates to it',
		details: 'Rates that are not named stay; an empty one is forgotten.',
		body: currencyPatchSchema,
		answer: currencySchema
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		return json(await updateCurrency(event.locals.app, caller, await readBody()));
	}
);
