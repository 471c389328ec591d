/**
 * One account and its terminal. Owns four loops: one looks at process and bridge, one does one thing at a
 * time: a command, or upkeep; the third reads deals, and makes way for the second; the fourth fetches the EA that was
 * uploaded. A newer command cuts short what is being done. Nothing here touches another
 * account; what goes wrong here ends in this account's fault, never outside.
 */
import { type TerminalResources } from '#lib/domain/terminalResources.ts';
import { childOf, unlessAborted, withinMs } from '../abort.ts';
import { type Clock } from '../clock.ts';
import { DealFeed } from '../deals/dealFeed.ts';
import { type DealPost } from '../deals/dealPost.ts';
import { type ExpertPost } from '../experts/expertPost.ts';
import { type CommandRules } from '../link/commandRules.ts';
import { type Journal } from '../link/journal.ts';
import { type ServerTime } from '../link/serverTime.ts';
import { type Logger } from '../logger.ts';
import { type TerminalProgram } from '../machineLoad.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { Waker } from '../waker.ts';
import { changeOf, type CredentialMark, type PoolAccount } from './account.ts';
import { AccountView, type AccountReport } from './accountView.ts';
import { Asides, type AsideWork } from './asides.ts';
import { BringUp } from './bringUp.ts';
import { type EaCommand } from './command.ts';
import { runCommand, Superseded } from './commandRun.ts';
import { ExpertFile } from './expertFile.ts';
import { failureOf, superseded } from './outcomes.ts';
import { stopInEmergency } from './haltInstance.ts';
import { IncidentBook, type Incident } from './incidentBook.ts';
import { Instance } from './instance.ts';
import { keepOn } from './keepOn.ts';
import { openCommands, settleStart, takeOver } from './recovery.ts';
import { type Reporter } from './reporter.ts';
import { type Slots } from './slots.ts';
import { endForGood, haltEa, type Steps } from './steps.ts';
import { type Timings } from './timings.ts';
import { UpkeepRun } from './upkeepRun.ts';

export interface SupervisorDependencies {
	instanceDir: string;
	terminal: TerminalKind;
	journal: Journal;
	rules: CommandRules;
	isSafeMode: () => boolean;
	reporter: Reporter;
	deals: DealPost;
	experts: ExpertPost;
	mark: CredentialMark;
	slots: Slots;
	clock: Clock;
	serverTime: ServerTime;
	controlLostForMs: () => number;
	random: () => number;
	logger: Logger;
	timings: Timings;
}

/** Why the working loop is woken. */
type WakeReason = 'command' | 'emergency' | 'aside' | 'account_changed' | 'terminal_ended';

type Job = { abort: AbortController; command: EaCommand | null };

export class Supervisor {
	readonly #deps: SupervisorDependencies;
	readonly #waker: Waker<WakeReason>;
	readonly #instance: Instance;
	readonly #view: AccountView;
	readonly #lifetime = new AbortController();
	readonly #steps: Steps;
	readonly #upkeep: UpkeepRun;
	readonly #deals: DealFeed;
	readonly #expert: ExpertFile;
	#account: PoolAccount;
	#queued: EaCommand | null = null;
	#emergency: PromiseWithResolvers<boolean> | null = null;
	#interrupted: EaCommand | null = null;
	readonly #asides = new Asides();
	#job: Job | null = null;
	#loops: Promise<unknown> | null = null;

