/** What the conformance suite needs of a terminal, whatever kind it is. */
import { type BridgeStatus } from '../../agent/src/bridge/contract.ts';
import { type JournalEvent } from '../../agent/src/terminal/journalTail.ts';
import {
	type BridgeChannel,
	type ProcessIdentity,
	type TerminalKind
} from '../../agent/src/terminal/ports.ts';
import { type EaSettings } from '#lib/domain/eaSettings.ts';

/** What the suite loads its EA with. */
export const SETTINGS: EaSettings = {
	maxLotSize: '0.50',
	maxLoss: '0',
	safetyMode: 'GREEN',
	closePositionsOnStop: true,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'M15', magic: 777 }
};

export interface RigSetup {
	/** Entry of brokers.json for the rig's login; simulator/behaviour.ts lists what it may hold. */
	broker?: Record<string, unknown>;
}

export type MakeRig = (setup?: RigSetup) => Promise<BridgeRig>;

export interface BridgeRig {
	readonly kind: TerminalKind;
	readonly instanceDir: string;
	readonly channel: BridgeChannel;
	/** Everything the journal told so far. */
	readonly events: readonly JournalEvent[];
	readonly account: { login: string; server: string };
	/** First login with the password in start.ini, and the start after it that brings the bridge. */
	start(password?: string, isAlgoTradingOn?: boolean): Promise<ProcessIdentity>;
	/** As `start`; `prepare` is called right before the bridge's process is started. */
	startWith(prepare: () => void): Promise<ProcessIdentity>;
	/** Later start, with the saved account. */
	startAgain(isAlgoTradingOn?: boolean): Promise<ProcessIdentity>;
	startSecondCopy(): Promise<ProcessIdentity>;
	/** Waits for a status and answers with it. */
	status(description: string, isWanted: (status: BridgeStatus) => boolean): Promise<BridgeStatus>;
	loadEa(generation: number, settings?: EaSettings): Promise<void>;
	changeBroker(changes: Record<string, unknown>): Promise<void>;
	readonly faults: {
		crash(): Promise<void>;
		hang(): Promise<void>;
		silenceBridge(ms: number): Promise<void>;
		dropBroker(ms: number): Promise<void>;
		logOut(): Promise<void>;
	};
	savedConfig(): Promise<Buffer>;
	/** Ends every process it started, and removes its folder. */
	end(): Promise<void>;
}
