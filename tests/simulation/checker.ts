/**
 * The invariants of docs/decisions/0017-simulation.md, held against what is true (terminals), what agents wrote
 * down (journals), what the web committed, and what it shows. Judges; changes nothing.
 */
import { isFinal, type CommandKind, type ResultStatus } from '#lib/domain/commandLifecycle.ts';
import { algoOf, DOWN, isSameState, isTrading, type Truth } from './terminals/truth.ts';

export interface Violation {
	invariant: string;
	atMs: number;
	what: string;
}

interface KnownStart {
	commandId: string;
	generation: number;
	notAfterMs: number;
	pressedAtMs: number | null;
	acceptedAtMs: number | null;
	/** When its success was journalled: from then on it may come back by itself. */
	confirmedAtMs: number | null;
	loads: number;
	final: { status: ResultStatus; atMs: number } | null;
}

interface AccountBook {
	truth: Truth;
	/** What was true from when on; the newest last. */
	past: Array<{ fromMs: number; truth: Truth }>;
	starts: Map<number, KnownStart>;
	/** The newest Stop or Pause that was confirmed; what ended without a command lies between two generations. */
	halted: { kind: CommandKind | 'stop-all' | 'dead-man policy'; generation: number } | null;
	/** What a stop-all that is under way means: everything accepted before it. */
	stopAllOf: number | null;
	highestLoaded: number;
}

const ACCEPT_SLACK_MS = 500;
/** From a press to its acceptance: the deadline, and a standstill of the server too short to be noticed. */
const PRESS_MS = 25_000;
/** A deployment has 60 s from its acceptance; a request on its way then may still arrive. */
const DEPLOYMENT_MS = 60_000;
const EFFECT_SLACK_MS = 12_000;
/** A superseded Start may run on until its successor has dealt with it. */
const SUPERSEDED_MS = 120_000;
/** What is shown as present may be so old: freshness of a proof, and a line that is not known to be dead yet. */
const SHOWN_MS = 35_000;

export class Checker {
	readonly violations: Violation[] = [];
	readonly #books = new Map<string, AccountBook>();
	readonly #nowMs: () => number;
	readonly #nameOf: (accountId: string) => string;
	readonly #resumesByItself: (accountId: string) => boolean;

	constructor(parts: {
		nowMs: () => number;
		nameOf: (accountId: string) => string;
		/** False: the trader wants to be asked before anything is brought back. */
		resumesByItself: (accountId: string) => boolean;
	}) {
		this.#nowMs = parts.nowMs;
		this.#nameOf = parts.nameOf;
		this.#resumesByItself = parts.resumesByItself;
	}

