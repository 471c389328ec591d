/** Carries out a supervisor's upkeep: keeps the terminal up, takes off what must not run, brings back what must. */
import { assertNever } from '#lib/domain/assertNever.ts';
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Clock } from '../clock.ts';
import { type CommandRules } from '../link/commandRules.ts';
import { effectiveWanted } from '../link/fences.ts';
import { type Journal } from '../link/journal.ts';
import { type Logger } from '../logger.ts';
import { type PoolAccount } from './account.ts';
import { type AccountView } from './accountView.ts';
import { Superseded, undo } from './commandRun.ts';
import { disconnect } from './disconnect.ts';
import { FAILURES } from './failures.ts';
import { failureOf } from './outcomes.ts';
import { type IncidentBook } from './incidentBook.ts';
import { incidentOf } from './incidentOf.ts';
import { type Reporter } from './reporter.ts';
import { RestartBudget } from './restartBudget.ts';
import { startEa } from './startEa.ts';
import { haltEa, setAlgoTrading, unloadEa, type Steps } from './steps.ts';
import { type Timings } from './timings.ts';
import { type IncidentAction } from '#lib/domain/incident.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { HEARTBEAT_FRESH_MS } from '#lib/domain/ladder.ts';
import { judge, type RestartReason, type Upkeep } from './watchdog.ts';

/** What of it belongs into the history of an incident. */
const ACTION_OF: Partial<Record<Upkeep['kind'], IncidentAction>> = {
	launch: 'restart_terminal',
	restart: 'restart_terminal',
	reinitialise: 'reinitialise',
	resume: 'resume_ea',
	redeploy: 'redeploy_ea'
};

export interface UpkeepDependencies {
	steps: Steps;
	view: AccountView;
	account: () => PoolAccount;
	journal: Journal;
	rules: CommandRules;
	/** Nothing that trades is brought back then. */
	isSafeMode: () => boolean;
	reporter: Reporter;
	incidents: IncidentBook;
	clock: Clock;
	random: () => number;
	logger: Logger;
	timings: Timings;
	controlLostForMs: () => number;
	lifetime: AbortSignal;
}

export class UpkeepRun {
	readonly #deps: UpkeepDependencies;
	readonly #budget: RestartBudget;
	/** Of loading anew an EA that is stuck: one that always gets stuck again is left alone. */
	readonly #reloads: RestartBudget;
	#notBeforeMs = 0;
	#failures = 0;
	#resumeFailures = 0;
	#mustRelaunch: 'logged_out' | 'asked' | null = null;
	/** The terminal was up before: bringing it up again is a restart, and is counted. */
	#wasUp = false;

	constructor(deps: UpkeepDependencies) {
		this.#deps = deps;
		const { restartBudget, restartWindowMs } = deps.timings;
		this.#budget = new RestartBudget(restartBudget, restartWindowMs);
		this.#reloads = new RestartBudget(restartBudget, restartWindowMs);
	}

	/** A person, or new credentials, gave reason to try again what was given up. */
	tryAgain(): void {
		this.#budget.close();
		this.#reloads.close();
		this.#failures = this.#resumeFailures = this.#deps.view.retries = 0;
		this.#notBeforeMs = 0;
		this.#deps.view.clearFault();
	}

	/** The account became another one, or its trader wants it: its terminal must log in anew. */
	relaunch(why: 'logged_out' | 'asked'): void {
		this.#mustRelaunch = why;
	}

