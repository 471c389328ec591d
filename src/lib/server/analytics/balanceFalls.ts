/**
 * The deepest fall of the balance after each deal, in money on the curve of profit and as a share on the curve of growth
 * (docs/metrics.md). PostgreSQL follows the deals in exact numeric and answers with stretches: as long as nothing is
 * paid in or out, growth and balance rise and fall together, so that one running highest point serves both curves. The
 * few stretches are put together here.
 */
import { Decimal, ZERO } from '#lib/domain/metrics/money.ts';
import type { Sql } from '../db.ts';

export interface Fall {
	money: Decimal;
	/** Null without capital. */
	share: Decimal | null;
}

/** Accounts whose balances are followed as one. */
export interface FallScope {
	key: string;
	accountIds: readonly string[];
	opening: Decimal;
}

/** More than any balance: what it is added to is higher than everything before. */
const NEW_HEIGHT = '1e20';
const TIMED = 'WINDOW timed AS (ORDER BY at, ticket, "accountId" ROWS UNBOUNDED PRECEDING)';

/** The balance after each deal but credits, which do not change it, counted from the opening; stretches begin with flows. */
const betweenFlows = (columns = ''): string => `
SELECT at, ticket, "accountId", sum(amount) OVER timed AS moved, ${columns}
	count(*) FILTER (WHERE "isFlow") OVER timed AS stretch,
	CASE WHEN "isFlow" THEN amount END AS flow, CASE WHEN "isFlow" THEN amount END AS "startAmount"
FROM (
	SELECT d.at, d.ticket, d."accountId", d.kind = 'flow' AS "isFlow", d.profit + d.swap + d.commission + d.fee AS amount
	FROM "Deal" d
	WHERE d."accountId" = ANY(string_to_array(s."accountIds", ',')::uuid[]) AND d.at >= $1 AND d.at < $2
		AND d.kind <> 'credit'
) AS moves ${TIMED}`;

/** Also with every deal before or after which there is no capital: nothing grows from there. */
const betweenStarts = (): string => `
SELECT at, ticket, "accountId", moved, flow, CASE WHEN "isStart" THEN amount END AS "startAmount",
	count(*) FILTER (WHERE "isStart") OVER timed AS stretch
FROM (
	SELECT *, "isFlow" OR moved <= -s.opening OR moved - amount <= -s.opening AS "isStart"
	FROM (${betweenFlows('amount, "isFlow",')}) AS moves
) AS starts ${TIMED}`;

/**
 * Scopes $3 of the accounts $4 (ids, separated by commas) with the opening balances $5, from $1 until $2. A row per
 * stretch: the `first`, highest and lowest of its balances, and the deepest fall within it, all counted from the opening;
 * what its first deal moved, when that is no deal of the stretch before, and what of it was a flow.
 */
const stretchesOf = (moves: string): string => `
SELECT s.scope, f.* FROM unnest($3::text[], $4::text[], $5::numeric[]) AS s(scope, "accountIds", opening)
CROSS JOIN LATERAL (
	SELECT stretch, sum(deals)::int AS deals, max("startAmount") AS "startAmount", max(flow) AS flow,
		min(high) AS first, max(high) AS high, min(low) AS low, max(high - low) AS money,
		max((high - low) / (s.opening + high)) FILTER (WHERE high > low AND s.opening + high > 0) AS share
	FROM (
		SELECT stretch, raised - stretch * ${NEW_HEIGHT} AS high, min(moved) AS low, count(*) AS deals,
			max("startAmount") AS "startAmount", max(flow) AS flow
		FROM (
			SELECT stretch, moved, "startAmount", flow,
				max(CASE WHEN stretch = 0 THEN moved ELSE moved + stretch * ${NEW_HEIGHT} END) OVER timed AS raised
			FROM (${moves}) AS moves ${TIMED}
		) AS raised GROUP BY stretch, raised
	) AS highs GROUP BY stretch
) AS f
ORDER BY s.scope, f.stretch`;

