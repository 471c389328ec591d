/**
 * Stop while the database is away. Start and Pause need it; Stop must not. It goes to every agent whose line is
 * here, from what the lines know, and is written down as soon as the database is back. Owns the emergency Stops
 * that are not written down yet; they are lost with the process, but the agents' journals keep what they did,
 * and tell their generation when they come back.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { isFinal, isReached } from '#lib/domain/commandLifecycle.ts';
import { hasTag } from '#lib/domain/tags.ts';
import { EMERGENCY_ANSWER_MS, EMERGENCY_GENERATIONS } from '#lib/domain/limits.ts';
import type { CommandView } from '#lib/domain/views.ts';
import type { Gateway, HeldAccount } from '../agents/gateway.ts';
import { signedCommand } from '../agents/signedCommand.ts';
import type { Caller } from '../app.ts';
import type { ServerSigner } from '../crypto/signingKey.ts';
import { AppError } from '../errors.ts';
import type { EventHub } from '../live/eventHub.ts';
import type { Logger } from '../logger.ts';
import type { CommandInput } from './commandInput.ts';
import { commandView, newResult, type CommandRow, type ResultRow } from './commandRows.ts';
import type { ResultChange } from './resultStore.ts';

export interface EmergencyResult extends HeldAccount {
	generation: number;
	closePositions: boolean;
}

/** An emergency Stop as it is written down afterwards. */
export interface EmergencyCommand {
	command: CommandRow;
	caller: Caller;
	idempotencyKey: string | null;
	results: EmergencyResult[];
}

/** Writes one down; again is the same as once. @returns the number of its live event; null when it was there */
export type RecordEmergency = (emergency: EmergencyCommand) => Promise<bigint | null>;

interface Unrecorded extends EmergencyCommand {
	rows: ResultRow[];
	onChange: () => void;
}

export interface EmergencyStopDependencies {
	gateway: Pick<Gateway, 'heldAccountsOf' | 'send'>;
	signer: ServerSigner;
	record: RecordEmergency;
	hub: EventHub;
	clock: TimerClock;
	newId: () => string;
	logger: Logger;
}

export class EmergencyStops {
	readonly #deps: EmergencyStopDependencies;
	readonly #unrecorded = new Map<string, Unrecorded>();
	#recording: Promise<void> | null = null;

	constructor(deps: EmergencyStopDependencies) {
		this.#deps = deps;
	}

	/**
	 * Stops what a Stop would reach, as far as it has a line here.
	 * @returns what the agents answered within a few seconds
	 * @throws AppError UNAVAILABLE when no agent of the trader has a line here
	 */
	async stop(caller: Caller, input: CommandInput, idempotencyKey: string | null): Promise<CommandView> {
		const earlier = [...this.#unrecorded.values()].find(
			(one) =>
				idempotencyKey !== null &&
				one.caller.userId === caller.userId &&
				one.idempotencyKey === idempotencyKey
		);
		const emergency = earlier ?? this.#send(caller, input, idempotencyKey);
		await this.#answers(emergency);
		return this.#viewOf(emergency);
	}

