/**
 * Trades from deals. A trade is a deal that fixed profit or loss, as in MetaTrader's own reports (terminal
 * help, "Reports": *Total trades*): each exit deal counts as one, so a position closed in two parts is two
 * trades. What the entry cost (commission, fee) belongs to the trades that close it, by their share of the
 * volume, so that the net profits of a position's trades sum to all that the position brought.
 */
import { amountOf, byTime, type TradingDeal } from './deal.ts';
import { Decimal, MONEY_FRACTION_DIGITS, ZERO } from './money.ts';

export interface Trade {
	/** Ticket of the exit deal. */
	ticket: bigint;
	positionId: bigint;
	symbol: string;
	/** Direction of the position that was closed. */
	direction: 'long' | 'short';
	volumeLots: Decimal;
	/** Volume-weighted time of the entries, server time in ms; null when no entry deal is known. */
	openedAtMs: number | null;
	closedAtMs: number;
	/** Profit + swap + commission + fee of the exit and of its share of the entries. */
	net: Decimal;
}

export interface PositionTrades {
	trades: Trade[];
	/** Costs of entries that no exit has taken yet: the position is still open by this volume. */
	openCost: Decimal;
	openVolumeLots: Decimal;
}

/** What is open of a position while its deals are walked through. */
interface Open {
	volume: Decimal;
	cost: Decimal;
	/** Null when the entries lie before the first deal that is known. */
	openedAtMs: Decimal | null;
}

const NOTHING: Open = { volume: ZERO, cost: ZERO, openedAtMs: null };

function enter(open: Open, volume: Decimal, cost: Decimal, timeMs: number): Open {
	const total = open.volume.plus(volume);
	const before = open.openedAtMs ?? new Decimal(timeMs);
	const openedAtMs = total.isZero()
		? new Decimal(timeMs)
		: before.times(open.volume).plus(volume.times(timeMs)).div(total);
	return { volume: total, cost: open.cost.plus(cost), openedAtMs };
}

/** The part of the entry costs that goes with `volume` of what is open; the last exit takes what is left. */
function costShare(open: Open, volume: Decimal): Decimal {
	if (volume.gte(open.volume)) return open.cost;
	return open.cost.times(volume).div(open.volume).toDecimalPlaces(MONEY_FRACTION_DIGITS);
}

/**
 * The trades of one position.
 * @param deals every known deal of the position, in any order
 */
export function tradesOfPosition(deals: readonly TradingDeal[]): PositionTrades {
	let open = NOTHING;
	const trades: Trade[] = [];
	const close = (deal: TradingDeal, volume: Decimal, net: Decimal): void => {
		trades.push({
			ticket: deal.ticket,
			positionId: deal.positionId,
			symbol: deal.symbol,
			direction: deal.side === 'sell' ? 'long' : 'short',
			volumeLots: volume,
			openedAtMs: open.openedAtMs === null ? null : open.openedAtMs.round().toNumber(),
			closedAtMs: deal.timeMs,
			net
		});
	};

	for (const deal of deals.toSorted(byTime)) {
		if (deal.entry === 'in') {
			open = enter(open, deal.volumeLots, amountOf(deal), deal.timeMs);
			continue;
		}
		if (deal.entry === 'inout' && deal.volumeLots.gt(open.volume)) {
			// A netting position is turned round: the deal closes all of it, and opens the rest the other way.
			const opened = deal.volumeLots.minus(open.volume);
			const openingCost = deal.commission
				.plus(deal.fee)
				.times(opened)
				.div(deal.volumeLots)
				.toDecimalPlaces(MONEY_FRACTION_DIGITS);
			close(deal, open.volume, amountOf(deal).minus(openingCost).plus(open.cost));
			open = enter(NOTHING, opened, openingCost, deal.timeMs);
			continue;
		}
		const share = costShare(open, deal.volumeLots);
		close(deal, deal.volumeLots, amountOf(deal).plus(share));
		const volume = Decimal.max(ZERO, open.volume.minus(deal.volumeLots));
		open = volume.isZero() ? NOTHING : { ...open, volume, cost: open.cost.minus(share) };
	}
	return { trades, openCost: open.cost, openVolumeLots: open.volume };
}
