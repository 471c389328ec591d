/** From what was seen of one terminal to what is reported of it. Pure; claims nothing that was not seen. */
import { algoState, BRIDGE_FRESH_MS, climb, type Observation } from '#lib/domain/ladder.ts';
import { MOST_OPEN_BYTES, type OpenItems, type Vitals } from '#lib/protocol/openItems.ts';
import { type EaSigns, type Connection, type Figures, type SeenState } from '#lib/protocol/seen.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { type FailureCode } from './failures.ts';

export interface SeenFacts {
	process: 'up' | 'down' | 'hung';
	/** Newest status of the present process; null when there was none. */
	status: BridgeStatus | null;
	bridgeAgeMs: number | null;
	accountNumber: string;
	serverName: string;
	/** Of the settings that the account is to run with. */
	wantedHash: string;
	/** The uploaded EA in the terminal's directory, and whether it is another one than wanted. */
	expertFile: SeenState['expertFile'];
	isExpertOther: boolean;
	isComingUp: boolean;
	block: FailureCode | null;
	activity: string | null;
	fault: SeenState['fault'];
}

export interface Seen {
	state: SeenState;
	figures: Figures | null;
	ea: EaSigns | null;
	/** Null when it is not known, also from a bridge that does not tell it. */
	open: OpenItems | null;
	vitals: Vitals | null;
}

export function observe(facts: SeenFacts): Seen {
	const { process, status, bridgeAgeMs } = facts;
	const isFresh = process !== 'down' && bridgeAgeMs !== null && bridgeAgeMs <= BRIDGE_FRESH_MS;
	const isLoginRight = status?.login === facts.accountNumber && status.server === facts.serverName;
	const ladder = climb(observation(facts, isLoginRight));
	// What another account has is nobody's.
	const own = process !== 'down' && isLoginRight ? status : null;
	return {
		state: {
			algo: algoState(ladder),
			connection: connection(facts, isFresh, isLoginRight),
			ladder,
			generation: (isFresh && status?.ea?.generation) || 0,
			...(facts.expertFile && { expertFile: facts.expertFile }),
			activity: facts.activity?.slice(0, 200) ?? null,
			fault: facts.fault
		},
		figures: own && figures(own),
		ea: eaSigns(own, bridgeAgeMs ?? 0),
		open: own && openItems(own),
		vitals: own && vitals(own, bridgeAgeMs ?? 0)
	};
}

function observation(facts: SeenFacts, isLoginRight: boolean): Observation {
	const { process, status, bridgeAgeMs } = facts;
	const since = (ageMs: number | null | undefined): number | null =>
		ageMs === null || ageMs === undefined || bridgeAgeMs === null ? null : ageMs + bridgeAgeMs;
	return {
		process,
		bridgeAgeMs: process === 'down' ? null : bridgeAgeMs,
		isLoginRight: status && isLoginRight,
		isBrokerConnected: status?.isConnected ?? null,
		isAlgoTradingOn: status?.isTerminalTradeAllowed ?? null,
		isEaAttached: status && status.ea !== null,
		areSettingsAsWanted: status?.ea
			? status.ea.settingsHash === facts.wantedHash && !facts.isExpertOther
			: null,
		isEaReady: status?.ea ? status.ea.readyAgeMs !== null : null,
		heartbeatAgeMs: since(status?.ea?.heartbeatAgeMs),
		tickAgeMs: since(status?.tickAgeMs),
		isMarketOpen: status?.isMarketOpen ?? null
	};
}

function connection(facts: SeenFacts, isFresh: boolean, isLoginRight: boolean): Connection {
	if (facts.block === 'login_refused') return 'login_refused';
	if (isFresh && isLoginRight) return facts.status?.isConnected ? 'connected' : 'broker_lost';
	if (facts.isComingUp) return 'connecting';
	if (facts.process === 'down') return 'down';
	return isFresh ? 'broker_lost' : 'unknown';
}

function eaSigns(status: BridgeStatus | null, bridgeAgeMs: number): EaSigns | null {
	if (!status?.ea) return null;
	const { heartbeatAgeMs, errors } = status.ea;
	return {
		heartbeatAgeMs: heartbeatAgeMs === null ? null : Math.round(heartbeatAgeMs + bridgeAgeMs),
		errors
	};
}

function openItems({ positions, orders }: BridgeStatus): OpenItems | null {
	if (!positions || !orders) return null;
	let bytes = 0;
	const fits = (row: object): boolean => (bytes += Buffer.byteLength(JSON.stringify(row))) <= MOST_OPEN_BYTES;
	return { positions: positions.filter(fits), orders: orders.filter(fits) };
}

function vitals({ pingMs, tickAgeMs, isMarketOpen, gmtOffsetMin }: BridgeStatus, ageMs: number): Vitals {
	return {
		pingMs: pingMs ?? null,
		tickAgeMs: tickAgeMs === null ? null : Math.round(tickAgeMs + ageMs),
		isMarketOpen,
		gmtOffsetMin
	};
}

function figures(status: BridgeStatus): Figures {
	return {
		currency: status.currency,
		currencyDigits: status.currencyDigits,
		balance: status.balance,
		equity: status.equity,
		margin: status.margin,
		freeMargin: status.freeMargin,
		marginLevel: status.marginLevel,
		floatingProfit: status.floatingProfit,
		dayClosedProfit: status.dayClosedProfit,
		openPositions: status.openPositions,
		openLots: status.openLots,
		unprotectedPositions: status.unprotectedPositions,
		pendingOrders: status.pendingOrders,
		eaPositions: status.eaPositions,
		eaOrders: status.eaOrders
	};
}
