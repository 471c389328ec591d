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
	/** Volume-weighted time of the entries, in the deals' time; null when no entry deal is known. */
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

/** What is open of a position while its deals are walked through, and what exits took of it since the last entry. */
interface Open {
	volume: Decimal;
	cost: Decimal;
	/** Σ volume × time of the entries: divided once, when somebody asks. */
	volumeTime: Decimal;
	/** Volume that exits closed of it. */
	closed: Decimal;
}

const NOTHING: Open = { volume: ZERO, cost: ZERO, volumeTime: ZERO, closed: ZERO };

const restOf = (open: Open): Decimal => Decimal.max(ZERO, open.volume.minus(open.closed));

/**
 * What of the entry costs goes with the first `volume` lots. Rounded here and nowhere else, so that the shares of
 * all exits sum to the cost; src/lib/server/deals/dailyPerformance.ts has the same formula.
 */
function costOfFirst(open: Open, volume: Decimal): Decimal {
	if (volume.gte(open.volume)) return open.cost;
	return open.cost.times(volume).div(open.volume).toDecimalPlaces(MONEY_FRACTION_DIGITS);
}

const openCostOf = (open: Open): Decimal => open.cost.minus(costOfFirst(open, open.closed));

function openedAtOf(open: Open): number | null {
	return open.volume.isZero() ? null : open.volumeTime.div(open.volume).round().toNumber();
}

function enter(open: Open, volume: Decimal, cost: Decimal, timeMs: number): Open {
	const rest = restOf(open);
	const restTime = open.volume.isZero() ? ZERO : open.volumeTime.times(rest).div(open.volume);
	return {
		volume: rest.plus(volume),
		cost: openCostOf(open).plus(cost),
		volumeTime: restTime.plus(volume.times(timeMs)),
		closed: ZERO
	};
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
			openedAtMs: openedAtOf(open),
			closedAtMs: deal.timeMs,
			net
		});
	};

	for (const deal of deals.toSorted(byTime)) {
		if (deal.entry === 'in') {
			open = enter(open, deal.volumeLots, amountOf(deal), deal.timeMs);
			continue;
		}
		const rest = restOf(open);
		if (deal.entry === 'inout' && deal.volumeLots.gt(rest)) {
			// A netting position is turned round: the deal closes all of it, and opens the rest the other way.
			const opened = deal.volumeLots.minus(rest);
			const openingCost = deal.commission
				.plus(deal.fee)
				.times(opened)
				.div(deal.volumeLots)
				.toDecimalPlaces(MONEY_FRACTION_DIGITS);
			close(deal, rest, amountOf(deal).minus(openingCost).plus(openCostOf(open)));
			open = enter(NOTHING, opened, openingCost, deal.timeMs);
			continue;
		}
		const closed = open.closed.plus(deal.volumeLots);
		const share = costOfFirst(open, closed).minus(costOfFirst(open, open.closed));
		close(deal, deal.volumeLots, amountOf(deal).plus(share));
		open = closed.gte(open.volume) ? NOTHING : { ...open, closed };
	}
	return { trades, openCost: openCostOf(open), openVolumeLots: restOf(open) };
}
