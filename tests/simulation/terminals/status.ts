/** What a simulated bridge says, in the bridge's own form. */
import { type Residual } from '#lib/protocol/seen.ts';
import { type BridgeStatus } from '../../../agent/src/bridge/contract.ts';
import { QUIET_ACCOUNT } from '../../support/quietAccount.ts';
import { type Ea } from './terminal.ts';
import { type Truth } from './truth.ts';

export interface ToTell {
	seq: number;
	truth: Truth;
	ea: Ea | null;
	server: string;
	open: number;
}

export function statusOf({ seq, truth, ea, server, open }: ToTell, nowMs: number): BridgeStatus {
	return {
		...QUIET_ACCOUNT,
		bridgeVersion: 'sim',
		seq,
		login: truth.login,
		server,
		isConnected: truth.isConnected,
		isTerminalTradeAllowed: truth.isAlgoOn,
		isMqlTradeAllowed: truth.isAlgoOn,
		openPositions: open,
		eaPositions: open,
		ea: ea && {
			path: ea.settings.expert.path,
			symbol: ea.settings.expert.symbol,
			timeframe: ea.settings.expert.timeframe,
			magic: ea.settings.expert.magic,
			generation: ea.generation,
			settingsHash: ea.hash,
			readyAgeMs: truth.isReady ? nowMs - (ea.readyAtMs ?? 0) : null,
			heartbeatAgeMs: truth.isReady ? 500 : null,
			errors: []
		}
	};
}

export const residual = (position: { ticket: string }, brokerCode: number | null): Residual => ({
	ticket: position.ticket,
	type: 'position',
	symbol: 'EURUSD',
	side: 'buy',
	lots: '0.10',
	profit: '0.00',
	hasStopLoss: false,
	brokerCode,
	brokerText: null
});
