/** The broker's deals as the bridge tells of them: after a place in the history, oldest first, a page at a time. */
import { type BridgeAnswer, type BridgeRequest } from '../src/bridge/contract.ts';
import { isOperation, type Deal } from './accountFile.ts';
import { GMT_OFFSET_MIN } from './brokerAccount.ts';
import { toDecimalText } from './decimal.ts';
import { findSymbol } from './symbols.ts';

const PAGE = 200;
const OFFSET_MS = GMT_OFFSET_MIN * 60_000;
/** ENUM_DEAL_REASON and ENUM_DEAL_TYPE of the MQL5 Reference. */
const REASONS: Record<Deal['reason'], number> = { client: 0, expert: 3, sl: 4, tp: 5 };
const OPERATION_TYPES = { balance: 2, credit: 3 };

const serverMs = (deal: Deal): number => deal.atMs + OFFSET_MS;

function tradeDeal(deal: Deal, all: readonly Deal[]): BridgeAnswer<'deals'>['deals'][number] {
	const entry = all.find((each) => each.positionId === deal.positionId && each.entry === 'in');
	return {
		ticket: deal.ticket.toString(),
		order: deal.ticket.toString(),
		positionId: deal.positionId.toString(),
		timeMs: serverMs(deal),
		side: deal.side,
		entry: deal.entry === 'in' ? 'in' : 'out',
		symbol: deal.symbol,
		lots: toDecimalText(deal.volume),
		price: toDecimalText(deal.points, findSymbol(deal.symbol)?.digits ?? 0),
		profit: toDecimalText(deal.profitCents),
		swap: '0.00',
		commission: toDecimalText(-(deal.commissionCents ?? 0)),
		fee: '0.00',
		magic: deal.magic,
		positionMagic: entry?.magic ?? deal.magic,
		reason: REASONS[deal.reason]
	};
}

export function dealsAfter(
	deals: readonly Deal[],
	{ sinceMs, afterTicket }: BridgeRequest<'deals'>,
	nowMs: number
): BridgeAnswer<'deals'> {
	const isAfter = (deal: Deal): boolean =>
		serverMs(deal) > sinceMs || (serverMs(deal) === sinceMs && deal.ticket > Number(afterTicket));
	const after = deals.filter(isAfter).sort((a, b) => a.atMs - b.atMs || a.ticket - b.ticket);
	const page = after.slice(0, PAGE);
	const last = after.length > PAGE ? page.at(-1) : undefined;
	return {
		deals: page.filter((deal) => !isOperation(deal)).map((deal) => tradeDeal(deal, deals)),
		operations: page.filter(isOperation).map((deal) => ({
			ticket: deal.ticket.toString(),
			timeMs: serverMs(deal),
			type: OPERATION_TYPES[deal.entry === 'credit' ? 'credit' : 'balance'],
			amount: toDecimalText(deal.profitCents),
			comment: ''
		})),
		next: last ? { sinceMs: serverMs(last), afterTicket: last.ticket.toString() } : null,
		historyDeals: deals.filter((deal) => Math.floor(serverMs(deal) / 1000) >= Math.floor(sinceMs / 1000))
			.length,
		serverTime: Math.floor(nowMs / 1000) + GMT_OFFSET_MIN * 60,
		gmtOffsetMin: GMT_OFFSET_MIN
	};
}
