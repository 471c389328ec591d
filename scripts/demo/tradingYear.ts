/**
 * A year of plausible trading, the same for a seed: deals whose amounts sum, with the first deposit, exactly to the
 * balance that the account has. Money is counted in cents.
 */
import type { DealRow } from '#lib/server/deals/dealBatch.ts';
import { pastSnapshots } from './demoSnapshots.ts';

export interface TradingYear {
	deals: DealRow[];
	snapshots: { at: string; balance: string; equity: string }[];
}

interface Market {
	symbol: string;
	digits: number;
	/** In points; one point of 0.01 lots is one cent for each of them. */
	price: number;
	/** Points that a day moves by. */
	range: number;
}
const MARKETS: Market[] = [
	{ symbol: 'EURUSD', digits: 5, price: 109_000, range: 420 },
	{ symbol: 'GBPUSD', digits: 5, price: 127_500, range: 560 },
	{ symbol: 'XAUUSD', digits: 2, price: 241_000, range: 1_150 }
];
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const OFFSET_MIN = 120;
const COMMISSION_CENTS_PER_LOT = 350;
/** The simulated terminals' own tickets begin far above. */
const FIRST_TICKET = 1_001;

/** mulberry32: small, and the same everywhere. */
function createChance(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

const cents = (amount: number): string =>
	`${amount < 0 ? '-' : ''}${Math.trunc(Math.abs(amount) / 100)}.${String(Math.abs(amount) % 100).padStart(2, '0')}`;
const printPrice = ({ digits }: Market, points: number): string => (points / 10 ** digits).toFixed(digits);

const dayStart = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/** @param balanceCents what the account has at `until` */
export function tradingYear(accountId: string, balanceCents: number, seed: number, until: Date): TradingYear {
	const chance = createChance(seed);
	const between = (low: number, high: number) => low + Math.floor(chance() * (high - low + 1));
	const today = dayStart(until.getTime());
	const firstDay = today - 364 * DAY_MS;
	const winRate = 0.5 + chance() * 0.06;
	const deals: (DealRow & { cents: number })[] = [];
	let ticket = FIRST_TICKET;

	const add = (
		atMs: number,
		amounts: Partial<Record<'profit' | 'swap' | 'commission', number>>,
		rest: object
	): void => {
		const { profit = 0, swap = 0, commission = 0 } = amounts;
		deals.push({
			accountId,
			ticket: String(ticket++),
			...{ kind: 'trade', type: 0, entry: null, positionId: null, symbol: null, side: null, lots: null },
			...{ price: null, magic: null, positionMagic: null, reason: null, comment: null, fee: '0' },
			...rest,
			profit: cents(profit),
			swap: cents(swap),
			commission: cents(commission),
			serverTimeMs: atMs + OFFSET_MIN * 60_000,
			gmtOffsetMin: OFFSET_MIN,
			at: new Date(atMs).toISOString(),
			cents: profit + swap + commission
		});
	};

	const trade = (openMs: number): void => {
		const market = MARKETS[Math.min(2, Math.floor(chance() * 3.4))] ?? MARKETS[0];
		if (!market) return;
		const isBuy = chance() < 0.5;
		const size = Math.max(2, Math.round((balanceCents / 1e6) * between(4, 22)));
		const positionId = String(ticket);
		const wantedMs = between(8, 900) * 60_000 * (chance() < 0.1 ? 3 : 1);
		// Nothing is held over the weekend.
		const weekEndMs = dayStart(openMs) + (5 - new Date(openMs).getUTCDay()) * DAY_MS + 21 * HOUR_MS;
		const heldMs = Math.min(wantedMs, weekEndMs - openMs);
		const price = market.price + between(-market.range * 4, market.range * 4);
		const move = Math.round(market.range * (chance() < winRate ? 0.1 + chance() : -0.1 - chance() * 0.9));
		const closing = price + (isBuy ? move : -move);
		const deal = (side: 'buy' | 'sell', entry: 'in' | 'out', lots: number, at: number) => ({
			type: side === 'buy' ? 0 : 1,
			...{ entry, side, positionId, symbol: market.symbol, lots: cents(lots), price: printPrice(market, at) },
			...{ magic: 505_001, positionMagic: 505_001, reason: 3 }
		});
		const fee = (lots: number) => -Math.round((COMMISSION_CENTS_PER_LOT * lots) / 100);
		const [enter, exit] = isBuy ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
		add(openMs, { commission: fee(size) }, deal(enter, 'in', size, price));
		// Now and then the half is closed on the way.
		const half = chance() < 0.12 ? Math.floor(size / 2) : 0;
		const part = Math.round(move / 2);
		if (half > 0)
			add(
				openMs + Math.floor(heldMs / 2),
				{ profit: half * part, commission: fee(half) },
				deal(exit, 'out', half, price + (isBuy ? part : -part))
			);
		const rest = size - half;
		const nights = Math.floor((openMs + heldMs) / DAY_MS) - Math.floor(openMs / DAY_MS);
		add(
			openMs + heldMs,
			{ profit: rest * move, commission: fee(rest), swap: -nights * Math.ceil(rest * 0.6) },
			deal(exit, 'out', rest, closing)
		);
	};

	for (let day = firstDay + DAY_MS; day < today; day += DAY_MS) {
		const date = new Date(day);
		if (date.getUTCDay() % 6 === 0) continue;
		for (let n = between(0, 3); n > 0; n--) trade(day + between(6, 16) * HOUR_MS + between(0, 3_599) * 1_000);
		const isPayday = date.getUTCDate() === 15 || date.getUTCDate() === 16;
		if (isPayday && chance() < 0.3) {
			const amount = Math.round(balanceCents * (chance() < 0.6 ? 0.05 : -0.04));
			add(
				day + 9 * HOUR_MS,
				{ profit: amount },
				{ kind: 'flow', type: 2, comment: amount > 0 ? 'Deposit' : 'Withdrawal' }
			);
		}
	}
	// What is open until today is left to the terminals.
	const past = deals.filter(({ at }) => Date.parse(at) < today);
	const open = new Set(past.map(({ positionId }) => positionId));
	for (const { positionId } of deals)
		if (positionId !== null && !isClosed(past, positionId)) open.delete(positionId);
	const kept = past.filter(({ positionId }) => positionId === null || open.has(positionId));

	const earned = kept.reduce((sum, deal) => sum + deal.cents, 0);
	add(
		firstDay + 8 * HOUR_MS,
		{ profit: balanceCents - earned },
		{ kind: 'flow', type: 2, comment: 'Deposit' }
	);
	const all = [...kept, ...deals.slice(-1)].sort((a, b) => a.at.localeCompare(b.at));
	return {
		// A broker hands out tickets in the order of time.
		deals: all.map(({ cents: _, ...deal }, n) => ({ ...deal, ticket: String(FIRST_TICKET + n) })),
		snapshots: pastSnapshots(all, until, chance).map(({ atMs, balanceCents: balance, equityCents }) => ({
			at: new Date(atMs).toISOString(),
			balance: cents(balance),
			equity: cents(equityCents)
		}))
	};
}

function isClosed(deals: readonly DealRow[], positionId: string): boolean {
	const own = deals.filter((deal) => deal.positionId === positionId);
	const lots = (entry: string) =>
		own.reduce((sum, deal) => sum + (deal.entry === entry ? Math.round(Number(deal.lots) * 100) : 0), 0);
	return lots('in') === lots('out');
}
