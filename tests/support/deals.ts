/** Deals in the database, as an account's history leaves them there. */
import pg from 'pg';
import type { Deal } from '#lib/domain/metrics/deal.ts';
import { Decimal } from '#lib/domain/metrics/money.ts';
import { updateDays } from '#lib/server/deals/dailyPerformance.ts';
import type { DealRow } from '#lib/server/deals/dealBatch.ts';
import { writeRows } from '#lib/server/deals/storeDeals.ts';

type Amount = 'profit' | 'swap' | 'commission' | 'fee';
/** Amounts and lots as text; what is left out is zero. */
export type DealParts = Partial<Record<Amount | 'lots', string>> & {
	ticket?: number;
	kind?: Deal['kind'];
	entry?: 'in' | 'out' | 'inout' | 'out_by';
	side?: 'buy' | 'sell';
	position?: number;
	symbol?: string;
	price?: string;
	comment?: string;
	/** ISO 8601. */
	at: string;
};

let lastTicket = 1_000_000;
/** ENUM_DEAL_TYPE. */
const TYPES = { flow: 2, credit: 3, charge: 4 } as const;

/** A deal of the domain from its parts. */
export function aDeal(parts: DealParts): Deal {
	const amount = (name: Amount) => new Decimal(parts[name] ?? '0');
	const common = {
		ticket: BigInt(parts.ticket ?? ++lastTicket),
		timeMs: Date.parse(parts.at),
		profit: amount('profit'),
		swap: amount('swap'),
		commission: amount('commission'),
		fee: amount('fee')
	};
	const kind = parts.kind ?? 'trade';
	if (kind !== 'trade') return { kind, ...common };
	return {
		kind,
		...common,
		positionId: BigInt(parts.position ?? 1),
		symbol: parts.symbol ?? 'EURUSD',
		side: parts.side ?? (parts.entry === 'in' ? 'buy' : 'sell'),
		entry: parts.entry ?? 'out',
		volumeLots: new Decimal(parts.lots ?? '1')
	};
}

/** A position opened and closed, as two deals. */
export function aRoundTrip(
	position: number,
	openedAt: string,
	closedAt: string,
	parts: Omit<DealParts, 'at' | 'entry' | 'position'> & { entryCommission?: string }
): Deal[] {
	const { entryCommission = '0', ...exit } = parts;
	return [
		aDeal({
			position,
			entry: 'in',
			at: openedAt,
			commission: entryCommission,
			...(exit.symbol ? { symbol: exit.symbol } : {}),
			...(exit.lots ? { lots: exit.lots } : {})
		}),
		aDeal({ position, at: closedAt, entry: 'out', ...exit })
	];
}

/** Stores them, and what their days come to. */
export async function storeDeals(
	url: string,
	accountId: string,
	deals: readonly Deal[],
	comment: string | null = null
): Promise<void> {
	const rows = deals.map((deal): DealRow => {
		const isTrade = deal.kind === 'trade';
		return {
			accountId,
			ticket: deal.ticket.toString(),
			kind: deal.kind,
			type: isTrade ? (deal.side === 'buy' ? 0 : 1) : TYPES[deal.kind],
			entry: isTrade ? deal.entry : null,
			positionId: isTrade ? deal.positionId.toString() : null,
			symbol: isTrade ? deal.symbol : null,
			side: isTrade ? deal.side : null,
			lots: isTrade ? deal.volumeLots.toFixed() : null,
			price: isTrade ? '1.10000' : null,
			profit: deal.profit.toFixed(),
			swap: deal.swap.toFixed(),
			commission: deal.commission.toFixed(),
			fee: deal.fee.toFixed(),
			magic: null,
			positionMagic: null,
			reason: null,
			comment,
			serverTimeMs: deal.timeMs + 7_200_000,
			gmtOffsetMin: 120,
			at: new Date(deal.timeMs).toISOString()
		};
	});
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		await updateDays(client, await writeRows(client, rows));
	} finally {
		await client.end();
	}
}