	/** The web committed a command. @param notAfterMs in virtual time */
	issued(
		commandId: string,
		kind: CommandKind,
		accountId: string,
		generation: number,
		notAfterMs: number
	): void {
		if (kind !== 'start_ea' || generation === 0) return;
		this.#book(accountId).starts.set(generation, {
			commandId,
			generation,
			notAfterMs,
			pressedAtMs: null,
			acceptedAtMs: null,
			confirmedAtMs: null,
			loads: 0,
			final: null
		});
	}

	/** A person pressed for this Start then. */
	pressed(accountId: string, generation: number, atMs: number): void {
		const start = this.#book(accountId).starts.get(generation);
		if (start) start.pressedAtMs = atMs;
	}

	/** An agent journalled the receipt. */
	accepted(kind: string, accountId: string, generation: number): void {
		const start = this.#book(accountId).starts.get(generation);
		if (kind !== 'start_ea') return;
		if (!start) return this.#found('I7', accountId, `a Start of generation ${generation} that nobody gave`);
		const nowMs = this.#nowMs();
		start.acceptedAtMs ??= nowMs;
		const lateMs = nowMs - start.notAfterMs;
		if (lateMs > ACCEPT_SLACK_MS)
			this.#found('I1', accountId, `Start ${generation} was accepted ${Math.round(lateMs)} ms too late`);
		const ageMs = nowMs - (start.pressedAtMs ?? nowMs);
		if (ageMs > PRESS_MS)
			this.#found(
				'I1',
				accountId,
				`Start ${generation} was accepted ${Math.round(ageMs)} ms after its press`
			);
	}

	/** An outcome was journalled by the agent, or committed by the web. */
	ended(
		kind: CommandKind,
		accountId: string,
		generation: number,
		status: ResultStatus,
		by: 'agent' | 'web'
	): void {
		const book = this.#book(accountId);
		if (kind === 'start_ea') return this.#startEnded(book, accountId, generation, status, by);
		if (status !== 'success') return;
		const isFirst = (book.halted?.generation ?? 0) < generation;
		if (isFirst) book.halted = { kind, generation };
		// What is true may have changed since the proof; a newer Start may have been accepted meanwhile.
		const isNewest = ![...book.starts.values()].some(
			(start) => start.generation > generation && start.acceptedAtMs !== null
		);
		if (isFirst && isNewest && by === 'agent' && isTrading(book.truth))
			this.#found('I5', accountId, `${kind} ${generation} is said to be done, and the EA trades`);
	}

	/** `stop-all` on a machine, read by its agent: what was accepted before it must not trade after it is proven. */
	stopAllRead(accountIds: Iterable<string>): void {
		for (const accountId of accountIds) {
			const book = this.#book(accountId);
			const accepted = [...book.starts.values()].filter(({ acceptedAtMs }) => acceptedAtMs !== null);
			book.stopAllOf = Math.max(0, ...accepted.map(({ generation }) => generation));
		}
	}

	stopAllDone(provenIds: Iterable<string>): void {
		for (const accountId of provenIds) {
			const book = this.#book(accountId);
			const { stopAllOf, truth } = book;
			if (stopAllOf === null) continue;
			book.stopAllOf = null;
			this.#halt(book, 'stop-all', stopAllOf);
			if (isTrading(truth) && truth.generation !== null && truth.generation <= stopAllOf)
				this.#found('I2', accountId, `stop-all is proven, and generation ${truth.generation} trades`);
		}
	}

	/**
	 * An account whose EA must not run so long without the server; the agent had the time to see to it, and its
	 * terminal speaks. @param sinceMs the agent is without the server since then
	 */
	leftAlone(accountId: string, sinceMs: number): void {
		const book = this.#book(accountId);
		const { truth } = book;
		if (truth.generation === null) return;
		const start = book.starts.get(truth.generation);
		if (!start || (start.confirmedAtMs ?? Infinity) > sinceMs) return;
		if (isTrading(truth))
			this.#found('R2', accountId, `generation ${truth.generation} trades on without the server`);
		else this.#halt(book, 'dead-man policy', truth.generation);
	}

	/** The bridge carried out a load. */
	loaded(accountId: string, generation: number): void {
		const book = this.#book(accountId);
		const start = book.starts.get(generation);
		if (!start)
			return this.#found('I7', accountId, `an effect of generation ${generation} that nobody wanted`);
		if (generation < book.highestLoaded)
			this.#found('I8', accountId, `generation ${generation} was loaded after ${book.highestLoaded}`);
		book.highestLoaded = Math.max(book.highestLoaded, generation);
		if (start.final && start.final.status !== 'success' && start.final.status !== 'superseded')
			this.#found('I5', accountId, `Start ${generation} was ${start.final.status}, and its EA is loaded`);
		if (start.confirmedAtMs !== null) {
			if (!this.#resumesByItself(accountId))
				this.#found(
					'R2',
					accountId,
					`generation ${generation} is brought back, and its trader wants to be asked`
				);
			return;
		}
		start.loads += 1;
		if (start.loads > 1)
			this.#found('I4', accountId, `Start ${generation} was deployed ${start.loads} times`);
		const limitMs = (start.acceptedAtMs ?? -Infinity) + DEPLOYMENT_MS + EFFECT_SLACK_MS;
		if (this.#nowMs() > limitMs)
			this.#found('I1', accountId, `Start ${generation} had an effect after its time`);
	}

	/** What is true of an account's terminal changed. */
	changed(accountId: string, truth: Truth, liveTerminals: number): void {
		const book = this.#book(accountId);
		const nowMs = this.#nowMs();
		book.truth = truth;
		book.past.push({ fromMs: nowMs, truth });
		if (liveTerminals > 1) this.#found('I3', accountId, `${liveTerminals} terminals live`);
		const { halted } = book;
		if (!isTrading(truth) || truth.generation === null) return;
		if (halted && truth.generation < halted.generation)
			this.#found(
				'I2',
				accountId,
				`generation ${truth.generation} trades after ${halted.kind} ${halted.generation} was confirmed`
			);
		const final = book.starts.get(truth.generation)?.final;
		if (final && (final.status === 'failed' || final.status === 'expired'))
			this.#found('I5', accountId, `Start ${truth.generation} was ${final.status}, and it trades`);
	}

	/** What the web shows of an account just now: true, or true a short while ago. */
	shown(accountId: string, state: string): void {
		if (state === 'unknown') return;
		const { past } = this.#book(accountId);
		const sinceMs = this.#nowMs() - SHOWN_MS;
		const recent = past.filter((each, i) => (past[i + 1]?.fromMs ?? Infinity) >= sinceMs);
		const isTrue = ({ truth }: { truth: Truth }): boolean => isSameState(algoOf(truth), state);
		if (recent.length === 0 ? !isSameState('down', state) : !recent.some(isTrue))
			this.#found('C4', accountId, `shown is “${state}”, which it has not been for ${SHOWN_MS / 1000} s`);
	}

	/** Long after every fault: what is shown is true. */
	settledView(accountId: string, state: string): void {
		const { truth } = this.#book(accountId);
		if (!isSameState(algoOf(truth), state))
			this.#found('I6', accountId, `shown is “${state}”, true is “${algoOf(truth)}”`);
	}

	/** Long after every fault: nothing runs that must not. */
	settledTruth(accountId: string, wanted: string): void {
		const { truth, starts } = this.#book(accountId);
		if (!isTrading(truth) || truth.generation === null) return;
		if (wanted !== 'RUNNING')
			this.#found('I6', accountId, `wanted is ${wanted}, and generation ${truth.generation} trades`);
		const start = starts.get(truth.generation);
		if (start?.final?.status === 'success') return;
		this.#found('I5', accountId, `Start ${truth.generation} is ${start?.final?.status}, and it trades`);
	}

	/** Any time. */
	tick(): void {
		for (const [accountId, { truth, starts }] of this.#books) {
			if (!isTrading(truth) || truth.generation === null) continue;
			const final = starts.get(truth.generation)?.final;
			if (final?.status === 'superseded' && this.#nowMs() - final.atMs > SUPERSEDED_MS)
				this.#found('I5', accountId, `Start ${truth.generation} was superseded long ago, and it trades`);
		}
	}

	unfinished(accountId: string, kind: CommandKind, generation: number, status: ResultStatus): void {
		this.#found('I6', accountId, `${kind} ${generation} is still ${status}`);
	}

	/** Long after every fault: a move is done, and no terminal runs where its account is not. */
	unmoved(accountId: string): void {
		this.#found('I6', accountId, 'it is still being moved');
	}

	strayed(accountId: string): void {
		this.#found('I3', accountId, 'a terminal lives on a machine that does not have the account');
	}

	leaked(userName: string, what: string): void {
		this.violations.push({ invariant: 'I9', atMs: this.#nowMs(), what: `${userName} is told of ${what}` });
	}

	unaudited(what: string): void {
		this.violations.push({ invariant: 'I7', atMs: this.#nowMs(), what: `no audit row of ${what}` });
	}

	#startEnded(
		book: AccountBook,
		accountId: string,
		generation: number,
		status: ResultStatus,
		by: 'agent' | 'web'
	): void {
		const start = book.starts.get(generation);
		if (!start) return;
		const nowMs = this.#nowMs();
		if (by === 'agent') {
			if (status !== 'success') return;
			start.confirmedAtMs ??= nowMs;
			const wasSeen = book.past.some(
				({ truth }, i) =>
					isTrading(truth) &&
					truth.generation === generation &&
					(book.past[i + 1]?.fromMs ?? Infinity) >= nowMs - SHOWN_MS
			);
			if (!wasSeen)
				this.#found('I5', accountId, `Start ${generation} is said to have succeeded, and never ran`);
			return;
		}
		if (!isFinal(status)) return;
		start.final ??= { status, atMs: nowMs };
		const isRunning = isTrading(book.truth) && book.truth.generation === generation;
		if (isRunning && (status === 'failed' || status === 'expired' || status === 'agent_offline'))
			this.#found('I5', accountId, `Start ${generation} is said to be ${status}, and it trades`);
		if (status === 'expired' && start.loads > 0)
			this.#found('I5', accountId, `Start ${generation} is said to have expired, and it was deployed`);
	}

	/** Whatever was accepted up to this generation must not trade any more. */
	#halt(book: AccountBook, kind: 'stop-all' | 'dead-man policy', upTo: number): void {
		if ((book.halted?.generation ?? 0) < upTo + 0.5) book.halted = { kind, generation: upTo + 0.5 };
	}

	#book(accountId: string): AccountBook {
		const known = this.#books.get(accountId) ?? {
			truth: DOWN,
			past: [],
			starts: new Map(),
			halted: null,
			stopAllOf: null,
			highestLoaded: 0
		};
		this.#books.set(accountId, known);
		return known;
	}

	#found(invariant: string, accountId: string, what: string): void {
		this.violations.push({ invariant, atMs: this.#nowMs(), what: `${this.#nameOf(accountId)}: ${what}` });
	}
}