	/** What is to be done now, if anything. */
	due(): Upkeep | null {
		const { steps, view, journal, clock, timings } = this.#deps;
		const { instance, bringUp } = steps;
		const { accountId, isConnectionWanted, isRemembered } = this.#deps.account();
		if (instance.process) this.#wasUp = true;
		const fence = journal.fences.of(accountId);
		// The server refuses to reconnect while the algo runs; a Start that came since then counts more than the wish.
		const isWishOver = this.#mustRelaunch === 'asked' && fence.wanted !== 'STOPPED';
		if (!isConnectionWanted || isWishOver) this.#mustRelaunch = null;
		if (this.#mustRelaunch) return { kind: 'restart', why: this.#mustRelaunch };
		const { fresh } = instance;
		const status = fresh && bringUp.isRight(fresh) ? fresh : null;
		const upkeep = judge({
			isProcessUp: instance.process !== null,
			isHung: instance.state === 'hung',
			silentForMs: instance.silentForMs,
			journalQuietForMs: instance.journalQuietForMs,
			wasReinitialised: instance.wasReinitialised,
			loggedOutForMs: view.loggedOutForMs,
			eaStaleForMs: this.#reloads.isOpen ? 0 : view.eaStaleForMs,
			status,
			fence,
			wasSeenTrading: view.wasSeenTrading,
			isConnectionWanted,
			isRemembered,
			mayResume: this.#resumeFailures < timings.resumeTries && !this.#deps.isSafeMode(),
			controlLostForMs: this.#deps.controlLostForMs(),
			timings
		});
		if (upkeep === null && status && this.#isAsWanted(status)) this.#deps.incidents.end('recovered');
		// Noting that nothing may run needs no terminal, and waits for nothing.
		if (upkeep?.kind === 'pause_without_server') return upkeep;
		if (upkeep?.kind === 'ask') return view.faultCode === 'resume_asks' ? null : upkeep;
		if (upkeep === null && fresh && view.faultCode === 'resume_asks') view.clearFault();
		if (bringUp.block !== null) this.#deps.incidents.end('given_up');
		if (clock.monotonicMs() < this.#notBeforeMs) return null;
		// Ending a terminal needs neither a login nor a try that is left.
		if (upkeep?.kind === 'disconnect') return upkeep;
		const isOpen = this.#budget.isOpen && upkeep?.kind !== 'converge';
		return bringUp.block !== null || isOpen ? null : upkeep;
	}

	/** The process was seen to be gone, or to be another one. */
	noteEnded(kind: 'terminal_ended' | 'terminal_replaced'): void {
		const { incidents, steps, journal, account } = this.#deps;
		incidents.begin(kind, steps.instance.seenUpAtMs);
		if (kind === 'terminal_replaced') incidents.step('adopt_terminal', null);
		else if (!journal.fences.of(account().accountId).policy.isWatchdogOn) incidents.end('watchdog_off');
	}

	/** Dialogs were in the way of a terminal that had spoken before. */
	noteDialogs(titles: readonly string[]): void {
		const { incidents, steps, clock } = this.#deps;
		const { instance } = steps;
		this.#event(
			'warn',
			'dialogs_closed',
			`Dialogs were in the terminal’s way and were closed: ${titles.join(', ')}.`
		);
		if (!instance.hasFallenSilent) return;
		incidents.begin('bridge_silent', clock.monotonicMs() - instance.silentForMs);
		incidents.step('close_dialogs', null);
	}

	/** What was wrong is over: the terminal is logged in, and the EA of the newest Start trades if it is to. */
	#isAsWanted({ ea, isTerminalTradeAllowed, isMarketOpen }: BridgeStatus): boolean {
		const fence = this.#deps.journal.fences.of(this.#deps.account().accountId);
		const { confirmedGeneration } = fence;
		if (effectiveWanted(fence) !== 'RUNNING' || confirmedGeneration === 0) return true;
		if (ea?.generation !== confirmedGeneration) return false;
		// Somebody's will: the button was pressed while the EA traded.
		if (!isTerminalTradeAllowed) return this.#deps.view.wasSeenTrading;
		return !isMarketOpen || (ea.heartbeatAgeMs ?? Infinity) <= HEARTBEAT_FRESH_MS;
	}

	/** Does it. Failures are noted and tried again later; @throws only the signal's reason */
	async run(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
		const { view, logger } = this.#deps;
		const action = ACTION_OF[upkeep.kind];
		try {
			this.#beginIncident(upkeep);
			await this.#perform(upkeep, signal);
			if (action) this.#deps.incidents.step(action, null);
			this.#failures = view.retries = 0;
		} catch (error) {
			signal.throwIfAborted();
			const { code, detail } = failureOf(error);
			if (action) this.#deps.incidents.step(action, FAILURES[code].message);
			logger.warn({ err: error, accountId: this.#deps.account().accountId, upkeep, code }, 'upkeep failed');
			view.setFault(code, detail);
			this.#event('warn', code, `${FAILURES[code].message}${detail === null ? '' : ` (${detail})`}`);
			this.#wait(this.#failures++);
			view.retries = this.#failures;
			if (this.#resumeFailures >= this.#deps.timings.resumeTries) this.#deps.incidents.end('given_up');
		} finally {
			view.activity = null;
		}
	}

	#perform(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
		switch (upkeep.kind) {
			case 'launch':
				return this.#launch(signal);
			case 'reinitialise':
				return this.#reinitialise();
			case 'restart':
				return this.#restart(upkeep.why, signal);
			case 'disconnect':
				return this.#disconnect(signal);
			case 'converge':
				return this.#converge(upkeep.to, signal);
			case 'resume':
				return this.#resume(signal);
			case 'redeploy':
				return this.#redeploy(signal);
			case 'ask':
				return this.#ask();
			case 'pause_without_server':
				return this.#pauseWithoutServer();
			default:
				return assertNever(upkeep);
		}
	}

	/** What the supervisor comes upon by itself; a crash was noted when it was seen. */
	#beginIncident(upkeep: Upkeep): void {
		const { incidents, steps, view, clock } = this.#deps;
		const { instance } = steps;
		// One that this agent ended itself, as for a Stop, is no incident.
		if (upkeep.kind === 'launch' && this.#wasUp && instance.seenUpAtMs > -Infinity)
			return incidents.begin('terminal_ended', instance.seenUpAtMs);
		if (this.#mustRelaunch) return;
		const { silentForMs, state } = instance;
		const { loggedOutForMs, eaStaleForMs } = view;
		const facts = { isHung: state === 'hung', silentForMs, loggedOutForMs, eaStaleForMs };
		const found = incidentOf(upkeep, facts);
		if (found) incidents.begin(found.kind, clock.monotonicMs() - found.forMs);
	}

	/** Whatever comes of it is seen at the next look; a restart follows only when the silence goes on. */
	async #reinitialise(): Promise<void> {
		const { steps, view } = this.#deps;
		view.activity = 'trying to reach the bridge';
		await steps.instance.reinitialise();
		this.#event('warn', 'reinitialised', 'The bridge did not answer; the channel to it was opened anew.');
	}

	async #launch(signal: AbortSignal): Promise<void> {
		const { view, steps, clock, timings } = this.#deps;
		let number: number | null = null;
		if (this.#wasUp) {
			number = this.#budget.take(clock.monotonicMs());
			if (number === null) {
				view.setFault('crash_loop');
				this.#deps.incidents.end('given_up');
				return this.#event('error', 'crash_loop', FAILURES.crash_loop.message);
			}
			view.activity = `restarting the terminal, ${number} of ${timings.restartBudget}`;
		} else view.activity = 'starting the terminal';
		view.wasSeenTrading = false;
		this.#wasUp = true;
		await steps.bringUp.ensure({ isUrgent: false, signal });
		view.clearFault();
		if (number !== null)
			this.#event('info', 'terminal_restarted', 'The terminal was restarted and is logged in again.');
	}

	async #restart(why: RestartReason, signal: AbortSignal): Promise<void> {
		const { steps, timings, view } = this.#deps;
		this.#mustRelaunch = null;
		view.activity = 'ending the terminal';
		if (why === 'asked')
			this.#event('info', 'reconnecting', 'The terminal is restarted, as its trader asked.');
		else
			this.#event(
				'error',
				`terminal_${why}`,
				`The terminal is restarted (${why.replace('_', ' ')}); ${positionsSeen(view)}.`
			);
		await steps.instance.end(why === 'logged_out' || why === 'asked' ? timings.closeMs : 0);
		// A person's wish is no crash, and is not counted as one.
		if (why === 'asked') this.#wasUp = false;
		await this.#launch(signal);
	}

