/**
 * What the demo's accounts were worth on the way, as the server keeps it (docs/metrics.md): every minute of the last two
 * days, every quarter of an hour of the last 90, every day before that, and twice nothing, because the machine was away.
 */
import { KEEP_MINUTES_MS, KEEP_QUARTERS_MS } from '#lib/domain/metrics/curveSteps.ts';
import type { DealRow } from '#lib/server/deals/dealBatch.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type PastDeal = Pick<DealRow, 'positionId' | 'entry' | 'at'> & { cents: number };
export interface PastSnapshot {
	atMs: number;
	balanceCents: number;
	equityCents: number;
}

interface Position {
	fromMs: number;
	untilMs: number;
	resultCents: number;
	/** How far it goes astray on its way, from -1 to 1. */
	wobble: number;
}

/** Begin and length, counted back from today. */
const AWAY = [
	{ daysAgo: 12, hour: 2, ms: 3.5 * HOUR_MS },
	{ daysAgo: 47, hour: 9, ms: 26 * HOUR_MS }
];

/** @param deals in the order of time, from the first deposit on */
export function pastSnapshots(deals: readonly PastDeal[], until: Date, chance: () => number): PastSnapshot[] {
	const nowMs = until.getTime();
	const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
	const away = AWAY.map(({ daysAgo, hour, ms }) => {
		const fromMs = todayMs - daysAgo * DAY_MS + hour * HOUR_MS;
		return { fromMs, untilMs: fromMs + ms };
	});
	const waiting = positionsOf(deals, chance);
	const open = new Set<Position>();
	const snapshots: PastSnapshot[] = [];
	let balanceCents = 0;
	let next = 0;
	for (const atMs of momentsUntil(Date.parse(deals[0]?.at ?? until.toISOString()), nowMs)) {
		for (let deal = deals[next]; deal && Date.parse(deal.at) <= atMs; deal = deals[++next])
			balanceCents += deal.cents;
		while (waiting[0] && waiting[0].fromMs <= atMs) open.add(waiting.shift() as Position);
		let floatingCents = 0;
		for (const position of open)
			if (position.untilMs <= atMs) open.delete(position);
			else floatingCents += floatingOf(position, atMs);
		if (away.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs)) continue;
		snapshots.push({ atMs, balanceCents, equityCents: balanceCents + floatingCents });
	}
	return snapshots;
}

/** The last minute of each day, of each quarter of an hour, and each minute. */
function* momentsUntil(firstMs: number, nowMs: number): Generator<number> {
	for (let atMs = Math.floor(firstMs / DAY_MS) * DAY_MS; atMs < nowMs;) {
		const ageMs = nowMs - atMs;
		const everyMs =
			ageMs > KEEP_QUARTERS_MS + DAY_MS
				? DAY_MS
				: ageMs > KEEP_MINUTES_MS + QUARTER_MS
					? QUARTER_MS
					: MINUTE_MS;
		atMs = Math.floor(atMs / everyMs) * everyMs + everyMs;
		const lastMs = atMs - MINUTE_MS;
		if (lastMs >= firstMs && lastMs < nowMs - MINUTE_MS) yield lastMs;
	}
}

function positionsOf(deals: readonly PastDeal[], chance: () => number): Position[] {
	const byPosition = Map.groupBy(
		deals.filter(({ positionId }) => positionId !== null),
		({ positionId }) => positionId
	);
	return [...byPosition.values()]
		.map((own) => ({
			fromMs: Date.parse(own[0]?.at ?? ''),
			untilMs: Date.parse(own.at(-1)?.at ?? ''),
			resultCents: own.at(-1)?.cents ?? 0,
			wobble: chance() * 2 - 1
		}))
		.sort((a, b) => a.fromMs - b.fromMs);
}

function floatingOf({ fromMs, untilMs, resultCents, wobble }: Position, atMs: number): number {
	const part = (atMs - fromMs) / (untilMs - fromMs);
	const astray = Math.sin(Math.PI * part) * wobble + 0.25 * Math.sin(9 * Math.PI * part) * (1 - part);
	return Math.round(resultCents * part + Math.abs(resultCents) * astray);
}