	/** An agent said something of a command: the page that waits for an emergency Stop hears of it at once. */
	notice(change: ResultChange): void {
		const emergency = this.#unrecorded.get(change.commandId);
		const row = emergency?.rows.find(({ accountId }) => accountId === change.accountId);
		if (!emergency || !row || isFinal(row.status)) return;
		Object.assign(row, change);
		this.#deps.hub.publishUnnumbered(emergency.caller.userId, {
			name: 'results',
			body: this.#viewOf(emergency)
		});
		emergency.onChange();
	}

	/** Writes down what is not yet; before that, no newer command and no result may be. @throws as the database */
	record(): Promise<void> {
		if (this.#unrecorded.size === 0) return Promise.resolve();
		this.#recording ??= this.#recordAll().finally(() => (this.#recording = null));
		return this.#recording;
	}

	async #recordAll(): Promise<void> {
		const { record, hub, logger } = this.#deps;
		for (const [commandId, emergency] of [...this.#unrecorded]) {
			const seq = await record(emergency);
			this.#unrecorded.delete(commandId);
			logger.warn({ commandId, userId: emergency.caller.userId }, 'an emergency Stop is written down');
			const message = { name: 'command', body: this.#viewOf(emergency) } as const;
			if (seq !== null) hub.publish({ userId: emergency.caller.userId, seq, messages: [message] });
		}
	}

	#send(caller: Caller, input: CommandInput, idempotencyKey: string | null): Unrecorded {
		const { gateway, signer, clock, newId, logger } = this.#deps;
		const named = input.accountIds && new Set(input.accountIds);
		const { tag } = input;
		const held = gateway
			.heldAccountsOf(caller.userId)
			.filter(({ accountId, known }) =>
				named
					? named.has(accountId)
					: (input.everyAccount ?? (isReached('stop_ea', known) && (tag === undefined || hasTag(known, tag))))
			);
		if (held.length === 0)
			throw new AppError(
				'UNAVAILABLE',
				'The database cannot be reached, and no agent with your accounts is connected to this server, so nothing could be stopped. Use `agent stop-all` on the VPS, or your broker’s own terminal.',
				{ retryAfterSeconds: 5 }
			);
		const results = held.map((account) => ({
			...account,
			// Above whatever was given out meanwhile by another server or a commit whose answer was lost.
			generation: account.known.generation + EMERGENCY_GENERATIONS,
			closePositions: input.closePositions ?? account.known.settings.closePositionsOnStop
		}));
		const command: CommandRow = {
			id: newId(),
			userId: caller.userId,
			kind: 'STOP_EA',
			closePositions: results.some(({ closePositions }) => closePositions),
			createdAt: new Date(clock.wallMs()),
			deadlineAt: null,
			readAt: null,
			issuedBy: null
		};
		const rows = results.map((result) => rowOf(command.id, result));
		const emergency: Unrecorded = {
			command,
			caller,
			idempotencyKey,
			results,
			rows,
			onChange: () => undefined
		};
		this.#unrecorded.set(command.id, emergency);
		logger.warn(
			{ commandId: command.id, userId: caller.userId, accounts: results.length },
			'the database is away: an emergency Stop is sent'
		);
		for (const { agentId, accountId, epoch, generation, closePositions, known } of results)
			gateway.send(
				agentId,
				signedCommand(signer, agentId, {
					type: 'command',
					commandId: command.id,
					accountId,
					generation,
					epoch,
					kind: 'stop_ea',
					closePositions,
					settings: known.settings,
					notAfterMs: null
				})
			);
		return emergency;
	}

	/** Says that it is not written down for as long as that is so. */
	#viewOf({ command, rows }: Unrecorded): CommandView {
		const view = commandView(command, rows);
		if (!this.#unrecorded.has(command.id)) return view;
		return {
			...view,
			message: `${view.message} The database is away: this went only to agents connected here, and is written down when it is back.`
		};
	}

	/** Waits until every account answered, but not for ever. */
	#answers(emergency: Unrecorded): Promise<void> {
		return new Promise((resolve) => {
			const isDone = () => emergency.rows.every(({ status }) => isFinal(status));
			if (isDone()) return resolve();
			const forgetTimer = this.#deps.clock.after(EMERGENCY_ANSWER_MS, resolve);
			const before = emergency.onChange;
			emergency.onChange = () => {
				before();
				if (!isDone()) return;
				forgetTimer();
				resolve();
			};
		});
	}
}

const rowOf = (commandId: string, { accountId, known }: EmergencyResult): ResultRow =>
	newResult({
		commandId,
		accountId,
		accountNumber: known.accountNumber,
		accountName: known.name,
		broker: known.broker,
		accountKind: known.kind,
		status: 'dispatched'
	});