	async #disconnect(signal: AbortSignal): Promise<void> {
		const { view, steps, incidents } = this.#deps;
		view.activity = 'disconnecting: ending the terminal';
		await disconnect(steps, signal);
		view.wasSeenTrading = this.#wasUp = false;
		view.clearFault();
		incidents.end('given_up');
		this.#event('info', 'disconnected', 'The terminal is ended: its trader disconnected the account.');
	}

	async #converge(to: 'PAUSED' | 'STOPPED', signal: AbortSignal): Promise<void> {
		const { view, steps, clock, timings } = this.#deps;
		// Whatever comes of it, it is not tried in a tight loop: somebody may be pressing the button by hand.
		this.#notBeforeMs = clock.monotonicMs() + timings.convergeMs;
		view.activity = to === 'STOPPED' ? 'taking the EA off' : 'switching Algo Trading off';
		if (to === 'STOPPED') await haltEa(steps, signal);
		else await setAlgoTrading(steps, false, signal);
		this.#event(
			'warn',
			'drift_corrected',
			`The terminal was not as wanted; it is ${to.toLowerCase()} again.`
		);
	}

	async #resume(signal: AbortSignal): Promise<void> {
		const { view, steps, journal, clock, timings } = this.#deps;
		const { accountId } = this.#deps.account();
		const { confirmedGeneration, settings } = journal.fences.of(accountId);
		if (!settings) return;
		let hadEffect = false;
		const order = {
			generation: confirmedGeneration,
			settings,
			deadlineMs: clock.monotonicMs() + timings.deploymentMs,
			guard: this.#resumeGuard(confirmedGeneration, signal),
			onIntent: () => {
				hadEffect = true;
			},
			onStage: (stage: string) => {
				view.activity = `bringing the EA back: ${stage}`;
			}
		};
		try {
			await startEa(steps, order, signal);
			this.#resumeFailures = 0;
			view.wasSeenTrading = true;
			view.clearFault();
			this.#event('info', 'ea_resumed', 'The EA runs again, with the settings of its last Start.');
		} catch (error) {
			signal.throwIfAborted();
			this.#resumeFailures += 1;
			if (hadEffect) await undo(steps, signal);
			if (this.#resumeFailures >= timings.resumeTries) view.setFault('resume_failed');
			throw error;
		}
	}

	/** Throws when this generation must not come back any more: every command that is accepted takes that away. */
	#resumeGuard(generation: number, signal: AbortSignal): () => void {
		const { accountId } = this.#deps.account();
		return () => {
			signal.throwIfAborted();
			const { journal, rules } = this.#deps;
			if (!rules.mayComeBack({ generation }, journal.fences.of(accountId))) throw new Superseded();
		};
	}

	/** Off its chart and on again, as the same Start. */
	async #redeploy(signal: AbortSignal): Promise<void> {
		const { view, steps, clock } = this.#deps;
		if (this.#reloads.take(clock.monotonicMs()) === null) {
			view.setFault('ea_stuck');
			this.#deps.incidents.end('given_up');
			return this.#event('error', 'ea_stuck', FAILURES.ea_stuck.message);
		}
		this.#event(
			'error',
			'ea_stale',
			`The EA’s heartbeat stopped, so it is loaded anew; ${positionsSeen(view)}.`
		);
		view.activity = 'taking the stuck EA off';
		view.eaStaleSinceMs = null;
		await unloadEa(steps, signal);
		await this.#resume(signal);
	}

	async #ask(): Promise<void> {
		this.#deps.view.setFault('resume_asks');
		this.#event('warn', 'resume_asks', FAILURES.resume_asks.message);
	}

	/** From here on PAUSED is wanted, and the next look switches Algo Trading off. */
	async #pauseWithoutServer(): Promise<void> {
		const { journal, logger } = this.#deps;
		const { accountId } = this.#deps.account();
		const change = { isPausedWithoutServer: true };
		try {
			journal.fences.change(accountId, change);
		} catch (error) {
			logger.error({ err: error, accountId }, 'the pause without server could not be journalled');
			journal.fences.changeInMemory(accountId, change);
		}
		this.#notBeforeMs = 0;
		this.#event('error', 'paused_without_server', FAILURES.paused_without_server.message);
	}

	#wait(attempt: number): void {
		const { clock, random, timings } = this.#deps;
		const pauseMs =
			timings.retryBaseMs / 4 + fullJitter(attempt, timings.retryBaseMs, timings.retryCapMs, random);
		this.#notBeforeMs = Math.max(this.#notBeforeMs, clock.monotonicMs() + pauseMs);
	}

	#event(level: 'info' | 'warn' | 'error', code: string, message: string): void {
		this.#deps.reporter.event({
			accountId: this.#deps.account().accountId,
			level,
			code,
			message: message.slice(0, 500)
		});
	}
}

/** The alarm comes before the deed: what the account may hold meanwhile. */
const positionsSeen = ({ lastPositions }: AccountView): string =>
	lastPositions === null
		? 'its positions were not seen yet'
		: `last seen were ${lastPositions.openPositions} open positions, ${lastPositions.unprotectedPositions} of them without stop-loss at the broker`;
