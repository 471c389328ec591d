/**
 * The agent's memory of commands. Owns the journal file. Nothing is acted on before its receipt is on the
 * disk, and nothing answered before its outcome is.
 */
import { type z } from 'zod';
import { COMMAND_KINDS, type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { eaSettingsSchema } from '#lib/domain/eaSettings.ts';
import { agentFrames } from '#lib/protocol/frames.ts';
import { type CommandRecord } from '../supervisor/command.ts';
import { checkedText, withChecksum } from './checkedText.ts';
import { Fences, type Fence } from './fences.ts';
import { JournalFailure, openJournalFile, prepareJournal, type JournalDatabase } from './journalSchema.ts';

const resultSchema = agentFrames.result.omit({ v: true, id: true, type: true });
/** The outcome of a command, as it goes to the server. */
export type ResultBody = z.infer<typeof resultSchema>;
export type CommandState = 'received' | 'intent' | 'done' | 'acked' | 'tombstone';
export interface CommandRef {
	commandId: string;
	accountId: string;
	generation: number;
}
export interface JournalEntry {
	state: CommandState;
	command: CommandRecord | null;
	kind: CommandKind;
	result: ResultBody | null;
}

const WANTED_BY = { start_ea: 'RUNNING', pause_ea: 'PAUSED', stop_ea: 'STOPPED' } as const;

/** Longer than any Start is at work, and any bridge at one request. */
const LATE_LOAD_MS = 10 * 60_000;

/** The fence after a command was accepted: only a Start that succeeds is confirmed again. */
export const fenceOf = (command: CommandRecord): Partial<Fence> => ({
	epoch: command.epoch,
	maxGeneration: command.generation,
	wanted: WANTED_BY[command.kind],
	confirmedGeneration: 0,
	isPausedWithoutServer: false,
	hasGap: false
});

const INSERT = `INSERT INTO command
	(commandId, accountId, generation, epoch, kind, closePositions, settings, state, result, receivedAtMs)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function statements(db: JournalDatabase) {
	return {
		find: db.prepare('SELECT * FROM command WHERE commandId = ? AND accountId = ?'),
		insert: db.prepare(INSERT),
		bury: db.prepare(`${INSERT} ON CONFLICT DO NOTHING`),
		intend: db.prepare(
			`UPDATE command SET state = 'intent' WHERE commandId = ? AND accountId = ? AND state = 'received'`
		),
		finish: db.prepare(
			`UPDATE command SET state = 'done', result = ? WHERE commandId = ? AND accountId = ? AND state IN ('received', 'intent')`
		),
		acknowledge: db.prepare(
			`UPDATE command SET state = 'acked' WHERE commandId = ? AND accountId = ? AND state = 'done'`
		),
		done: db.prepare(`SELECT result FROM command WHERE state = 'done' ORDER BY receivedAtMs`),
		unfinished: db.prepare(
			`SELECT * FROM command WHERE accountId = ? AND state IN ('received', 'intent') ORDER BY generation`
		),
		newestStart: db.prepare(
			`SELECT generation, result, receivedAtMs FROM command
			 WHERE accountId = ? AND kind = 'start_ea' AND state IN ('intent', 'done', 'acked') ORDER BY generation DESC LIMIT 1`
		),
		fact: db.prepare('SELECT value FROM fact WHERE name = ?'),
		dropFact: db.prepare('DELETE FROM fact WHERE name = ?'),
		setFact: db.prepare(
			'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'
		)
	};
}

export class Journal {
	readonly fences: Fences;
	readonly #db: JournalDatabase;
	readonly #wallMs: () => number;
	readonly #sql: ReturnType<typeof statements>;

	/** @param where the journal's file, or a database that is open already */
	constructor(where: string | JournalDatabase, wallMs: () => number) {
		this.#db = typeof where === 'string' ? openJournalFile(where) : where;
		prepareJournal(this.#db, wallMs());
		this.#wallMs = wallMs;
		this.#sql = statements(this.#db);
		this.fences = new Fences(this.#db);
	}

	find(commandId: string, accountId: string): JournalEntry | null {
		const row = this.#sql.find.get(commandId, accountId);
		return row ? readEntry(row) : null;
	}

	/** Notes an accepted command and moves the account's fence, in one commit. @throws JournalFailure */
	accept(command: CommandRecord): void {
		this.#commit(() => {
			this.#insert(command, 'received', null);
			this.fences.change(command.accountId, fenceOf(command));
		});
	}

	/** Notes a command that is answered without any effect. @throws JournalFailure */
	refuse(command: CommandRecord, result: ResultBody): void {
		this.#commit(() => this.#insert(command, 'done', result));
	}

	/** Notes Starts that were asked for but never came: should they come, they do not run. @throws JournalFailure */
	bury(refs: readonly CommandRef[]): void {
		// A full disk must not keep what is known from being told.
		if (refs.length === 0) return;
		this.#commit(() => {
			for (const { commandId, accountId, generation } of refs)
				this.#sql.bury.run(
					commandId,
					accountId,
					generation,
					0,
					'start_ea',
					0,
					null,
					'tombstone',
					null,
					this.#wallMs()
				);
		});
	}

	/**
	 * Notes what is answered about a command that a damaged journal knew, and this one does not.
	 * @throws JournalFailure
	 */
	giveUp(ref: CommandRef, result: ResultBody): void {
		this.#commit(() => {
			const { commandId, accountId, generation } = ref;
			const text = JSON.stringify(result);
			this.#sql.bury.run(
				commandId,
				accountId,
				generation,
				0,
				'start_ea',
				0,
				null,
				'done',
				text,
				this.#wallMs()
			);
		});
	}

	/** The next step of this Start has an effect. @throws JournalFailure; then it must not be taken */
	intend(ref: CommandRef): void {
		this.#commit(() => this.#sql.intend.run(ref.commandId, ref.accountId));
	}

	/** The outcome, and what it does to the fence, in one commit. @throws JournalFailure */
	finish(result: ResultBody, change: Partial<Fence> = {}): void {
		this.#commit(() => {
			this.#sql.finish.run(JSON.stringify(result), result.commandId, result.accountId);
			this.fences.change(result.accountId, change);
		});
	}

	/** Does not wait for the disk: an acknowledgement lost with the power means the outcome is sent once more. */
	acknowledge(refs: ReadonlyArray<Pick<CommandRef, 'commandId' | 'accountId'>>): void {
		this.#lazily(() => {
			for (const { commandId, accountId } of refs) this.#sql.acknowledge.run(commandId, accountId);
		});
	}

	/** Outcomes that the server has not acknowledged, oldest first. */
	unacknowledged(): ResultBody[] {
		return this.#sql.done.all().map((row) => readResult(row.result));
	}

	/** Commands of an account without outcome, lowest generation first: an earlier agent was at work on them. */
	unfinished(accountId: string): JournalEntry[] {
		return this.#sql.unfinished.all(accountId).map(readEntry);
	}

	/**
	 * The generation of a Start from the last minutes whose EA may still come: an earlier agent ordered it, and it was not
	 * seen to run.
	 */
	lateLoad(accountId: string): number | null {
		const row = this.#sql.newestStart.get(accountId);
		if (!row) return null;
		// By the wall clock. One that was set back meanwhile makes it look newer, and is waited for in vain at most.
		if (this.#wallMs() - Number(row.receivedAtMs) > LATE_LOAD_MS) return null;
		const isSeen = row.result !== null && readResult(row.result).outcome === 'success';
		return isSeen ? null : Number(row.generation);
	}

	/** Number of the last connection that the server accepted. */
	get connSeqSeen(): number {
		return Number(this.#sql.fact.get('connSeq')?.value ?? 0);
	}

	set connSeqSeen(connSeq: number) {
		this.#commit(() => this.#sql.setFact.run('connSeq', connSeq.toString()));
	}

	/** This journal was begun because the one before was damaged or lost. */
	get isRebuilt(): boolean {
		return this.#sql.fact.get('isRebuilt') !== undefined;
	}

	/** Whether a terminal of this account may have run before this agent began: as long as that is not known, yes. */
	mayHaveRun(accountId: string): boolean {
		return this.isRebuilt || this.fences.of(accountId).process !== null;
	}

	markRebuilt(): void {
		this.#commit(() => this.#sql.setFact.run('isRebuilt', 'true'));
	}

	/** Reads everything once. @throws when something of it is damaged */
	verify(): void {
		const found = this.#db.prepare('PRAGMA integrity_check').all();
		if (found.length !== 1 || found[0]?.integrity_check !== 'ok') throw new Error('the journal is damaged');
		for (const row of this.#db.prepare('SELECT * FROM command').all()) readEntry(row);
	}

	/** Wall time of the last contact with the server that was noted, ms since 1970; null when there was none. */
	get lastContactMs(): number | null {
		const noted = this.#sql.fact.get('lastContact')?.value;
		return noted === undefined ? null : Number(noted);
	}

	set lastContactMs(wallMs: number) {
		this.#lazily(() => this.#sql.setFact.run('lastContact', Math.round(wallMs).toString()));
	}

	/** What was noted of an account's deals; null when that is nothing, or damaged. */
	dealsNoted(accountId: string): string | null {
		const noted = this.#sql.fact.get(dealsOf(accountId))?.value;
		try {
			return noted === undefined ? null : checkedText(accountId, String(noted));
		} catch {
			return null;
		}
	}

	/** Does not wait for the disk: deals that are told once more are stored once all the same. @throws JournalFailure */
	noteDeals(accountId: string, text: string): void {
		this.#lazily(() => this.#sql.setFact.run(dealsOf(accountId), withChecksum(accountId, text)));
	}

	/** The account left this agent. @throws JournalFailure */
	forgetDeals(accountId: string): void {
		this.#lazily(() => this.#sql.dropFact.run(dealsOf(accountId)));
	}

	close(): void {
		this.#db.close();
	}

	#insert(command: CommandRecord, state: CommandState, result: ResultBody | null): void {
		const { commandId, accountId, generation, epoch, kind, closePositions, settings } = command;
		this.#sql.insert.run(
			commandId,
			accountId,
			generation,
			epoch,
			kind,
			closePositions ? 1 : 0,
			JSON.stringify(settings),
			state,
			result && JSON.stringify(result),
			this.#wallMs()
		);
	}

	/** A commit that may be lost with the power. */
	#lazily(work: () => void): void {
		this.#db.exec('PRAGMA synchronous = NORMAL');
		try {
			this.#commit(work);
		} finally {
			this.#db.exec('PRAGMA synchronous = FULL');
		}
	}

	#commit(work: () => void): void {
		const changes = this.fences.snapshot();
		try {
			this.#db.exec('BEGIN IMMEDIATE');
			work();
			this.#db.exec('COMMIT');
		} catch (error) {
			this.fences.restore(changes);
			if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
			throw error instanceof JournalFailure ? error : new JournalFailure(error);
		}
	}
}

const dealsOf = (accountId: string): string => `deals ${accountId}`;

const readResult = (text: unknown): ResultBody => resultSchema.parse(JSON.parse(String(text)));

function readEntry(row: Record<string, unknown>): JournalEntry {
	const kind = COMMAND_KINDS.find((each) => each === row.kind);
	if (!kind) throw new Error(`the journal holds a command of kind ${String(row.kind)}`);
	const command =
		row.settings === null
			? null
			: {
					commandId: String(row.commandId),
					accountId: String(row.accountId),
					generation: Number(row.generation),
					epoch: Number(row.epoch),
					kind,
					closePositions: row.closePositions === 1,
					settings: eaSettingsSchema.parse(JSON.parse(String(row.settings)))
				};
	return {
		state: row.state as CommandState,
		kind,
		command,
		result: row.result === null ? null : readResult(row.result)
	};
}
