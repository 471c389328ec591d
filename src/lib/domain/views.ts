/**
 * The shapes of the JSON API and of the live stream, as the browser gets them. Times are ISO 8601 UTC, money
 * and lots are decimal strings.
 */
import type { PublicStatus, CommandKind } from './commandLifecycle.ts';
import type { AccountPolicy } from './accountPolicy.ts';
import type { ConnectionEvent } from './connectionHistory.ts';
import type { EaOverrides, EaSettings, TraderDefaults } from './eaSettings.ts';
import type { IncidentAction, IncidentKind, IncidentOutcome } from './incident.ts';
import type { AlgoState, Ladder } from './ladder.ts';
import type { OpenBookView } from './openItems.ts';

export type AccountKindName = 'DEMO' | 'REAL';
export type AccountStatusName = 'DRAFT' | 'ACTIVE' | 'INACTIVE';
export type WantedName = 'RUNNING' | 'PAUSED' | 'STOPPED';

/** How the account hangs together, from the server's side: the agent's word, or why there is none. */
export type ConnectionName =
	| 'connected'
	| 'connecting'
	| 'login_refused'
	| 'broker_lost'
	| 'down'
	| 'unknown'
	/** The trader disconnected it, and its terminal was seen to be down. */
	| 'disconnected'
	/** The trader disconnected it, and its terminal is being ended. */
	| 'disconnecting'
	/** The agent that holds the account is not connected. */
	| 'agent_offline'
	/** The agent is connected to another web server, and this one cannot reach that. */
	| 'unreachable'
	/** No agent has room for the account. */
	| 'unassigned'
	/** The trader deactivated the account. */
	| 'inactive';

export interface FiguresView {
	currencyDigits: number;
	balance: string;
	equity: string;
	margin: string;
	freeMargin: string;
	marginLevel: string | null;
	floatingProfit: string;
	dayClosedProfit: string;
	openPositions: number;
	openLots: string;
	unprotectedPositions: number;
	pendingOrders: number;
	eaPositions: number;
	eaOrders: number;
}

/** How its terminal and the line to the broker are. Ages are counted from these moments of the server's time. */
export interface VitalsView {
	/** Of the terminal to the broker's server; null while it has none. */
	pingMs: number | null;
	/** The newest tick of the EA's symbol; null without an EA. */
	lastTickAt: string | null;
	lastHeartbeatAt: string | null;
	isMarketOpen: boolean;
	/** How far the broker's clock is ahead of UTC. */
	brokerOffsetMin: number;
}

export interface AccountView {
	id: string;
	accountNumber: string;
	name: string;
	broker: string;
	serverName: string;
	currency: string;
	kind: AccountKindName;
	status: AccountStatusName;
	isEnabledForTrading: boolean;
	/** No agent can log it in: the password must be entered (again). */
	needsPassword: boolean;
	isPrimary: boolean;
	/** Groups it belongs to. */
	tags: string[];
	connection: ConnectionName;
	/** False: the trader disconnected it; its terminal is kept down, and Start is refused. */
	isConnectionWanted: boolean;
	/** Failed tries to connect since it was well last; null when its agent does not say. */
	retries: number | null;
	/** What the algo was last seen to be; `unknown` when that is too old to be claimed. */
	state: AlgoState;
	/** What it was before it became unknown, with `seenAt` as its time. */
	lastKnownState: AlgoState | null;
	wanted: WantedName;
	wantedAt: string | null;
	/** When the newest proof behind state and figures was seen, in the server's time. */
	seenAt: string | null;
	ladder: Ladder | null;
	activity: string | null;
	/** What the watchdog is at just now; null when nothing is known to be wrong. */
	incident: { id: string; kind: IncidentKind } | null;
	fault: { code: string; message: string; remedy: string } | null;
	/** `isConnected` null: connected to another web server when that was heard last; not known from here. */
	agent: { id: string; name: string; isConnected: boolean | null; lastSeenAt: string | null } | null;
	balance: string | null;
	equity: string | null;
	figures: FiguresView | null;
	/** Null when its agent did not say since this server heard of it. */
	vitals: VitalsView | null;
	/** What the next command would carry. */
	settings: EaSettings;
	overrides: EaOverrides;
	/** What its agent does of itself. */
	policy: AccountPolicy;
	/** An operator moves it to another machine; `isReleasing`: its terminal is being closed. Null: nothing moves. */
	move: { to: string; since: string; isReleasing: boolean } | null;
}