	constructor(account: PoolAccount, deps: SupervisorDependencies) {
		const { clock, random, timings, journal } = deps;
		this.#deps = deps;
		this.#account = account;
		this.#waker = new Waker(clock);
		this.#instance = new Instance(
			deps.instanceDir,
			deps.terminal,
			clock,
			journal.mayHaveRun(account.accountId)
		);
		const bringUp = new BringUp(
			{ ...deps, instance: this.#instance, account: () => this.#account, fences: journal.fences },
			this.#lifetime.signal
		);
		this.#expert = new ExpertFile({
			...deps,
			instance: this.#instance,
			account: () => this.#account,
			post: deps.experts
		});
		this.#steps = {
			...{ instance: this.#instance, bringUp, expert: this.#expert },
			...{ clock, random, timings, logger: deps.logger }
		};
		const incidents = new IncidentBook({
			clock,
			random,
			lastPositions: () => this.#view.lastPositions,
			onNews: (incident) => this.#tellIncident(incident)
		});
		this.#view = new AccountView(this.#steps, journal.fences, () => this.#account);
		this.#upkeep = new UpkeepRun({
			...deps,
			steps: this.#steps,
			incidents,
			view: this.#view,
			account: () => this.#account,
			lifetime: this.#lifetime.signal
		});
		this.#deals = new DealFeed({
			...deps,
			instance: this.#instance,
			isRight: (status) => bringUp.isRight(status),
			account: () => this.#account,
			isBusy: () => this.#job !== null || this.#queued !== null || this.#emergency !== null,
			post: deps.deals
		});
	}

	get account(): PoolAccount {
		return this.#account;
	}

	/** What its terminal takes of the machine; null where that cannot be seen. */
	async resources(): Promise<TerminalResources | null> {
		const { process, terminal } = this.#instance;
		return process && terminal.launcher.resources(process);
	}

	/** What is known of the account; null before the first look. */
	report(): AccountReport | null {
		return this.#view.report();
	}

	/** The program of its terminal; null while its bridge does not answer. */
	get program(): { isUp: boolean; program: TerminalProgram | null } {
		const { fresh, process } = this.#instance;
		return {
			isUp: process !== null,
			program: fresh && { build: fresh.build, bridgeVersion: fresh.bridgeVersion }
		};
	}

	/** Begins; before that, no command may have been accepted for it by this agent. */
	start(): void {
		if (this.#loops) return;
		const { signal } = this.#lifetime;
		const { journal, reporter, clock } = this.#deps;
		const { halt, start } = openCommands(journal, reporter, clock, this.#account.accountId);
		this.#interrupted = start;
		this.#queued = halt;
		this.#loops = Promise.all([
			this.#keepOn('observe', () => this.#observe(signal)),
			this.#keepOn('work', () => this.#work(signal)),
			this.#keepOn('deals', () => this.#deals.run(signal)),
			this.#keepOn('expert', () => this.#expert.run(signal))
		]);
	}

	/** Accepts a journalled command that is not older than any before. */
	submit(command: EaCommand): void {
		if (this.#queued) this.#deps.reporter.finish(this.#queued, superseded);
		this.#queued = command;
		if (command.kind === 'start_ea') this.#upkeep.tryAgain();
		this.#job?.abort.abort(new Superseded());
		this.#deals.interrupt();
		this.#waker.wake('command');
	}

	/** The account as the newest sync has it. */
	update(account: PoolAccount): void {
		const before = this.#account;
		this.#account = account;
		const { isOtherLogin, isReconnect, isTriedAnew } = changeOf(before, account, this.#deps.mark);
		if (isTriedAnew) this.#upkeep.tryAgain();
		if (isOtherLogin) this.#upkeep.relaunch('logged_out');
		else if (isReconnect) this.#upkeep.relaunch('asked');
		// A Start that the sync does not want any more is cut short; the guard refuses its next effect anyway.
		const { wanted, maxGeneration } = this.#deps.journal.fences.of(account.accountId);
		const running = this.#job?.command;
		const isOutdated =
			running?.kind === 'start_ea' && (wanted !== 'RUNNING' || maxGeneration > running.generation);
		if (isOutdated) this.#job?.abort.abort(new Superseded());
		this.#expert.accountChanged();
		this.#waker.wake('account_changed');
	}

	/** Stops the EA at once, without any server. @returns whether it is proven */
	haltNow(): Promise<boolean> {
		this.#emergency ??= Promise.withResolvers<boolean>();
		// A Start that waits for its turn must not come after it.
		if (this.#queued?.kind === 'start_ea') {
			this.#deps.reporter.finish(this.#queued, superseded);
			this.#queued = null;
		}
		this.#job?.abort.abort(new Superseded());
		this.#deals.interrupt();
		this.#waker.wake('emergency');
		return this.#emergency.promise;
	}

	/**
	 * Does this alone with the terminal, after commands; `activity` is shown meanwhile.
	 * @throws the reason when a command cuts it short, or the account leaves
	 */
	aside<T>(work: AsideWork<T>, activity: string | null): Promise<T> {
		const done = this.#asides.add((signal) => {
			this.#view.activity = activity;
			return work(this.#steps, signal).finally(() => (this.#view.activity = null));
		});
		this.#waker.wake('aside');
		return unlessAborted(done, this.#lifetime.signal);
	}

	/** Ends the loops; the terminal goes on. */
	async release(): Promise<void> {
		this.#lifetime.abort(new Error('the supervisor ends'));
		await this.#loops;
		// A first login is ended, since nobody could tell of it later; everything else goes on.
		await this.#steps.bringUp.settled();
		this.#instance.dispose();
	}

	/**
	 * Ends loops and terminal. @param unloadEa the account leaves this agent: takes the EA off first, and returns when
	 *   the terminal is down for good
	 */
	async close({ unloadEa }: { unloadEa: boolean }): Promise<void> {
		this.#lifetime.abort(new Error('the terminal is closed'));
		await this.#loops;
		// A launch that is under way is not lost sight of: it is ended too.
		await this.#steps.bringUp.settled();
		const { timings, clock } = this.#deps;
		const unlimited = new AbortController().signal;
		// What cannot be unloaded ends with its terminal.
		if (unloadEa && this.#instance.fresh)
			await withinMs(timings.undoMs, clock, unlimited, (limited) => haltEa(this.#steps, limited)).catch(
				() => {}
			);
		if (unloadEa) await endForGood(this.#steps, timings.closeMs, unlimited);
		else await this.#instance.end(timings.closeMs);
		this.#deps.logger.info({ accountId: this.#account.accountId }, 'terminal ended');
		await this.#deps.terminal.files.wipeStartIni(this.#instance.dir);
		this.#instance.dispose();
	}

	async #observe(signal: AbortSignal): Promise<void> {
		const { clock, timings, reporter } = this.#deps;
		for (;;) {
			const { accountId } = this.#account;
			const news = await this.#look();
			const closed = this.#instance.takeClosedDialogs();
			if (closed.length > 0) this.#upkeep.noteDialogs(closed);
			if (news === 'ended') {
				this.#view.wasSeenTrading = false;
				this.#upkeep.noteEnded('terminal_ended');
				const message = 'The terminal ended unexpectedly.';
				reporter.event({ accountId, level: 'error', code: 'terminal_ended', message });
				this.#waker.wake('terminal_ended');
			} else if (news === 'replaced') {
				this.#upkeep.noteEnded('terminal_replaced');
				const message = 'The terminal restarted itself.';
				reporter.event({ accountId, level: 'warn', code: 'terminal_replaced', message });
			}
			this.#view.look();
			await clock.sleep(timings.observeMs, signal);
		}
	}

	#tellIncident(incident: Incident): void {
		const { accountId, epoch } = this.#account;
		const { incidentId: id, kind, endedAtMs } = incident;
		this.#view.incident = endedAtMs === null ? { id, kind } : null;
		this.#deps.reporter.incident({ accountId, epoch, ...incident });
	}

	/** Also finds a terminal that came up by itself, or by somebody's hand, while nobody here brings one up. */
	async #look(): Promise<'same' | 'ended' | 'replaced'> {
		const wasDown = this.#instance.process === null;
		if (!wasDown || this.#instance.lookAgeMs === null || this.#steps.bringUp.isUnderWay)
			return this.#instance.look();
		return (await this.#instance.adopt()) ? 'replaced' : 'same';
	}

	async #work(signal: AbortSignal): Promise<void> {
		await takeOver(this.#steps, this.#deps.journal, this.#account.accountId);
		for (;;) {
			signal.throwIfAborted();
			if (!(await this.#next(signal))) await this.#waker.wait(this.#deps.timings.observeMs, signal);
		}
	}

	/** Does the most urgent thing there is. @returns false when there is nothing to do */
	async #next(lifetime: AbortSignal): Promise<boolean> {
		if (this.#emergency) {
			await this.#runEmergency(this.#emergency, lifetime);
			return true;
		}
		const command = this.#queued;
		if (command) {
			this.#settleInterruptedBy(command);
			this.#queued = null;
			await this.#asJob(command, lifetime, (signal) => this.#runCommand(command, signal));
			return true;
		}
		const interrupted = this.#interrupted;
		if (interrupted) {
			await this.#asJob(null, lifetime, async (signal) => {
				await this.#bridgeSettles(signal);
				await settleStart(this.#steps, this.#deps.reporter, interrupted, signal);
				this.#interrupted = null;
			});
			return true;
		}
		const aside = this.#asides.next();
		const due = aside ? null : this.#upkeep.due();
		if (aside) await this.#asJob(null, lifetime, aside);
		else if (due) await this.#asJob(null, lifetime, (signal) => this.#upkeep.run(due, signal));
		return aside !== undefined || due !== null;
	}

	#runCommand(command: EaCommand, signal: AbortSignal): Promise<void> {
		return runCommand(
			{
				...this.#deps,
				steps: this.#steps,
				seenAlgo: () => this.#view.algo,
				setActivity: (activity) => (this.#view.activity = activity),
				lifetime: this.#lifetime.signal
			},
			command,
			signal
		);
	}

	/** Runs one job; a newer command aborting it is its normal end. */
	async #asJob(
		command: EaCommand | null,
		lifetime: AbortSignal,
		work: (signal: AbortSignal) => Promise<void>
	): Promise<void> {
		const { controller, release } = childOf(lifetime);
		this.#job = { abort: controller, command };
		try {
			await work(controller.signal);
		} catch (error) {
			lifetime.throwIfAborted();
			if (!controller.signal.aborted) throw error;
		} finally {
			this.#job = null;
			release();
		}
	}

	async #runEmergency(emergency: PromiseWithResolvers<boolean>, lifetime: AbortSignal): Promise<void> {
		let isProven = false;
		try {
			isProven = await stopInEmergency(this.#account.accountId, this.#instance, this.#deps, lifetime);
		} finally {
			this.#emergency = null;
			emergency.resolve(isProven);
		}
	}

	/** A newer command decides what becomes of an interrupted Start. */
	#settleInterruptedBy(command: EaCommand): void {
		if (!this.#interrupted || this.#interrupted.generation >= command.generation) return;
		this.#deps.reporter.finish(this.#interrupted, superseded);
		this.#interrupted = null;
	}

	/** Of an adopted terminal: its bridge gets some time for the first status. */
	async #bridgeSettles(signal: AbortSignal): Promise<void> {
		if (!this.#instance.process) return;
		await this.#instance.waitStatus(() => true, { timeoutMs: this.#deps.timings.silentMs, signal });
	}

	#keepOn(name: string, loop: () => Promise<void>): Promise<void> {
		const onFault = (error: unknown): void => {
			const { code, detail } = failureOf(error);
			this.#view.setFault(code, detail);
			const where = { accountId: this.#account.accountId, loop: name };
			this.#deps.logger.error({ err: error, ...where }, 'a supervisor loop failed');
		};
		return keepOn(loop, { ...this.#deps, onFault }, this.#lifetime.signal);
	}
}
