/** What the bridge says of its terminal every second. */
import { type BridgeStatus } from '../src/bridge/contract.ts';
import { GMT_OFFSET_MIN } from './brokerAccount.ts';
import { toDecimalText } from './decimal.ts';
import { findSymbol } from './symbols.ts';
import { openBook } from './openBook.ts';
import { BUILD, type Terminal } from './terminal.ts';

/** To the simulated broker's server. */
const PING_MS = 23.4;

const age = (now: number, since: number | null): number | null =>
	since === null ? null : Math.max(0, now - since);

function expertStatus(terminal: Terminal, now: number): BridgeStatus['ea'] {
	const { expert } = terminal;
	if (!expert) return null;
	const { path, symbol, timeframe, inputs, errors } = expert;
	return {
		path,
		symbol,
		timeframe,
		magic: inputs.magic,
		generation: inputs.generation,
		settingsHash: inputs.settingsHash,
		readyAgeMs: age(now, expert.readyAtMs),
		heartbeatAgeMs: age(now, expert.heartbeatAtMs),
		errors: [...errors],
		mayTrade: expert.readyAtMs === null ? null : expert.mayTrade && terminal.isLiveTradingAllowed
	};
}

export function bridgeStatus(terminal: Terminal, seq: number): BridgeStatus {
	const now = terminal.now();
	const { account, lastMagic } = terminal;
	const books = account?.books;
	const positions = books?.positions ?? [];
	const orders = books?.orders ?? [];
	const { balanceCents, equityCents, floatingCents, marginCents, dayClosedCents } = account?.value() ?? {
		balanceCents: 0,
		equityCents: 0,
		floatingCents: 0,
		marginCents: 0,
		dayClosedCents: 0
	};
	const spec = terminal.expert && findSymbol(terminal.expert.symbol);
	const isMine = (item: { magic: number }): boolean => item.magic === lastMagic;
	return {
		seq,
		build: BUILD,
		bridgeVersion: 'sim-1',
		login: terminal.login,
		server: terminal.server,
		isConnected: terminal.isConnected,
		isTerminalTradeAllowed: terminal.isAlgoTradingOn,
		isMqlTradeAllowed: terminal.isLiveTradingAllowed,
		isAccountTradeAllowed: terminal.isConnected,
		isAccountExpertAllowed: terminal.isConnected,
		isHedging: account?.isHedging ?? true,
		currency: books?.currency ?? 'USD',
		currencyDigits: 2,
		balance: toDecimalText(balanceCents),
		equity: toDecimalText(equityCents),
		margin: toDecimalText(marginCents),
		freeMargin: toDecimalText(equityCents - marginCents),
		marginLevel: marginCents > 0 ? toDecimalText(Math.round((equityCents / marginCents) * 10_000)) : null,
		floatingProfit: toDecimalText(floatingCents),
		dayClosedProfit: toDecimalText(dayClosedCents),
		openPositions: positions.length,
		openLots: toDecimalText(positions.reduce((sum, position) => sum + position.volume, 0)),
		unprotectedPositions: positions.filter((position) => position.stopLossPoints === null).length,
		pendingOrders: orders.length,
		eaPositions: positions.filter(isMine).length,
		eaOrders: orders.filter(isMine).length,
		...openBook(account),
		ea: expertStatus(terminal, now),
		pingMs: terminal.isConnected ? PING_MS : null,
		tickAgeMs: spec ? age(now, terminal.market.quote(spec).atMs) : null,
		isMarketOpen: account?.isMarketOpen ?? false,
		serverTime: Math.floor(now / 1000) + GMT_OFFSET_MIN * 60,
		gmtOffsetMin: GMT_OFFSET_MIN
	};
}