/** POST /api/user/mt5-accounts/connect-all and disconnect-all. */
export interface ConnectionDeedView {
	done: number;
	failed: number;
	accounts: {
		accountId: string;
		accountNumber: string;
		name: string;
		broker: string;
		/** What is wanted is stored; the terminal follows, and `connection` says how far it is. */
		ok: boolean;
		connection: ConnectionName;
		error: { code: string; message: string } | null;
	}[];
}

/** GET /api/user/mt5-accounts/[accountId]/status: the account's connection, and its money as seen last. */
export type ConnectionStatusView = Pick<
	AccountView,
	| 'connection'
	| 'isConnectionWanted'
	| 'retries'
	| 'seenAt'
	| 'state'
	| 'fault'
	| 'activity'
	| 'agent'
	| 'currency'
	| 'balance'
	| 'equity'
	| 'vitals'
> & {
	accountId: string;
	marginLevel: string | null;
	lastConnectedAt: string | null;
	lastDisconnectedAt: string | null;
};

/** GET /api/user/mt5-accounts/[accountId]/connections: how its connection changed, newest first. */
export interface ConnectionHistoryView {
	/** When it was seen to become connected, and to cease to be so, last. */
	lastConnectedAt: string | null;
	lastDisconnectedAt: string | null;
	changes: {
		id: string;
		at: string;
		connection: ConnectionEvent;
		reason: string | null;
		remedy: string | null;
		/** Failed tries before it. */
		retries: number;
		/** False: its trader had disconnected it. */
		isWanted: boolean;
	}[];
	nextCursor: string | null;
}

export interface AccountListView {
	accounts: AccountView[];
	enabledCount: number;
	limit: number;
	defaults: TraderDefaults;
	/** The server's clock when this was made, so that ages are right whatever the browser's clock says. */
	serverTime: string;
}

/** GET /api/user/mt5-accounts/[accountId]/ea (E3). Null means unknown. */
export interface EaStatusView {
	/** The EA's OnInit reported ready. */
	ready: boolean | null;
	heartbeatActive: boolean | null;
	/** Milliseconds since the EA's last heartbeat. */
	heartbeatAge: number | null;
	/** What the EA reported of itself. */
	errors: string[];
	/** When the newest proof behind this was seen. */
	seenAt: string | null;
}

/** One line of the watchdog's history. Times are the server's. */
export interface IncidentView {
	id: string;
	kind: IncidentKind;
	/** When all was well for the last time. */
	startedAt: string;
	detectedAt: string;
	/** Null while it lasts, or when its end was not seen. */
	endedAt: string | null;
	outcome: IncidentOutcome | null;
	/** From the last moment all was well to the recovery; null unless it recovered. */
	recoveredAfterMs: number | null;
	restarts: number;
	steps: { action: IncidentAction; afterMs: number; error: string | null }[];
	openPositions: number | null;
	unprotectedPositions: number | null;
}

/** GET /api/user/mt5-accounts/[accountId]/watchdog. */
export interface WatchdogView {
	isOn: boolean;
	/** The incident the agent says is under way; null when none is, or nothing is known. */
	current: { id: string; kind: IncidentKind } | null;
	incidents: IncidentView[];
	nextCursor: string | null;
	/** Of the last 30 days. */
	summary: {
		incidents: number;
		recovered: number;
		givenUp: number;
		medianRecoveryMs: number | null;
		longestRecoveryMs: number | null;
	};
}

export interface ResidualView {
	ticket: string;
	type: 'position' | 'order';
	symbol: string;
	side: 'buy' | 'sell';
	lots: string;
	profit: string | null;
	hasStopLoss: boolean;
	brokerCode: number | null;
	brokerText: string | null;
}

