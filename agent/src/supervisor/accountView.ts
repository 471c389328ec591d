/** What is reported of one account: facts seen, what is being done, and the fault that stands. */
import { HEARTBEAT_FRESH_MS, type AlgoState } from '#lib/domain/ladder.ts';
import { type SeenState } from '#lib/protocol/seen.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { type Fences } from '../link/fences.ts';
import { INSTALL_REFUSALS } from '../terminal/provision/installRefused.ts';
import { settingsHash } from '../terminal/template.ts';
import { type PoolAccount } from './account.ts';
import { faultOf, type FailureCode } from './failures.ts';
import { observe, type Seen } from './observe.ts';
import { type Steps } from './steps.ts';

export interface AccountReport extends Seen {
	accountId: string;
	epoch: number;
	/** Age of the newest proof behind them. */
	ageMs: number;
}

/** Faults that are over as soon as the bridge answers on the right login. */
const CURED_BY_LOGIN: ReadonlySet<FailureCode> = new Set([
	...INSTALL_REFUSALS,
	'terminal_start',
	'login_not_saved',
	'login_timeout',
	'login_refused',
	'wrong_account',
	'bridge_silent',
	'internal'
]);

export class AccountView {
	activity: string | null = null;
	/** The EA was seen trading since its terminal came up. */
	wasSeenTrading = false;
	/** Since when the bridge has shown no login; null while there is one. */
	loggedOutSinceMs: number | null = null;
	/** Since when the EA has not beaten though it should; null while it does, or need not. */
	eaStaleSinceMs: number | null = null;
	/** Positions as the bridge said last, also of a terminal that has ended since; null before its first word. */
	lastPositions: Pick<BridgeStatus, 'openPositions' | 'unprotectedPositions'> | null = null;
	/** What the watchdog is at. */
	incident: NonNullable<SeenState['incident']> | null = null;
	/** Failed tries to keep it connected, since all was well. */
	retries = 0;
	readonly #steps: Steps;
	readonly #fences: Fences;
	readonly #account: () => PoolAccount;
	#fault: { code: FailureCode; detail: string | null } | null = null;

	constructor(steps: Steps, fences: Fences, account: () => PoolAccount) {
		this.#steps = steps;
		this.#fences = fences;
		this.#account = account;
	}

	get algo(): AlgoState {
		return this.#seen().state.algo;
	}

	get loggedOutForMs(): number {
		return this.loggedOutSinceMs === null ? 0 : this.#steps.clock.monotonicMs() - this.loggedOutSinceMs;
	}

	get eaStaleForMs(): number {
		return this.eaStaleSinceMs === null ? 0 : this.#steps.clock.monotonicMs() - this.eaStaleSinceMs;
	}

	get faultCode(): FailureCode | null {
		return this.#fault?.code ?? null;
	}

	setFault(code: FailureCode, detail: string | null = null): void {
		this.#fault = { code, detail };
	}

	clearFault(): void {
		this.#fault = null;
	}

	/** Draws the conclusions that need memory; called at every look. */
	look(): void {
		const { fresh } = this.#steps.instance;
		if (!fresh) {
			this.loggedOutSinceMs = this.eaStaleSinceMs = null;
			return;
		}
		if (this.#isFaultCured()) this.clearFault();
		if (this.#steps.bringUp.isRight(fresh)) this.lastPositions = fresh;
		if (fresh.login !== '0') this.loggedOutSinceMs = null;
		else this.loggedOutSinceMs ??= this.#steps.clock.monotonicMs();
		if (fresh.ea && fresh.isTerminalTradeAllowed) this.wasSeenTrading = true;
		if (!isEaStale(fresh)) this.eaStaleSinceMs = null;
		else this.eaStaleSinceMs ??= this.#steps.clock.monotonicMs();
	}

	/** Who is logged in has no fault that kept it from logging in. */
	#isFaultCured(): boolean {
		const { fresh } = this.#steps.instance;
		if (!this.#fault || !fresh || !CURED_BY_LOGIN.has(this.#fault.code)) return false;
		return this.#steps.bringUp.isRight(fresh);
	}

	report(): AccountReport | null {
		const { instance } = this.#steps;
		const { lookAgeMs } = instance;
		if (lookAgeMs === null) return null;
		const { accountId, epoch } = this.#account();
		const { maxGeneration: generation, wanted } = this.#fences.of(accountId);
		// What the bridge said is as old as its word; that there is none was seen at the last look.
		const ageMs = instance.bridgeAgeMs ?? lookAgeMs;
		const seen = this.#seen();
		const { incident, retries } = this;
		const state = { ...seen.state, commanded: { generation, wanted }, incident, retries };
		return { accountId, epoch, ...seen, state, ageMs: Math.max(0, Math.round(ageMs)) };
	}

	#seen(): Seen {
		const { instance, bringUp } = this.#steps;
		const { accountNumber, serverName, settings } = this.#account();
		const { block } = bringUp;
		return observe({
			process: instance.process ? (instance.state === 'hung' ? 'hung' : 'up') : 'down',
			status: instance.process ? (instance.channel.newest?.status ?? null) : null,
			bridgeAgeMs: instance.bridgeAgeMs,
			accountNumber,
			serverName,
			wantedHash: settingsHash(settings),
			expertFile: this.#steps.expert.seen,
			isExpertOther: this.#steps.expert.isOther,
			isComingUp: bringUp.isUnderWay,
			block,
			activity: this.#activity(),
			fault: this.#standingFault(block)
		});
	}

	/** What is being done, and how far a terminal that is coming up has got. */
	#activity(): string | null {
		const { stage } = this.#steps.bringUp;
		if (stage === null) return this.activity;
		return this.activity === null ? stage : `${this.activity}: ${stage}`;
	}

	#standingFault(block: FailureCode | null): SeenState['fault'] {
		const { instance, bringUp } = this.#steps;
		// A report may be due between the bridge's word and the next look.
		if (this.#fault && !this.#isFaultCured() && (block === null || this.#fault.code === block))
			return faultOf(this.#fault.code, this.#fault.detail);
		if (block) return faultOf(block);
		if (instance.process && instance.state === 'hung') return faultOf('terminal_hung');
		if (instance.process && instance.hasFallenSilent) return faultOf('bridge_silent');
		const { isPausedWithoutServer, policy } = this.#fences.of(this.#account().accountId);
		const { isConnectionWanted, isRemembered } = this.#account();
		if (isRemembered && !instance.process) return faultOf('server_unheard');
		if (isConnectionWanted && !policy.isWatchdogOn && !instance.process && !bringUp.isUnderWay)
			return faultOf('watchdog_off');
		if (this.#steps.expert.isOther) return faultOf('expert_differs');
		return isPausedWithoutServer ? faultOf('paused_without_server') : null;
	}
}

/** An EA that may trade and does not beat. While the market is closed it may rest: many beat with the ticks. */
const isEaStale = ({ ea, isTerminalTradeAllowed, isConnected, isMarketOpen }: BridgeStatus): boolean =>
	ea !== null &&
	isTerminalTradeAllowed &&
	isConnected &&
	isMarketOpen &&
	(ea.heartbeatAgeMs ?? Infinity) > HEARTBEAT_FRESH_MS;