interface StretchRow {
	scope: string;
	deals: number;
	startAmount: string | null;
	flow: string | null;
	first: string;
	high: string;
	low: string;
	money: string;
	share: string | null;
}

/** The deepest fall of each scope's balance; a scope that never fell is left out. */
export async function readBalanceFalls(
	sql: Sql,
	scopes: readonly FallScope[],
	from: Date,
	until: Date
): Promise<Map<string, Fall>> {
	const read = async (chosen: readonly FallScope[], moves: string) => {
		if (chosen.length === 0) return new Map<string, StretchRow[]>();
		const { rows } = await sql.query<StretchRow>(stretchesOf(moves), [
			from,
			until,
			chosen.map(({ key }) => key),
			chosen.map(({ accountIds }) => accountIds.join(',')),
			chosen.map(({ opening }) => opening.toFixed())
		]);
		return Map.groupBy(rows, ({ scope }) => scope);
	};
	// Whoever asks for single accounts and for all of them together waits for the slower of the two.
	const isJoint = ({ accountIds }: FallScope): boolean => accountIds.length > 1;
	const parts = await Promise.all([
		read(scopes.filter(isJoint), betweenFlows()),
		read(
			scopes.filter((scope) => !isJoint(scope)),
			betweenFlows()
		)
	]);
	const byScope = new Map(parts.flatMap((part) => [...part]));
	const broke = scopes.filter(({ key, opening }) => isWithoutCapital(byScope.get(key) ?? [], opening));
	for (const [key, stretches] of await read(broke, betweenStarts())) byScope.set(key, stretches);
	return new Map(
		scopes.flatMap(({ key, opening }) => {
			const fall = fallOf(byScope.get(key) ?? [], opening);
			return fall.money.isZero() ? [] : [[key, fall] as const];
		})
	);
}

/** Somewhere between two flows. */
const isWithoutCapital = (stretches: readonly StretchRow[], opening: Decimal): boolean =>
	stretches.some(
		({ startAmount, low }) => opening.plus(low).lte(0) || (startAmount === null && opening.lte(0))
	);

/** A loss of all counts as one of all but this: what comes after it still has a curve. */
const RUIN = new Decimal(-700).exp();

/** The stretches of one scope in their order. */
function fallOf(stretches: readonly StretchRow[], opening: Decimal): Fall {
	let money = ZERO;
	let share = ZERO;
	let hasCapital = false;
	/** The highest points so far; both curves begin with the range. Profit is the balance less opening and flows. */
	let highestProfit = ZERO;
	let highestIndex = new Decimal(1);
	let flows = ZERO;
	/** The index of growth and the balance that it stands for, where the stretch began. */
	let index = highestIndex;
	let base = opening;
	for (const stretch of stretches) {
		const [first, high, low] = [stretch.first, stretch.high, stretch.low].map((text) => opening.plus(text));
		if (!first || !high || !low) throw new Error('a stretch without balances');
		if (stretch.startAmount !== null) {
			const before = first.minus(stretch.startAmount);
			if (base.gt(0)) index = index.times(before.div(base));
			if (stretch.flow === null && before.gt(0) && first.lte(0)) index = index.times(RUIN);
			base = first;
			flows = flows.plus(stretch.flow ?? 0);
			hasCapital ||= before.gt(0);
		}
		hasCapital ||= stretch.startAmount === null || stretch.deals > 1;
		const indexAt = (balance: Decimal): Decimal => (base.gt(0) ? index.times(balance).div(base) : index);
		const profitAt = (balance: Decimal): Decimal => balance.minus(opening).minus(flows);
		money = Decimal.max(money, highestProfit.minus(profitAt(low)), stretch.money);
		const fallen = new Decimal(1).minus(indexAt(low).div(highestIndex));
		share = Decimal.max(share, fallen, stretch.share ?? 0);
		highestProfit = Decimal.max(highestProfit, profitAt(high));
		highestIndex = Decimal.max(highestIndex, indexAt(high));
	}
	return { money, share: hasCapital ? share : null };
}