export interface ProofView {
	isAlgoTradingOff: boolean;
	isEaUnloaded: boolean;
	wasClosingAsked: boolean;
	closedPositions: number;
	deletedOrders: number;
	residuals: ResidualView[];
	residualCount: number;
	unprotectedPositions: number;
	/** False: the terminal is down, so nothing could be counted. Left out: counted. */
	isCounted?: boolean | undefined;
}

export interface CommandResultView {
	accountId: string;
	accountNumber: string;
	name: string;
	broker: string;
	kind: AccountKindName;
	status: PublicStatus;
	/** While pending: what is being done just now. */
	stage?: string;
	/** Stop or Pause that applies when the agent is back. */
	willApplyLater: boolean;
	errorCode?: string;
	/** What went wrong and what to do. */
	error?: string;
	eaStatus?: string;
	proof?: ProofView;
	isFinal: boolean;
	canRetry: boolean;
	settledAt: string | null;
	durationMs: number | null;
}

export interface CommandView {
	/** Every account is proven done. */
	success: boolean;
	message: string;
	commandId: string;
	command: CommandKind;
	closePositions: boolean;
	createdAt: string;
	readAt: string | null;
	/** The operator who pressed; null when it was the trader. */
	issuedBy: string | null;
	totalAccounts: number;
	successfulAccounts: number;
	failedAccounts: number;
	/** At work, waiting for the agent, or unknown. */
	pendingAccounts: number;
	accounts: CommandResultView[];
}

/** One sign-in of the user who asks. */
export interface SessionView {
	id: string;
	/** E.g. `Firefox on Windows`. */
	device: string;
	ip: string | null;
	createdAt: string;
	lastUsedAt: string;
	/** When it ends, should it not be used any more. */
	expiresAt: string;
	isCurrent: boolean;
}

/** The second factor of the user who asks. */
export interface SecondFactorView {
	isOn: boolean;
	since: string | null;
	recoveryCodesLeft: number;
}

/** A second factor that is being set up: it counts once a code of it was given. */
export interface TotpSetupView {
	/** Base32, for typing it in. */
	secret: string;
	/** `otpauth:` address, what the QR code says. */
	uri: string;
	/** The QR code as an SVG path in a square of `size` units. */
	qr: { path: string; size: number };
}

export interface ErrorBody {
	error: { code: string; message: string; requestId: string; fields?: Record<string, string> };
}

/** What GET /api/stream sends, by the name of the server-sent event. */
export interface StreamEvents {
	/** First of every connection; not stored. */
	hello: { serverTime: string };
	/** Not stored: nothing happened, and the stream is there (STREAM_ALIVE_MS). */
	alive: { serverTime: string };
	/** Stored: accounts, settings or assignments changed; ask for the list again. */
	accounts: { reason: string; accountIds: string[] };
	/** Stored: a new command. */
	command: CommandView;
	/** Stored: some results of a command changed. The counts are those after the change. */
	results: Omit<CommandView, 'accounts'> & { accounts: CommandResultView[] };
	/** Not stored, at most once a second: newest facts of accounts that changed. */
	telemetry: { serverTime: string; accounts: TelemetryView[] };
	/** Not stored (and not called `open`, which EventSource keeps for itself): what is open on accounts where that changed, and on all at the beginning. */
	book: OpenBookView;
	/** Not stored: how this web server stands with the others; null when there is nothing to say. */
	servers: { notice: string | null };
	/** What was missed is gone: ask for everything again. */
	resync: { reason: string };
	/** The last of a stream that must not be opened again by itself. */
	closed: { reason: 'signed_out' | 'too_many_streams' };
}

/** The parts of an AccountView that move by themselves. */
export type TelemetryView = Pick<AccountView, 'id'> &
	Partial<
		Pick<
			AccountView,
			| 'wanted'
			| 'wantedAt'
			| 'connection'
			| 'retries'
			| 'state'
			| 'lastKnownState'
			| 'seenAt'
			| 'ladder'
			| 'activity'
			| 'incident'
			| 'fault'
			| 'agent'
			| 'balance'
			| 'equity'
			| 'figures'
			| 'vitals'
		>
	>;
