/**
 * Accounts on their way out, and directories that no account of this agent has any more: their terminals are ended
 * until that is proven, and everything of them is removed, saved passwords too. Owned by the pool.
 */
import { z } from 'zod';
import { type Clock } from '../clock.ts';
import { type Journal } from '../link/journal.ts';
import { type Logger } from '../logger.ts';
import { instanceDirOf } from '../stateDir.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { haltInstance } from './haltInstance.ts';
import { Instance } from './instance.ts';
import { failed } from './outcomes.ts';
import { type Reporter } from './reporter.ts';
import { endForGood } from './steps.ts';
import { type Timings } from './timings.ts';

export interface DepartureDependencies {
	instancesDir: string;
	terminal: TerminalKind;
	journal: Journal;
	reporter: Reporter;
	clock: Clock;
	logger: Logger;
	timings: Timings;
}

const accountIdSchema = z.uuid();

export class Departures {
	readonly #deps: DepartureDependencies;
	/** The same account may come back only after its end. */
	readonly #underWay = new Map<string, Promise<boolean>>();
	/** Terminals without supervisor that are being stopped in an emergency. */
	readonly #halting = new Map<string, Promise<boolean>>();

	constructor(deps: DepartureDependencies) {
		this.#deps = deps;
	}

	/** @returns whether it ended with the proof; null when the account is not on its way out */
	of(accountId: string): Promise<boolean> | null {
		return this.#underWay.get(accountId) ?? null;
	}

	/** Resolves when nothing is on its way out. */
	async settled(): Promise<void> {
		await Promise.all(this.#underWay.values());
	}

	/** @param end ends the terminal; when it returns, it is down for good */
	begin(accountId: string, end: () => Promise<void>): Promise<boolean> {
		const left = this.#leave(accountId, end).finally(() => this.#underWay.delete(accountId));
		this.#underWay.set(accountId, left);
		return left;
	}

	/** Ends what may still run of an account that has no supervisor here. */
	beginOrphan(accountId: string): Promise<boolean> {
		const { clock, terminal, timings } = this.#deps;
		return this.begin(accountId, async () => {
			const instance = this.#orphan(accountId);
			try {
				await endForGood({ instance, clock, timings }, timings.closeMs, new AbortController().signal);
				await terminal.files.wipeStartIni(instance.dir);
			} finally {
				instance.dispose();
			}
		});
	}

	/**
	 * Stops the EA of a directory without supervisor. Should its account be named meanwhile, its supervisor begins
	 * when this is over: one at a time. @returns whether it is proven
	 */
	haltOrphan(accountId: string): Promise<boolean> {
		const underWay = this.#halting.get(accountId);
		if (underWay) return underWay;
		const instance = this.#orphan(accountId);
		const halted = haltInstance(instance, this.#deps, new AbortController().signal).finally(() => {
			instance.dispose();
			this.#halting.delete(accountId);
		});
		this.#halting.set(accountId, halted);
		return halted;
	}

	/** Null when the EA of this account is not being stopped here. */
	haltOf(accountId: string): Promise<boolean> | null {
		return this.#halting.get(accountId) ?? null;
	}

	/** Account ids of the directories that are here. */
	async directories(): Promise<string[]> {
		const { terminal, instancesDir } = this.#deps;
		const entries = await terminal.files.list(instancesDir);
		return entries.filter((name) => accountIdSchema.safeParse(name).success);
	}

	async #leave(accountId: string, end: () => Promise<void>): Promise<boolean> {
		const { instancesDir, terminal, journal, logger } = this.#deps;
		try {
			await end();
			this.#giveUpOpenCommands(accountId);
			await terminal.files.remove(instanceDirOf(instancesDir, accountId));
		} catch (error) {
			logger.error({ err: error, accountId }, 'an account that left could not be cleaned up');
			return false;
		}
		const change = { confirmedGeneration: 0, loginMark: null, refused: null, account: null, process: null };
		try {
			journal.fences.change(accountId, change);
			journal.forgetDeals(accountId);
		} catch (error) {
			// The directory is gone all the same, and with it what would log in.
			logger.error({ err: error, accountId }, 'an account that left could not be journalled');
			journal.fences.changeInMemory(accountId, change);
		}
		return true;
	}

	/** The terminal is down and the account is somebody else's: what was under way is over here. */
	#giveUpOpenCommands(accountId: string): void {
		const { journal, reporter, clock } = this.#deps;
		for (const { command } of journal.unfinished(accountId))
			if (command)
				reporter.finish(
					{ ...command, notAfterMs: null, acceptedAtMs: clock.monotonicMs(), isJournalled: true },
					failed('not_owner')
				);
	}

	#orphan(accountId: string): Instance {
		const { instancesDir, terminal, clock, journal } = this.#deps;
		const mayHaveRun = journal.mayHaveRun(accountId);
		return new Instance(instanceDirOf(instancesDir, accountId), terminal, clock, mayHaveRun);
	}
}
