/**
 * One terminal as the agent holds it: its directory, its process if there is one, and the channel to its
 * bridge. Owns the channel until `dispose`; the process outlives it. Only the account's supervisor uses it.
 */
import { BRIDGE_FRESH_MS } from '#lib/domain/ladder.ts';
import {
	type BridgeAnswer,
	type BridgeRequest,
	type BridgeStatus,
	type BridgeVerb
} from '../bridge/contract.ts';
import { type Clock } from '../clock.ts';
import { PassedTime } from '../passedTime.ts';
import { type BridgeChannel, type ProcessIdentity, type TerminalKind } from '../terminal/ports.ts';

export type ProcessState = 'up' | 'down' | 'hung';

const END_POLL_MS = 100;
const ASK_AGAIN_MS = 1_000;
/** One for all: a reason made anew would have a stack, for every status that somebody waited for. */
const WAIT_IS_OVER = new Error('the wait is over');

export class Instance {
	readonly dir: string;
	readonly terminal: TerminalKind;
	readonly channel: BridgeChannel;
	process: ProcessIdentity | null = null;
	/** As of the last look. */
	state: ProcessState = 'down';
	/** When the process was launched or adopted. */
	upSinceMs = 0;
	/**
	 * When a process was last known to run here, or may have, or was being updated; -Infinity when none ever did, or
	 * this agent ended it.
	 */
	seenUpAtMs: number;
	/** What the last press of the Algo Trading button was to bring, until the bridge has shown it. */
	pendingToggle: boolean | null = null;
	/** The EA that was ordered last, until the bridge has shown it, or it cannot come any more. */
	#load: { generation: number; untilMs: number } | null = null;
	#mayHaveRun: boolean;
	readonly #closedDialogs: string[] = [];
	/** In this silence the channel was opened anew already. */
	wasReinitialised = false;
	/** The journal's size as last looked at in this silence, and when that changed last. */
	#journal: { bytes: number; grewAtMs: number } | null = null;
	/** When the bridge was heard last before the channel was opened anew. */
	#heardAtMs = 0;
	#isEnding = false;
	readonly #clock: Clock;
	/** Ages are counted on it: what was seen before the machine slept is not the present. */
	readonly #passed: PassedTime;
	/** Of the last look at the process, and of the bridge's newest word. */
	#checkedAt: number | null = null;
	#heardAt = 0;
	#resetting: Promise<void> = Promise.resolve();

