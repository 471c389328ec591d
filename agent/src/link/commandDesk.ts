/**
 * Where commands come in and results go out. Checks every command against the journal before anything is
 * done; nothing is answered, and nothing acted on, that is not journalled, but for a Stop or Pause on a full
 * disk.
 */
import { type WebFrames } from '#lib/protocol/frames.ts';
import { type Proof } from '#lib/protocol/seen.ts';
import { type Clock } from '../clock.ts';
import { crashpoint } from '../crashpoint.ts';
import { type Logger } from '../logger.ts';
import { type EaCommand } from '../supervisor/command.ts';
import { expired, failed, indeterminate, superseded } from '../supervisor/outcomes.ts';
import { type Pool } from '../supervisor/pool.ts';
import { type AgentEvent, type IncidentReport, type Outcome, type Reporter } from '../supervisor/reporter.ts';
import { type CommandRules } from './commandRules.ts';
import { type Outgoing } from './connection.ts';
import { type Fence } from './fences.ts';
import { type ServerTime } from './serverTime.ts';
import { fenceOf, type Journal, type ResultBody } from './journal.ts';
import { IncidentOutbox } from './incidentOutbox.ts';
import { EventOutbox } from './outbox.ts';
import { StartLimit } from './startLimit.ts';

/** A stage that is over sooner is not told: nobody could read it, and the outcome would wait for it. */
const STAGE_SHOWN_AFTER_MS = 25;
const never = new AbortController().signal;

export interface CommandDeskDependencies {
	journal: Journal;
	/** Made after the desk, since the supervisors report to it. */
	pool: () => Pool;
	rules: CommandRules;
	/** Only Stop and Pause are taken then. */
	isSafeMode: () => boolean;
	clock: Clock;
	serverTime: ServerTime;
	logger: Logger;
	/** @returns false when the line is down; a true proves nothing */
	send: (frame: Outgoing) => boolean;
}

export class CommandDesk implements Reporter {
	readonly #deps: CommandDeskDependencies;
	readonly #events: EventOutbox;
	readonly #incidents: IncidentOutbox;
	readonly #starts: StartLimit;
	/** Commands that the journal could not take, by command and account, or their results; null: at work. They are
	 * remembered here, or they would run when they come once more. */
	readonly #unjournalled = new Map<string, { result: ResultBody | null; isAcknowledged: boolean }>();
	/** The newest stage of each command at work that was not told yet. */
	readonly #stages = new Map<string, Extract<Outgoing, { type: 'progress' }>>();
	/** Commands that came before the sync was complete. */
	#held: Array<{ frame: WebFrames['command']; atMs: number }> = [];
	#isSynced = false;

	constructor(deps: CommandDeskDependencies) {
		this.#deps = deps;
		this.#events = new EventOutbox(deps.clock);
		this.#incidents = new IncidentOutbox(deps.clock);
		this.#starts = new StartLimit(() => deps.clock.monotonicMs());
	}

	/** A new line: the accounts come first. */
	onLine(): void {
		this.#isSynced = false;
		this.#held = [];
	}

	/** The accounts are known: what waited for them goes on, and every open outcome is told again. */
	onSynced(): void {
		this.#isSynced = true;
		this.#incidents.startOver();
		const held = this.#held;
		this.#held = [];
		for (const { frame, atMs } of held) this.#receive(frame, atMs);
		this.resend();
	}

