/**
 * One terminal under test: starts it, hears its journal and its bridge, and closes it. Owns the channel, the journal
 * and the process until `end`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BridgeStatus } from '../bridge/contract.ts';
import { type JournalEvent, type JournalTail } from '../terminal/journalTail.ts';
import { type BridgeChannel, type ProcessIdentity, type TerminalKind } from '../terminal/ports.ts';

const POLL_MS = 25;
/** One that has no window yet does not hear the first time. */
const ASK_AGAIN_MS = 1_000;

export class Session {
	readonly kind: TerminalKind;
	readonly dir: string;
	readonly channel: BridgeChannel;
	/** Of the present or last start. */
	readonly events: JournalEvent[] = [];
	process: ProcessIdentity | null = null;
	readonly #journal: JournalTail;

	constructor(kind: TerminalKind, dir: string) {
		this.kind = kind;
		this.dir = dir;
		this.channel = kind.openChannel(dir);
		this.#journal = kind.files.followJournal(dir, (event) => this.events.push(event));
	}

	async launch(args: readonly string[]): Promise<ProcessIdentity> {
		this.#journal.poll();
		this.events.length = 0;
		await this.channel.reset();
		await this.kind.beforeLaunch(this.dir);
		this.process = await this.kind.launcher.launch(this.dir, args);
		return this.process;
	}

	/** @returns what `look` gave and how long it took; null when the time was up or the terminal ended first */
	async wait<T>(
		timeoutMs: number,
		look: () => T | null | undefined | false | Promise<T | null | undefined | false>
	): Promise<{ value: T; tookMs: number } | null> {
		const beganMs = performance.now();
		for (;;) {
			const value = await look();
			const tookMs = Math.round(performance.now() - beganMs);
			if (value !== null && value !== undefined && value !== false) return { value, tookMs };
			if (tookMs >= timeoutMs) return null;
			await sleep(POLL_MS);
		}
	}

	status(timeoutMs: number, isWanted: (status: BridgeStatus) => boolean = () => true) {
		return this.wait(timeoutMs, () => {
			const status = this.channel.newest?.status;
			return status && isWanted(status) ? status : null;
		});
	}

	/** The first line of the journal, of this start, whose message fits. */
	line(pattern: RegExp): string | null {
		const messages = this.events.map((event) => (event.kind === 'line' ? event.message : event.kind));
		return messages.find((message) => pattern.test(message)) ?? null;
	}

	/** Asks it to close. @returns how long that took; null when it had to be killed */
	async close(graceMs: number): Promise<number | null> {
		const { process } = this;
		if (!process) return 0;
		let askAgainMs = -Infinity;
		const gone = await this.wait(graceMs, async () => {
			if (performance.now() >= askAgainMs) {
				askAgainMs = performance.now() + ASK_AGAIN_MS;
				await this.kind.window.requestClose(process);
			}
			return !(await this.kind.launcher.isAlive(process));
		});
		if (!gone) await this.kind.launcher.kill(process);
		this.process = null;
		this.#journal.poll();
		return gone?.tookMs ?? null;
	}

	async end(): Promise<void> {
		await this.close(0).catch(() => {});
		this.#journal.close();
		this.channel.close();
	}
}

/** The journal's first word about the login. */
export const isAuthorised = (session: Session) => () =>
	session.events.find(({ kind }) => kind === 'authorised' || kind === 'refused');
