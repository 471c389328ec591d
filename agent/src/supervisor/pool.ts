/**
 * The agent's table of terminals: which accounts are here, each with its supervisor. The only owner of that
 * knowledge. Accounts come and go by the server's sync alone.
 */
import { type AssignedAccount, type WebFrames } from '#lib/protocol/frames.ts';
import { type TerminalResources } from '#lib/domain/terminalResources.ts';
import { type Clock } from '../clock.ts';
import { type DealPost } from '../deals/dealPost.ts';
import { type ExpertPost } from '../experts/expertPost.ts';
import { type CommandRules } from '../link/commandRules.ts';
import { type Journal } from '../link/journal.ts';
import { type ServerTime } from '../link/serverTime.ts';
import { type Logger } from '../logger.ts';
import { instanceDirOf } from '../stateDir.ts';
import { type TerminalCount } from '../machineLoad.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import {
	poolAccount,
	rememberedAccount,
	type CredentialMark,
	type PasswordOpener,
	type PoolAccount
} from './account.ts';
import { type AccountReport } from './accountView.ts';
import { type AsideWork } from './asides.ts';
import { type EaCommand } from './command.ts';
import { Departures } from './departures.ts';
import { type Reporter } from './reporter.ts';
import { type Slots } from './slots.ts';
import { Supervisor } from './supervisor.ts';
import { type Timings } from './timings.ts';

export interface PoolDependencies {
	instancesDir: string;
	terminal: TerminalKind;
	journal: Journal;
	rules: CommandRules;
	isSafeMode: () => boolean;
	reporter: Reporter;
	deals: DealPost;
	experts: ExpertPost;
	mark: CredentialMark;
	openPassword: PasswordOpener;
	slots: Slots;
	clock: Clock;
	serverTime: ServerTime;
	/** How long the server is out of reach; 0 while it is not. */
	controlLostForMs: () => number;
	random: () => number;
	logger: Logger;
	timings: Timings;
}

export interface HaltAnswer {
	accountId: string;
	/** Nothing trades in its terminal. */
	isProven: boolean;
	/** Written down, so that the next agent does not bring the EA back either; a full disk is in the way of that. */
	isKept: boolean;
}

export class Pool {
	readonly #deps: PoolDependencies;
	readonly #supervisors = new Map<string, Supervisor>();
	readonly #departures: Departures;
	/** Accounts that begin here when what still runs of them has ended; taken back by whatever takes them away. */
	readonly #awaited = new Map<string, PoolAccount>();
	/** Accounts named in the parts of the full sync that is coming in. */
	#named = new Set<string>();
	#isClosed = false;

	constructor(deps: PoolDependencies) {
		this.#deps = deps;
		this.#departures = new Departures(deps);
	}

	/**
	 * Begins with the accounts of the last sync, before the server has said a word: their terminals may run, and what
	 * was ordered or is due without the server is due now. Whatever of them is not here any more leaves with the first
	 * full sync.
	 */
	takeUpRemembered(): void {
		const { fences } = this.#deps.journal;
		for (const accountId of fences.accountIds()) {
			const { account, epoch, releasedEpoch } = fences.of(accountId);
			if (account && epoch > releasedEpoch) this.#add(rememberedAccount({ ...account, epoch }));
		}
	}

	accountOf(accountId: string): PoolAccount | null {
		return this.#supervisors.get(accountId)?.account ?? null;
	}

	/** Hands an accepted command to its account. @returns false when the account is not here */
	submit(command: EaCommand): boolean {
		const supervisor = this.#supervisors.get(command.accountId);
		supervisor?.submit(command);
		return supervisor !== undefined;
	}

	/** Does this alone with the terminal of an account that is here: see Supervisor.aside. */
	async aside<T>(accountId: string, work: AsideWork<T>, activity: string | null = null): Promise<T> {
		const supervisor = this.#supervisors.get(accountId);
		if (!supervisor) throw new Error(`${accountId} is not here`);
		return supervisor.aside(work, activity);
	}

