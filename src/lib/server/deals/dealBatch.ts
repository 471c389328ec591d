/** A batch of deals as an agent sent it, turned into rows; nothing of it is believed that cannot be. */
import { dealKindOf } from '#lib/domain/metrics/deal.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { SentDeal, SentOperation } from '#lib/protocol/deals.ts';

/** Under whom and for what the batch was sent: the row of the assignment must say the same. */
export interface DealOwner {
	agentId: string;
	accountId: string;
	epoch: number;
}

/** A row of the table Deal. */
export interface DealRow {
	accountId: string;
	ticket: string;
	kind: string;
	type: number;
	entry: string | null;
	positionId: string | null;
	symbol: string | null;
	side: string | null;
	lots: string | null;
	price: string | null;
	profit: string;
	swap: string;
	commission: string;
	fee: string;
	magic: number | null;
	positionMagic: number | null;
	reason: number | null;
	comment: string | null;
	serverTimeMs: number;
	gmtOffsetMin: number;
	at: string;
}

export interface DealBatch {
	owner: DealOwner;
	rows: DealRow[];
	/** Deals of a time that cannot be: they are not stored. */
	refused: number;
}

/** MetaTrader 5 is younger. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** A broker's clock may be wrong by some hours. */
const AHEAD_MS = 86_400_000;

const SIDES = { buy: 0, sell: 1 } as const;

/** @param nowMs the server's time */
export function dealBatch(
	owner: DealOwner,
	{ deals, operations }: Pick<AgentFrames['deals'], 'deals' | 'operations'>,
	nowMs: number
): DealBatch {
	// Of a ticket that is told twice in one batch, the later word counts.
	const rows = new Map<string, DealRow>();
	let refused = 0;
	const add = (sent: SentDeal | SentOperation, rest: ReturnType<typeof tradeFields>): void => {
		const atMs = sent.serverTimeMs - sent.gmtOffsetMin * 60_000;
		if (atMs < EARLIEST_MS || atMs > nowMs + AHEAD_MS) {
			refused += 1;
			return;
		}
		const ticket = BigInt(sent.ticket).toString();
		const { serverTimeMs, gmtOffsetMin } = sent;
		const at = new Date(atMs).toISOString();
		rows.set(ticket, { accountId: owner.accountId, ticket, ...rest, serverTimeMs, gmtOffsetMin, at });
	};
	for (const deal of deals) add(deal, tradeFields(deal));
	for (const operation of operations) add(operation, operationFields(operation));
	return { owner, rows: [...rows.values()], refused };
}

type Fields = Omit<DealRow, 'accountId' | 'ticket' | 'serverTimeMs' | 'gmtOffsetMin' | 'at'>;

function tradeFields(deal: SentDeal): Fields {
	const { positionId, entry, symbol, side, lots, price, profit, swap, commission, fee } = deal;
	const { magic, positionMagic, reason } = deal;
	const type = SIDES[side];
	const money = { profit, swap, commission, fee };
	return {
		kind: dealKindOf(type),
		type,
		...{ entry, positionId, symbol, side, lots, price },
		...money,
		...{ magic, positionMagic, reason, comment: null }
	};
}

function operationFields({ type, amount, comment }: SentOperation): Fields {
	return {
		kind: dealKindOf(type),
		type,
		...{ entry: null, positionId: null, symbol: null, side: null, lots: null, price: null },
		...{ profit: amount, swap: '0', commission: '0', fee: '0' },
		...{ magic: null, positionMagic: null, reason: null, comment: comment === '' ? null : comment }
	};
}
