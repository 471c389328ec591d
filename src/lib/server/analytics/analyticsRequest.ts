/** Which accounts and which days are asked for, as it comes in the address of a page or of the API. */
import { z } from 'zod';
import type { RangeView } from '#lib/domain/analyticsViews.ts';
import { hasTag } from '#lib/domain/tags.ts';
import { tagSchema } from '#lib/domain/tagsSchema.ts';
import type { AccountView } from '#lib/domain/views.ts';
import { readAccountList } from '../accounts/readAccountViews.ts';
import type { App } from '../app.ts';
import { AppError, notFound } from '../errors.ts';
import { parseInput } from '../http/readJson.ts';
import { filterOf } from '../audit/logFilter.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 3_660;
/** MetaTrader is younger, and the day after a range must have a year of four digits, too. */
const day = z.iso
	.date('Give a date as YYYY-MM-DD.')
	.refine((text) => text >= '1970-01-01' && text <= '2099-12-31', 'Give a year from 1970 to 2099.');

/** Account ids, separated by commas; what is no id belongs to no account. */
export const accountIdsSchema = z
	.string()
	.max(4_000)
	.transform((text) => text.split(',').map((id) => id.trim().toLowerCase()));

const currencySchema = z.string().regex(/^[A-Za-z]{3,10}$/, 'Give a currency as its letters, such as USD.');

export const analyticsQuerySchema = z
	.strictObject({
		account_ids: accountIdsSchema.optional(),
		/** Those that carry it (src/lib/domain/tags.ts). */
		tag: tagSchema.optional(),
		/** The last so many days, today included; or `all`. */
		days: z
			.union([z.literal('all'), z.coerce.number().int().min(1).max(MAX_DAYS)], {
				error: `Give days as a whole number up to ${MAX_DAYS}, or all.`
			})
			.optional(),
		from: day.optional(),
		to: day.optional(),
		currency: currencySchema.transform((text) => text.toUpperCase()).optional()
	})
	.refine(({ account_ids, tag }) => account_ids === undefined || tag === undefined, {
		path: ['tag'],
		message: 'Give either account_ids or a tag.'
	})
	.refine(({ days, from, to }) => days === undefined || (from === undefined && to === undefined), {
		path: ['days'],
		message: 'Give either days, or from and to.'
	});

export interface AnalyticsRequest {
	accounts: AccountView[];
	range: RangeView;
	/** The range as moments: `from` included, `until` not. */
	from: Date;
	until: Date;
	/** The last day that has begun. */
	lastDay: string;
}

export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);
export const startOf = (text: string): Date => new Date(`${text}T00:00:00.000Z`);
export const addDays = (text: string, days: number): string =>
	dayOf(new Date(startOf(text).getTime() + days * DAY_MS));

/**
 * The trader's accounts with these ids; all of them when none is named.
 * @throws AppError NOT_FOUND when one of them is no account of this trader
 */
export async function chooseAccounts(
	app: App,
	userId: string,
	ids: readonly string[] | undefined
): Promise<AccountView[]> {
	const { accounts } = await readAccountList(app, userId);
	if (ids === undefined) return accounts;
	return [...new Set(ids)].map((id) => {
		const account = accounts.find((one) => one.id === id);
		if (!account) throw notFound('The account');
		return account;
	});
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function readAnalyticsRequest(
	app: App,
	userId: string,
	params: URLSearchParams
): Promise<AnalyticsRequest> {
	const asked = parseInput(filterOf(params), analyticsQuerySchema);
	const chosen = await chooseAccounts(app, userId, asked.account_ids);
	const { tag } = asked;
	const tagged = tag === undefined ? chosen : chosen.filter((account) => hasTag(account, tag));
	if (tagged.length === 0 && tag !== undefined) throw notFound(`An account with the tag ${tag}`);
	const accounts = tagged.filter(({ currency }) => (asked.currency ?? currency) === currency);
	const today = dayOf(app.now());
	const to = asked.to ?? today;
	const from = asked.from ?? (await firstDay(app, accounts, to, asked.days));
	if (from > to) throw new AppError('VALIDATION', 'The range ends before it begins. Swap from and to.');
	return {
		accounts,
		range: { from, to },
		from: startOf(from),
		until: startOf(addDays(to, 1)),
		lastDay: to < today ? to : today
	};
}

async function firstDay(
	{ db }: App,
	accounts: readonly AccountView[],
	to: string,
	days: number | 'all' = DEFAULT_DAYS
): Promise<string> {
	if (days !== 'all') return addDays(to, 1 - days);
	const { rows } = await db.pool.query<{ first: Date | null }>(
		`SELECT min(f.at) AS first FROM unnest($1::uuid[]) id
		 CROSS JOIN LATERAL (SELECT at FROM "Deal" WHERE "accountId" = id ORDER BY at, ticket LIMIT 1) f`,
		[accounts.map(({ id }) => id)]
	);
	const first = rows[0]?.first;
	return first && dayOf(first) < to ? dayOf(first) : to;
}