	/** Digests of the uploads that an account here is to run, or may be brought back with. */
	wantedUploads(): Set<string> {
		const { fences } = this.#deps.journal;
		const settings = [...this.#supervisors.values()].flatMap(({ account }) => [
			account.settings,
			fences.of(account.accountId).settings
		]);
		return new Set(
			settings.flatMap((each) => {
				const file = each?.expert.file;
				return file ? [file.sha256, ...(file.inputs ? [file.inputs.sha256] : [])] : [];
			})
		);
	}

	/** What runs here, for the figures of the machine. */
	terminals(): Omit<TerminalCount, 'resources'> {
		const seen = [...this.#supervisors.values()].map((supervisor) => supervisor.program);
		return {
			up: seen.filter(({ isUp }) => isUp).length,
			programs: seen.flatMap(({ program }) => program ?? [])
		};
	}

	/** What the terminals take of the machine, by account; without those where that cannot be seen. */
	async resources(): Promise<Map<string, TerminalResources>> {
		const found = new Map<string, TerminalResources>();
		for (const [accountId, supervisor] of this.#supervisors) {
			const resources = await supervisor.resources();
			if (resources) found.set(accountId, resources);
		}
		return found;
	}

	reports(): AccountReport[] {
		return [...this.#supervisors.values()].flatMap((supervisor) => supervisor.report() ?? []);
	}

	/** Takes in one part of a sync. @returns true when it is complete */
	applySync(frame: WebFrames['sync']): boolean {
		for (const account of frame.accounts) {
			this.#named.add(account.accountId);
			this.#take(account);
		}
		for (const { accountId, epoch } of frame.removed) {
			const known = this.accountOf(accountId) ?? this.#awaited.get(accountId);
			if (known && epoch >= known.epoch) this.#remove(accountId);
		}
		if (!frame.isLast) return false;
		if (frame.isFull) {
			const named = this.#named;
			for (const accountId of [...this.#supervisors.keys(), ...this.#awaited.keys()])
				if (!named.has(accountId)) this.#remove(accountId);
			void this.#removeOrphans(named);
		}
		this.#named = new Set();
		return true;
	}

	/**
	 * The account leaves this agent as of this epoch. From now on nothing of it is run under that one.
	 * @returns whether its terminal is proven down and all of it removed; false when the epoch is not the newest heard
	 *   of, or when it did not work: then ask again
	 */
	async release({ accountId, epoch }: { accountId: string; epoch: number }): Promise<boolean> {
		const { fences } = this.#deps.journal;
		const fence = fences.of(accountId);
		if (epoch < fence.epoch) return false;
		const change = { releasedEpoch: Math.max(epoch, fence.releasedEpoch) };
		try {
			fences.change(accountId, change);
		} catch (error) {
			// Leaving a machine with a full disk must be possible; a new line's sync does not name the account any more.
			this.#deps.logger.error({ err: error, accountId }, 'a release could not be journalled');
			fences.changeInMemory(accountId, change);
		}
		this.#remove(accountId);
		const isLeft = (await this.#departures.of(accountId)) ?? (await this.#endOrphan(accountId));
		return isLeft && !this.#supervisors.has(accountId);
	}

	/** A sync that broke off is not complete. */
	forgetPartialSync(): void {
		this.#named = new Set();
	}

	/**
	 * Stops every EA on this machine at once, also those of accounts that no sync has named yet: none of them comes
	 * back without a new Start.
	 */
	async haltAll(): Promise<HaltAnswer[]> {
		// Said of all before anything is waited for, and again of those that came meanwhile.
		this.#forbidAll();
		const directories = await this.#departures.directories();
		this.#forbidAll();
		const own = [...this.#supervisors].map(async ([accountId, supervisor]) => ({
			accountId,
			isProven: await supervisor.haltNow()
		}));
		const others = directories
			.filter((accountId) => !this.#supervisors.has(accountId) && !this.#departures.of(accountId))
			.map(async (accountId) => ({ accountId, isProven: await this.#departures.haltOrphan(accountId) }));
		const halted = await Promise.all([...own, ...others]);
		// There may be room again.
		this.#forbidAll();
		const { fences } = this.#deps.journal;
		return halted.map((answer) => ({ ...answer, isKept: fences.isSaved(answer.accountId) }));
	}

	#forbidAll(): void {
		const { journal, logger } = this.#deps;
		const change = { wanted: 'STOPPED', confirmedGeneration: 0 } as const;
		for (const accountId of journal.fences.accountIds()) {
			try {
				journal.fences.change(accountId, change);
			} catch (error) {
				logger.error({ err: error, accountId }, 'the emergency stop could not be journalled');
				journal.fences.changeInMemory(accountId, change);
			}
		}
	}

	/** Ends all supervisors. @param closeTerminals else the terminals go on, and are found again by the next agent */
	async close({ closeTerminals }: { closeTerminals: boolean }): Promise<void> {
		this.#isClosed = true;
		const supervisors = [...this.#supervisors.values()];
		await Promise.all([
			...supervisors.map((each) => (closeTerminals ? each.close({ unloadEa: false }) : each.release())),
			this.#departures.settled()
		]);
		this.#supervisors.clear();
	}

	#take(assigned: AssignedAccount): void {
		const { accountId } = assigned;
		const { fences } = this.#deps.journal;
		const { epoch, releasedEpoch } = fences.of(accountId);
		// A word from before the account was released: its terminal may be up on another machine by now.
		if (assigned.epoch < epoch || assigned.epoch <= releasedEpoch) return;
		this.#raiseFence(assigned);
		const account = poolAccount(assigned, this.#deps.openPassword, (error) =>
			// What is wrong with it may be said; what is in it, never.
			this.#deps.logger.error(
				{ accountId, reason: error instanceof Error ? error.message.slice(0, 200) : 'unknown' },
				'the password of an account does not open'
			)
		);
		const present = this.#supervisors.get(accountId);
		if (present) return present.update(account);
		this.#awaited.set(accountId, account);
		this.#addWhenFree(accountId);
	}

	/** One at a time has a directory: its account comes back after whatever ends what was there, one after another. */
	#addWhenFree(accountId: string): void {
		const account = this.#awaited.get(accountId);
		if (!account) return;
		const again = (): void => this.#addWhenFree(accountId);
		const ending = this.#departures.of(accountId) ?? this.#departures.haltOf(accountId);
		if (ending) return void ending.then(again, again);
		this.#awaited.delete(accountId);
		this.#add(account);
	}

	#add(account: PoolAccount): void {
		if (this.#isClosed || this.#supervisors.has(account.accountId)) return;
		const instanceDir = instanceDirOf(this.#deps.instancesDir, account.accountId);
		const supervisor = new Supervisor(account, { ...this.#deps, instanceDir });
		this.#supervisors.set(account.accountId, supervisor);
		supervisor.start();
	}

	/** The sync's word counts from its generation on; what was confirmed stands only for that very generation. */
	#raiseFence(assigned: AssignedAccount): void {
		const { accountId, epoch, generation, wanted, policy } = assigned;
		const account = { ...assigned, sealedPassword: null };
		const { fences, isRebuilt } = this.#deps.journal;
		const before = fences.of(accountId);
		// What came before the journal was lost is not known: those generations are not judged by it.
		const forgotten = isRebuilt && before.epoch === 0 ? { forgottenGeneration: generation } : {};
		const isNewer = generation >= before.maxGeneration;
		const change = isNewer
			? {
					...forgotten,
					epoch,
					account,
					policy,
					maxGeneration: generation,
					wanted,
					// What was confirmed runs on until a newer Start is accepted; it comes back only as the newest.
					confirmedGeneration: wanted === 'RUNNING' ? before.confirmedGeneration : 0,
					isPausedWithoutServer: generation === before.maxGeneration && before.isPausedWithoutServer,
					// One more may be a Start that was lost on its way here; of more, nobody here knows what they were.
					hasGap: before.epoch > 0 && (before.hasGap || generation > before.maxGeneration + 1)
				}
			: { epoch, account, policy };
		try {
			fences.change(accountId, change);
		} catch (error) {
			this.#deps.logger.error({ err: error, accountId }, 'the sync could not be journalled');
			// Wanted less holds all the same; wanted more waits for a journal.
			fences.changeInMemory(accountId, wanted === 'RUNNING' ? { ...change, wanted: before.wanted } : change);
		}
	}

	#remove(accountId: string): void {
		this.#awaited.delete(accountId);
		const supervisor = this.#supervisors.get(accountId);
		if (!supervisor) return;
		this.#supervisors.delete(accountId);
		this.#deps.logger.info({ accountId }, 'the account leaves this agent; its terminal is closed');
		void this.#departures.begin(accountId, () => supervisor.close({ unloadEa: true }));
	}

	/** It is here, or comes back as soon as it can. */
	#isWanted(accountId: string): boolean {
		return this.#supervisors.has(accountId) || this.#awaited.has(accountId);
	}

	async #endOrphan(accountId: string): Promise<boolean> {
		await this.#departures.haltOf(accountId)?.catch(() => {});
		const isHere = (await this.#departures.directories()).includes(accountId);
		if (this.#isWanted(accountId)) return false;
		return !isHere || this.#departures.of(accountId) || this.#departures.beginOrphan(accountId);
	}

	/** Directories of accounts that went away while this agent did not run: their terminals end, first of all. */
	async #removeOrphans(named: ReadonlySet<string>): Promise<void> {
		for (const accountId of await this.#departures.directories()) {
			if (named.has(accountId)) continue;
			// One that is being stopped in an emergency is ended after that.
			await this.#departures.haltOf(accountId)?.catch(() => {});
			if (this.#isWanted(accountId) || this.#departures.of(accountId)) continue;
			this.#deps.logger.warn({ accountId }, 'a directory without account; its terminal is ended');
			void this.#departures.beginOrphan(accountId);
		}
	}
}