	/** @param mayHaveRun a process ran here before this agent began, perhaps until just now */
	constructor(dir: string, terminal: TerminalKind, clock: Clock, mayHaveRun: boolean) {
		this.dir = dir;
		this.terminal = terminal;
		this.#clock = clock;
		this.#passed = new PassedTime(clock);
		this.channel = terminal.openChannel(dir);
		this.channel.onStatus(() => (this.#heardAt = this.#passed.look() - this.#sinceReadMs));
		this.#mayHaveRun = mayHaveRun;
		this.seenUpAtMs = mayHaveRun ? clock.monotonicMs() : -Infinity;
	}

	get bridgeAgeMs(): number | null {
		if (!this.channel.newest || !this.process) return null;
		return Math.max(0, this.#sinceReadMs, this.#passed.look() - this.#heardAt);
	}

	/** How long ago it was last looked; null before the first look, when nothing may be claimed. */
	get lookAgeMs(): number | null {
		return this.#checkedAt === null ? null : this.#passed.look() - this.#checkedAt;
	}

	/** The newest status, if it still says something about now. */
	get fresh(): BridgeStatus | null {
		const age = this.bridgeAgeMs;
		return age !== null && age <= BRIDGE_FRESH_MS ? (this.channel.newest?.status ?? null) : null;
	}

	/** An EA that was ordered and may still come, for `leftMs`: templates are applied a while later. */
	get pendingLoad(): { generation: number; leftMs: number } | null {
		if (!this.#load) return null;
		const leftMs = this.#load.untilMs - this.#clock.monotonicMs();
		return leftMs > 0 ? { generation: this.#load.generation, leftMs } : null;
	}

	/** The EA of this generation may come within so many ms. */
	expectLoad(generation: number, withinMs: number): void {
		this.#load = { generation, untilMs: this.#clock.monotonicMs() + withinMs };
	}

	/** It was seen, or does not come. */
	forgetLoad(): void {
		this.#load = null;
	}

	/** How long nothing was heard of the bridge of a running terminal. */
	get silentForMs(): number {
		const since = Math.max(this.upSinceMs, this.#heardAtMs, this.channel.newest?.readAtMs ?? 0);
		return this.process ? this.#clock.monotonicMs() - since : 0;
	}

	/** Its bridge was heard since the process is up, and is not any more. */
	get hasFallenSilent(): boolean {
		const hasSpoken = this.channel.newest !== null || this.#heardAtMs > this.upSinceMs;
		return hasSpoken && this.silentForMs > BRIDGE_FRESH_MS;
	}

	/** For how long, within the present silence, the terminal's journal did not grow either. */
	get journalQuietForMs(): number {
		const { silentForMs } = this;
		return this.#journal
			? Math.min(silentForMs, this.#clock.monotonicMs() - this.#journal.grewAtMs)
			: silentForMs;
	}

	/** Titles of the dialogs that were closed since this was asked last. */
	takeClosedDialogs(): string[] {
		return this.#closedDialogs.splice(0);
	}

	/** Opens the channel anew: a bridge that was made anew within its terminal counts its words anew, too. */
	async reinitialise(): Promise<void> {
		this.wasReinitialised = true;
		this.#heardAtMs = this.channel.newest?.readAtMs ?? this.#heardAtMs;
		await this.reset();
	}

	/** Takes on a process that was just launched, or was found. */
	hold(process: ProcessIdentity): void {
		this.process = process;
		this.state = 'up';
		this.#mayHaveRun = true;
		this.#checkedAt = this.#passed.look();
		this.upSinceMs = this.seenUpAtMs = this.#clock.monotonicMs();
		this.pendingToggle = null;
		this.#load = null;
		this.wasReinitialised = false;
		this.#journal = null;
	}

	/** Whether LiveUpdate may be about to start a terminal here again; where none ever ran it has nothing to. */
	async isUpdating(): Promise<boolean> {
		if (!this.#mayHaveRun || !(await this.terminal.launcher.isUpdating(this.dir))) return false;
		this.seenUpAtMs = this.#clock.monotonicMs();
		return true;
	}

	/** Looks for a process of this directory that nobody told us of. @returns it, already held */
	async adopt(): Promise<ProcessIdentity | null> {
		const found = await this.terminal.launcher.find(this.dir);
		if (found && this.process === null) this.hold(found);
		else if (!found && this.process === null) {
			this.#saw('down');
			// Else the next terminal would not be heard, which counts its words anew.
			if (this.channel.newest !== null) await this.reset();
		}
		return this.process;
	}

	/**
	 * Looks at the process. One that ended is let go, with the last words of its bridge; if another one runs
	 * in its place (the terminal updated itself), that is held.
	 * @returns what came of it
	 */
	async look(): Promise<'same' | 'ended' | 'replaced'> {
		const looked = this.process;
		if (!looked) {
			if (this.#checkedAt !== null) this.#saw('down');
			return 'same';
		}
		const isAlive = await this.terminal.launcher.isAlive(looked);
		if (this.process !== looked || this.#isEnding) return 'same';
		if (isAlive) {
			const isSilent = this.fresh === null;
			// While the bridge speaks, no dialog is in its way.
			if (isSilent) this.#closedDialogs.push(...(await this.terminal.window.closeDialogs(looked)));
			const isHung = isSilent && (await this.terminal.window.isHung(looked));
			await this.#watchJournal(isSilent);
			if (!isSilent) this.wasReinitialised = false;
			if (this.process === looked) {
				this.#saw(isHung ? 'hung' : 'up');
				this.seenUpAtMs = this.#clock.monotonicMs();
			}
			return 'same';
		}
		this.process = null;
		this.#saw('down');
		await this.reset();
		const replacement = this.process === null ? await this.adopt() : null;
		return replacement ? 'replaced' : 'ended';
	}

	/** Forgets what an ended terminal said last. Calls wait for each other. */
	reset(): Promise<void> {
		const next = this.#resetting.catch(() => {}).then(() => this.channel.reset());
		this.#resetting = next;
		return next;
	}

	request<V extends BridgeVerb>(
		verb: V,
		args: BridgeRequest<V>,
		options: { timeoutMs: number; signal: AbortSignal }
	): Promise<BridgeAnswer<V>> {
		return this.channel.request(verb, args, options);
	}

	/**
	 * Waits for a status that `isWanted`; the newest one counts while it is fresh.
	 * @param options.isPatient for minutes: statuses are read no sooner than else
	 * @returns it; null when the time was up first
	 * @throws the signal's reason
	 */
	async waitStatus(
		isWanted: (status: BridgeStatus) => boolean,
		{ timeoutMs, signal, isPatient }: { timeoutMs: number; signal: AbortSignal; isPatient?: boolean }
	): Promise<BridgeStatus | null> {
		signal.throwIfAborted();
		const { fresh } = this;
		if (fresh && isWanted(fresh)) return fresh;
		const calm = isPatient ? () => {} : this.channel.hurry();
		const over = new AbortController();
		const end = (): void => over.abort(WAIT_IS_OVER);
		signal.addEventListener('abort', end, { once: true });
		let seen: BridgeStatus | null = null;
		const forget = this.channel.onStatus((status) => {
			// Read just now, but written before the machine slept: that is the past.
			if (seen || this.fresh !== status || !isWanted(status)) return;
			seen = status;
			end();
		});
		try {
			await this.#clock.sleep(Math.max(0, timeoutMs), over.signal);
		} catch (error) {
			if (!over.signal.aborted) throw error;
		} finally {
			forget();
			calm();
			signal.removeEventListener('abort', end);
		}
		if (!seen) signal.throwIfAborted();
		return seen;
	}

	/**
	 * The first status that is written after now. By itself the bridge writes one a second; asked anything, it writes one
	 * before its answer, and so at once.
	 * @returns null when none came in time
	 */
	async nextStatus(options: { timeoutMs: number; signal: AbortSignal }): Promise<BridgeStatus | null> {
		const last = this.channel.newest?.status.seq ?? 0;
		const next = this.waitStatus((status) => status.seq > last, options);
		const withdrawal = new AbortController();
		// Its answer says nothing that the status does not, and a refusal comes with a status, too.
		const asked = this.request(
			'list_open',
			{ magic: 0 },
			{ timeoutMs: options.timeoutMs, signal: AbortSignal.any([options.signal, withdrawal.signal]) }
		).catch(() => {});
		try {
			return await next;
		} finally {
			withdrawal.abort(WAIT_IS_OVER);
			await asked;
		}
	}

	/** A status that shows what the newest answer of the bridge brought. @returns null when none came in time */
	statusSinceAnswer(options: { timeoutMs: number; signal: AbortSignal }): Promise<BridgeStatus | null> {
		const { answeredSeq } = this.channel;
		return this.waitStatus((status) => status.seq >= answeredSeq, options);
	}

	/**
	 * Ends the terminal: asks it to close, and after `graceMs` (0: at once) ends the process.
	 * @returns how it ended, proven
	 */
	async end(graceMs: number): Promise<'none' | 'closed' | 'killed'> {
		const ending = this.process ?? (await this.adopt());
		if (!ending) return 'none';
		this.#isEnding = true;
		try {
			return await this.#end(ending, graceMs);
		} finally {
			this.#isEnding = false;
		}
	}

	dispose(): void {
		this.channel.close();
	}

	/** By the monotonic clock. */
	get #sinceReadMs(): number {
		const { newest } = this.channel;
		return newest ? this.#clock.monotonicMs() - newest.readAtMs : 0;
	}

	async #end(ending: ProcessIdentity, graceMs: number): Promise<'closed' | 'killed'> {
		const { launcher, window } = this.terminal;
		// Not to be cut short: a terminal half ended is neither up nor down.
		const unstoppable = new AbortController().signal;
		let how: 'closed' | 'killed' = 'closed';
		/** Else it had ended by itself, and may come back by itself. */
		let isOurDoing = false;
		const deadline = this.#clock.monotonicMs() + graceMs;
		let askAgainMs = -Infinity;
		while (await launcher.isAlive(ending)) {
			// Again and again: one that has no window yet, or a dialog before it, does not hear the first.
			if (graceMs > 0 && this.#clock.monotonicMs() >= askAgainMs) {
				askAgainMs = this.#clock.monotonicMs() + ASK_AGAIN_MS;
				isOurDoing = true;
				await window.requestClose(ending).catch(() => {});
			}
			if (this.#clock.monotonicMs() >= deadline) {
				how = 'killed';
				isOurDoing = true;
				await launcher.kill(ending);
				break;
			}
			await this.#clock.sleep(END_POLL_MS, unstoppable);
		}
		if (this.process === ending) {
			this.process = null;
			this.seenUpAtMs = isOurDoing ? -Infinity : this.#clock.monotonicMs();
			this.#saw('down');
			await this.reset();
		}
		return how;
	}

	async #watchJournal(isSilent: boolean): Promise<void> {
		if (!isSilent) {
			this.#journal = null;
			return;
		}
		const bytes = await this.terminal.files.journalBytes(this.dir);
		const known = this.#journal;
		// The first look of a silence has nothing to compare with.
		const grewAtMs = known ? (known.bytes === bytes ? known.grewAtMs : this.#clock.monotonicMs()) : 0;
		this.#journal = { bytes, grewAtMs };
	}

	#saw(state: ProcessState): void {
		this.state = state;
		this.#checkedAt = this.#passed.look();
	}
}
