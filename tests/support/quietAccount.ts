/** What a bridge says of an account with money and nothing open, before anything that a test or bench is about. */
import type { BridgeStatus } from '../../agent/src/bridge/contract.ts';

export const QUIET_ACCOUNT = {
	build: 5830,
	isAccountTradeAllowed: true,
	isAccountExpertAllowed: true,
	isHedging: true,
	currency: 'USD',
	currencyDigits: 2,
	balance: '10000.00',
	equity: '10000.00',
	margin: '0.00',
	freeMargin: '10000.00',
	marginLevel: null,
	floatingProfit: '0.00',
	dayClosedProfit: '0.00',
	openPositions: 0,
	openLots: '0.00',
	unprotectedPositions: 0,
	pendingOrders: 0,
	eaPositions: 0,
	eaOrders: 0,
	tickAgeMs: 0,
	isMarketOpen: true,
	serverTime: 0,
	gmtOffsetMin: 120
} as const satisfies Partial<BridgeStatus>;
