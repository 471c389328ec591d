/** Balance and equity over a range as the pages draw them: slot by slot, and nothing where nothing was seen. */
import type { CurvePointView, EquityCurveView, EquityView } from '#lib/domain/analyticsViews.ts';
import { curveStepMs, KEEP_MINUTES_MS, KEEP_QUARTERS_MS } from '#lib/domain/metrics/curveSteps.ts';
import { Decimal, ZERO } from '#lib/domain/metrics/money.ts';
import type { AccountView } from '#lib/domain/views.ts';
import type { App } from '../app.ts';
import type { Sql } from '../db.ts';
import { currencyDigits, groupAccounts, scopeOf } from './accountGroups.ts';
import { readAnalyticsRequest, type AnalyticsRequest } from './analyticsRequest.ts';
import { DAY_DEALS, LAST_DEALS, SEEN_ACCOUNTS, SLOT_CREDITS, SLOT_DEALS, SLOT_EQUITY } from './curveSql.ts';
import { quotient } from './figures.ts';
import { OPENING_BALANCES } from './tradeSql.ts';

const DAY_MS = 86_400_000;
/** So much later than its time a kept snapshot may be thinned out (snapshotTaker's loop). */
const THINNING_SLACK_MS = 15 * 60_000;

interface Slots {
	from: Date;
	until: Date;
	stepMs: number;
	nowMs: number;
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function readEquityCurves(
	app: App,
	userId: string,
	params: URLSearchParams
): Promise<EquityView> {
	const request = await readAnalyticsRequest(app, userId, params);
	const nowMs = app.now().getTime();
	const { from } = request;
	const until = new Date(Math.min(request.until.getTime(), Math.max(nowMs, from.getTime() + 1)));
	const slots = { from, until, nowMs, stepMs: curveStepMs(from.getTime(), until.getTime(), nowMs) };
	const isChosen = params.has('account_ids') && params.get('account_ids') !== '';
	return {
		...scopeOf(request),
		stepMs: slots.stepMs,
		curves: await Promise.all(
			groupAccounts(request.accounts).map(({ accounts }) =>
				readCurve(app.db.pool, accounts, request, slots, isChosen)
			)
		)
	};
}

/** @param isChosen the accounts were named one by one, so that also an inactive one is meant */
async function readCurve(
	sql: Sql,
	all: readonly AccountView[],
	{ range }: AnalyticsRequest,
	slots: Slots,
	isChosen: boolean
): Promise<EquityCurveView> {
	const active = isChosen ? all : all.filter(({ status }) => status !== 'INACTIVE');
	const seen = await sql.query<{ accountId: string }>(SEEN_ACCOUNTS, [
		active.map(({ id }) => id),
		slots.from,
		slots.until
	]);
	const seenIds = new Set(seen.rows.map(({ accountId }) => accountId));
	// Without any equity there is still what the deals say.
	const accounts = seenIds.size === 0 ? active : active.filter(({ id }) => seenIds.has(id));
	const points = accounts.length === 0 ? [] : await readPoints(sql, accounts, range.from, slots);
	const falls = points.flatMap(({ at, fall }) => (fall === null ? [] : [{ at, ...fall }]));
	return {
		currency: all[0]?.currency ?? '',
		currencyDigits: Math.max(...all.map(currencyDigits)),
		kind: all[0]?.kind ?? 'DEMO',
		accounts: accounts.map(({ name }) => name),
		leftOut: all
			.filter((account) => !accounts.includes(account))
			.map((account) => ({ name: account.name, why: active.includes(account) ? 'unseen' : 'inactive' })),
		points,
		deepest: falls.reduce<EquityCurveView['deepest']>(
			(deepest, fall) => (Number(fall.money) > Number(deepest?.money ?? 0) ? fall : deepest),
			null
		)
	};
}

async function readPoints(
	sql: Sql,
	accounts: readonly AccountView[],
	firstDay: string,
	{ from, until, stepMs, nowMs }: Slots
): Promise<CurvePointView[]> {
	const ids = accounts.map(({ id }) => id);
	const step = `${stepMs / 1_000} seconds`;
	const [openings, deals, credits, lastDeals, equities] = await Promise.all([
		sql.query<{ balance: string }>(OPENING_BALANCES, [ids, firstDay]),
		sql.query<{ slot: Date; change: string; flow: string | null }>(
			stepMs === DAY_MS ? DAY_DEALS : SLOT_DEALS,
			[ids, from, until, step]
		),
		sql.query<{ slot: Date; credit: string }>(SLOT_CREDITS, [ids, from, until, step]),
		sql.query<{ accountId: string; at: Date }>(LAST_DEALS, [ids]),
		sql.query<{ slot: Date; equity: string; money: string; share: number; isAfterGap: boolean }>(
			SLOT_EQUITY,
			[
				...[ids, from, until, step],
				...[KEEP_MINUTES_MS, KEEP_QUARTERS_MS].map((keptMs) => new Date(nowMs - keptMs + THINNING_SLACK_MS))
			]
		)
	]);
	const dealsOf = new Map(deals.rows.map((row) => [row.slot.getTime(), row]));
	const creditOf = new Map(credits.rows.map((row) => [row.slot.getTime(), row.credit]));
	const equityOf = new Map(equities.rows.map((row) => [row.slot.getTime(), row]));
	const lastDealOf = new Map(lastDeals.rows.map(({ accountId, at }) => [accountId, at.getTime()]));
	/** Until then every account's deals are known. */
	const heardUntilMs = Math.min(
		...accounts.map(({ id, seenAt }) =>
			Math.max(seenAt === null ? 0 : Date.parse(seenAt), lastDealOf.get(id) ?? 0)
		)
	);
	let balance = openings.rows.reduce((sum, row) => sum.plus(row.balance), ZERO);
	const points: CurvePointView[] = [];
	for (let atMs = from.getTime(); atMs < until.getTime(); atMs += stepMs) {
		const change = dealsOf.get(atMs);
		const equity = equityOf.get(atMs);
		balance = balance.plus(change?.change ?? 0);
		points.push({
			at: new Date(atMs).toISOString(),
			balance: atMs > heardUntilMs ? null : balance.toFixed(),
			equity: equity?.equity ?? null,
			fall: equity ? { money: equity.money, share: quotient(new Decimal(equity.share)) } : null,
			flow: change?.flow ?? null,
			credit: creditOf.get(atMs) ?? null,
			isAfterGap: equity?.isAfterGap ?? false
		});
	}
	return points;
}
