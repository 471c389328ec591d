/** Carries out a supervisor's upkeep: keeps the terminal up, takes off what must not run, brings back what must. */
import { assertNever } from '#lib/domain/assertNever.ts';
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Clock } from '../clock.ts';
import { effectiveWanted } from '../link/fences.ts';
import { type Journal } from '../link/journal.ts';
import { type Logger } from '../logger.ts';
import { type PoolAccount } from './account.ts';
import { type AccountView } from './accountView.ts';
import { Superseded, undo } from './commandRun.ts';
import { FAILURES } from './failures.ts';
import { failureOf } from './outcomes.ts';
import { type Reporter } from './reporter.ts';
import { RestartBudget } from './restartBudget.ts';
import { startEa } from './startEa.ts';
import { haltEa, setAlgoTrading, type Steps } from './steps.ts';
import { type Timings } from './timings.ts';
import { judge, type Upkeep } from './watchdog.ts';

export interface UpkeepDependencies {
	steps: Steps;
	view: AccountView;
	account: () => PoolAccount;
	journal: Journal;
	/** Nothing that trades is brought back then. */
	isSafeMode: () => boolean;
	reporter: Reporter;
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
	#notBeforeMs = 0;
	#failures = 0;
	#resumeFailures = 0;
	#mustRelaunch = false;
	/** The terminal was up before: bringing it up again is a restart, and is counted. */
	#wasUp = false;

	constructor(deps: UpkeepDependencies) {
		this.#deps = deps;
		this.#budget = new RestartBudget(deps.timings.restartBudget, deps.timings.restartWindowMs);
	}

	/** A person, or new credentials, gave reason to try again what was given up. */
	tryAgain(): void {
		this.#budget.close();
		this.#failures = this.#resumeFailures = 0;
		this.#notBeforeMs = 0;
		this.#deps.view.clearFault();
	}

	/** The account became another one: its terminal must log in anew. */
	relaunch(): void {
		this.#mustRelaunch = true;
	}

	/** What is to be done now, if anything. */
	due(): Upkeep | null {
		const { steps, view, journal, clock, timings } = this.#deps;
		const { instance, bringUp } = steps;
		const { accountId } = this.#deps.account();
		if (instance.process) this.#wasUp = true;
		if (this.#mustRelaunch) return { kind: 'restart', why: 'logged_out' };
		const { fresh } = instance;
		const upkeep = judge({
			isProcessUp: instance.process !== null,
			isHung: instance.state === 'hung',
			silentForMs: instance.silentForMs,
			loggedOutForMs: view.loggedOutForMs,
			status: fresh && bringUp.isRight(fresh) ? fresh : null,
			fence: journal.fences.of(accountId),
			wasSeenTrading: view.wasSeenTrading,
			mayResume: this.#resumeFailures < timings.resumeTries && !this.#deps.isSafeMode(),
			controlLostForMs: this.#deps.controlLostForMs(),
			timings
		});
		// Noting that nothing may run needs no terminal, and waits for nothing.
		if (upkeep?.kind === 'pause_without_server') return upkeep;
		if (upkeep?.kind === 'ask') return view.faultCode === 'resume_asks' ? null : upkeep;
		if (upkeep === null && fresh && view.faultCode === 'resume_asks') view.clearFault();
		const mustWait = clock.monotonicMs() < this.#notBeforeMs || bringUp.block !== null || this.#budget.isOpen;
		return mustWait ? null : upkeep;
	}

	/** Does it. Failures are noted and tried again later; @throws only the signal's reason */
	async run(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
		const { view, logger } = this.#deps;
		try {
			await this.#perform(upkeep, signal);
			this.#failures = 0;
		} catch (error) {
			signal.throwIfAborted();
			const { code, detail } = failureOf(error);
			logger.warn({ err: error, accountId: this.#deps.account().accountId, upkeep, code }, 'upkeep failed');
			view.setFault(code, detail);
			this.#event('warn', code, `${FAILURES[code].message}${detail === null ? '' : ` (${detail})`}`);
			this.#wait(this.#failures++);
		} finally {
			view.activity = null;
		}
	}

	#perform(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
		switch (upkeep.kind) {
			case 'launch':
				return this.#launch(signal);
			case 'restart':
				return this.#restart(upkeep.why, signal);
			case 'converge':
				return this.#converge(upkeep.to, signal);
			case 'resume':
				return this.#resume(signal);
			case 'ask':
				return this.#ask();
			case 'pause_without_server':
				return this.#pauseWithoutServer();
			default:
				return assertNever(upkeep);
		}
	}

	async #launch(signal: AbortSignal): Promise<void> {
		const { view, steps, clock, timings } = this.#deps;
		let number: number | null = null;
		if (this.#wasUp) {
			number = this.#budget.take(clock.monotonicMs());
			if (number === null) {
				view.setFault('crash_loop');
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

	async #restart(why: 'hung' | 'silent' | 'logged_out', signal: AbortSignal): Promise<void> {
		const { steps, timings, view } = this.#deps;
		const { openPositions = 0, unprotectedPositions = 0 } = steps.instance.channel.newest?.status ?? {};
		this.#mustRelaunch = false;
		view.activity = 'ending the terminal';
		this.#event(
			'error',
			`terminal_${why}`,
			`The terminal is restarted (${why.replace('_', ' ')}); last seen were ${openPositions} open positions, ${unprotectedPositions} of them without stop-loss at the broker.`
		);
		await steps.instance.end(why === 'logged_out' ? timings.closeMs : 0);
		await this.#launch(signal);
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
			const fence = this.#deps.journal.fences.of(accountId);
			if (fence.confirmedGeneration !== generation || effectiveWanted(fence) !== 'RUNNING')
				throw new Superseded();
		};
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