	onCommand(frame: WebFrames['command']): void {
		const atMs = this.#deps.clock.monotonicMs();
		if (this.#isSynced) this.#receive(frame, atMs);
		else this.#held.push({ frame, atMs });
	}

	onAck({ results }: WebFrames['ack']): void {
		for (const ref of results) {
			const kept = this.#unjournalled.get(keyOf(ref));
			if (kept) kept.isAcknowledged = true;
		}
		try {
			this.#deps.journal.acknowledge(results);
			crashpoint('acknowledged');
		} catch (error) {
			// They are sent again, and acknowledged again.
			this.#deps.logger.error({ err: error }, 'acknowledgements could not be journalled');
		}
	}

	/** What became of these? A Start that never came is buried first, so that the answer stays true. */
	onSettle({ commands }: WebFrames['settle']): void {
		const { journal, send, logger } = this.#deps;
		for (const ref of commands) this.#giveUpIfForgotten(ref);
		const found = commands.map((ref) => ({ ref, entry: this.#find(ref) }));
		try {
			journal.bury(found.flatMap(({ ref, entry }) => (!entry && ref.kind === 'start_ea' ? [ref] : [])));
		} catch (error) {
			logger.error({ err: error }, 'a question of the server stays open: the journal cannot be written');
			return;
		}
		const answers = found.map(({ ref: { commandId, accountId, generation }, entry }) => ({
			commandId,
			accountId,
			generation,
			verdict: !entry || entry.isBuried ? 'never_received' : entry.result ? 'answered' : 'in_work'
		})) satisfies Extract<Outgoing, { type: 'settled' }>['answers'];
		for (const { entry } of found) if (entry?.result) send({ type: 'result', ...entry.result });
		send({ type: 'settled', answers });
	}

	/** Sends everything again that the server has not acknowledged. */
	resend(): void {
		const { journal, send } = this.#deps;
		this.#events.flush(send);
		this.#incidents.flush(send);
		const unjournalled = [...this.#unjournalled.values()].flatMap(({ result, isAcknowledged }) =>
			result && !isAcknowledged ? [result] : []
		);
		for (const result of [...journal.unacknowledged(), ...unjournalled]) send({ type: 'result', ...result });
	}

	progress(command: EaCommand, stage: string, proof: Proof | null): void {
		const { commandId, accountId, generation, epoch } = command;
		const key = keyOf(command);
		const isToldSoon = this.#stages.has(key);
		this.#stages.set(key, {
			type: 'progress',
			commandId,
			accountId,
			generation,
			epoch,
			stage: stage.slice(0, 120),
			proof
		});
		if (!isToldSoon) void this.#tellStage(key);
	}

	async #tellStage(key: string): Promise<void> {
		await this.#deps.clock.sleep(STAGE_SHOWN_AFTER_MS, never);
		const stage = this.#stages.get(key);
		this.#stages.delete(key);
		if (stage) this.#deps.send(stage);
	}

	finish(command: EaCommand, outcome: Outcome, change: Partial<Fence> = {}): void {
		const { journal, logger, send } = this.#deps;
		const result = this.#resultOf(command, outcome);
		try {
			if (command.isJournalled) journal.finish(result, change);
			else this.#keepInMemory(result);
		} catch (error) {
			logger.error({ err: error, result }, 'an outcome could not be journalled');
			this.#keepInMemory(result);
			journal.fences.changeInMemory(command.accountId, change);
		}
		const { accountId, commandId, kind, generation } = command;
		crashpoint('outcome-journalled');
		this.#stages.delete(keyOf(result));
		logger.info({ accountId, commandId, kind, generation, ...outcome, proof: undefined }, 'command finished');
		send({ type: 'result', ...result });
		crashpoint('outcome-sent');
	}

	event(event: AgentEvent): void {
		const { logger, send } = this.#deps;
		logger[event.level]({ accountId: event.accountId, code: event.code }, event.message);
		this.#events.add(event);
		if (this.#isSynced) this.#events.flush(send);
	}

	incident(report: IncidentReport): void {
		this.#incidents.put(report);
		if (this.#isSynced) this.#incidents.flush(this.#deps.send);
	}

	#receive(frame: WebFrames['command'], atMs: number): void {
		const { journal, pool, rules, serverTime, logger } = this.#deps;
		const command = commandOf(frame, atMs);
		const { commandId, accountId, kind } = command;
		crashpoint('received');
		if (this.#isRepeat(command)) return;
		const account = pool().accountOf(accountId);
		if (!account) return this.#refuse(command, failed('unknown_account'));
		if (command.epoch !== account.epoch) return this.#refuse(command, failed('not_owner'));
		const { maxGeneration } = journal.fences.of(accountId);
		if (rules.isSuperseded(command, maxGeneration)) return this.#refuse(command, superseded);
		if (kind === 'start_ea' && this.#isForgotten(command))
			return this.#refuse(command, indeterminate('journal_lost'));
		if (kind === 'start_ea' && this.#deps.isSafeMode()) return this.#refuse(command, failed('safe_mode'));
		if (kind === 'start_ea' && rules.isTooLate(frame.notAfterMs, serverTime))
			return this.#refuse(command, expired);
		if (kind === 'start_ea' && !this.#starts.take()) return this.#refuse(command, failed('too_many_starts'));
		try {
			journal.accept(command);
		} catch (error) {
			logger.error({ err: error, accountId, commandId, kind }, 'a command could not be journalled');
			if (kind === 'start_ea') return this.#refuse(command, failed('journal'));
			command.isJournalled = false;
			this.#unjournalled.set(keyOf(command), { result: null, isAcknowledged: false });
			journal.fences.changeInMemory(accountId, fenceOf(command));
		}
		crashpoint('journalled');
		logger.info({ accountId, commandId, kind, generation: command.generation }, 'command accepted');
		this.progress(command, 'accepted', null);
		pool().submit(command);
	}

	/** A damaged journal may have known this Start: nobody can say any more whether it ran. */
	#isForgotten({ accountId, generation }: { accountId: string; generation: number }): boolean {
		const { journal } = this.#deps;
		if (!journal.isRebuilt) return false;
		const { epoch, forgottenGeneration } = journal.fences.of(accountId);
		return epoch === 0 || generation <= forgottenGeneration;
	}

	#giveUpIfForgotten(ref: WebFrames['settle']['commands'][number]): void {
		const { journal, logger } = this.#deps;
		if (ref.kind !== 'start_ea' || !this.#isForgotten(ref)) return;
		if (journal.find(ref.commandId, ref.accountId)) return;
		const { commandId, accountId, generation } = ref;
		const { epoch } = journal.fences.of(accountId);
		const body = { commandId, accountId, generation, epoch, ...indeterminate('journal_lost'), durationMs: 0 };
		try {
			journal.giveUp(ref, body);
		} catch (error) {
			logger.error({ err: error }, 'a question of the server stays open: the journal cannot be written');
		}
	}

	/** What is known of a command, by the journal or by what that could not take; null result: at work. */
	#find(ref: {
		commandId: string;
		accountId: string;
	}): { result: ResultBody | null; isBuried: boolean } | null {
		const kept = this.#unjournalled.get(keyOf(ref));
		if (kept) return { result: kept.result, isBuried: false };
		const entry = this.#deps.journal.find(ref.commandId, ref.accountId);
		return entry && { result: entry.result, isBuried: entry.state === 'tombstone' };
	}

	/** A command that is known already is answered from the journal, and never run twice. */
	#isRepeat(command: EaCommand): boolean {
		const { send } = this.#deps;
		const entry = this.#find(command);
		if (!entry) return false;
		if (entry.result) send({ type: 'result', ...entry.result });
		else if (entry.isBuried) send({ type: 'result', ...this.#resultOf(command, expired) });
		else this.progress(command, 'at work', null);
		return true;
	}

	/** Answers without any effect. */
	#refuse(command: EaCommand, outcome: Outcome): void {
		const { journal, send, logger } = this.#deps;
		const result = this.#resultOf(command, outcome);
		try {
			journal.refuse(command, result);
		} catch (error) {
			logger.error({ err: error, result }, 'a refusal could not be journalled');
			this.#keepInMemory(result);
		}
		send({ type: 'result', ...result });
	}

	#keepInMemory(result: ResultBody): void {
		this.#unjournalled.set(keyOf(result), { result, isAcknowledged: false });
	}

	#resultOf(
		{ commandId, accountId, generation, epoch, acceptedAtMs }: EaCommand,
		outcome: Outcome
	): ResultBody {
		const durationMs = Math.max(0, Math.round(this.#deps.clock.monotonicMs() - acceptedAtMs));
		return { commandId, accountId, generation, epoch, ...outcome, durationMs };
	}
}

const keyOf = ({ commandId, accountId }: { commandId: string; accountId: string }): string =>
	`${commandId} ${accountId}`;

const commandOf = (frame: WebFrames['command'], acceptedAtMs: number): EaCommand => {
	const { commandId, accountId, generation, epoch, kind, closePositions, settings, notAfterMs } = frame;
	return {
		commandId,
		accountId,
		generation,
		epoch,
		kind,
		closePositions,
		settings,
		notAfterMs,
		acceptedAtMs,
		isJournalled: true
	};
};
