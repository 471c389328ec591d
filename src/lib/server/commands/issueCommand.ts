import { createHash } from 'node:crypto';
import { START_DEADLINE_MS } from '#lib/domain/limits.ts';
import { tagKey } from '#lib/domain/tags.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { signedCommand } from '../agents/signedCommand.ts';
import { settingsOf } from '../accounts/accountView.ts';
import type { Caller } from '../app.ts';
import { requireStepUp } from '../auth/stepUp.ts';
import type { CommandCore } from '../commandCore.ts';
import { crashpoint } from '../crashpoint.ts';
import { AppError } from '../errors.ts';
import type { CommandInput } from './commandInput.ts';
import {
	commandView,
	DB_KIND,
	KIND_OF_DB,
	newResult,
	type CommandRow,
	type ResultRow
} from './commandRows.ts';
import type { CommandTransaction } from './commandStore.ts';
import type { CommandToStore, StoredCommand } from './storeCommand.ts';
import { planCommand, type PlannedResult } from './planCommand.ts';

/**
 * One press of Start, Pause or Stop: commits the command with one result per account and the next generation
 * of each, then sends the frames, all at once, and waits for the accounts.
 *
 * The rows are committed as `dispatched` before anything is sent: a crash in between leaves "unknown", never a
 * command that ran and is remembered as not sent.
 *
 * @param idempotencyKey the same key with the same request gives the same command
 * @throws AppError NO_ENABLED_ACCOUNT, ACCOUNT_NOT_ENABLED, NOT_FOUND, IDEMPOTENCY_MISMATCH, RATE_LIMITED,
 *   STEP_UP_REQUIRED
 */
export async function issueCommand(
	core: CommandCore,
	caller: Caller,
	input: CommandInput,
	idempotencyKey: string | null
): Promise<CommandView> {
	return (await sendCommand(core, caller, input, idempotencyKey)).answer();
}

/**
 * As `issueCommand`, up to the sending.
 * @returns the command as it was sent, and how to wait for its accounts
 */
export async function sendCommand(
	core: CommandCore,
	caller: Caller,
	input: CommandInput,
	idempotencyKey: string | null
): Promise<{ sent: CommandView | null; answer: () => Promise<CommandView> }> {
	const requestHash = hashRequest(input);
	const receivedAt = core.now();
	if (input.command === 'start_ea' && core.isJustAwake()) throw tooOld();
	if (core.isDraining && input.command === 'start_ea')
		throw new AppError(
			'UNAVAILABLE',
			'The server is being restarted. Nothing was started; press Start again in a few seconds.',
			{ retryAfterSeconds: 5 }
		);
	// A Stop that was sent without the database comes first: it has the higher generation.
	await core.emergencies.record();
	// Said before the frames are; the press does not wait for the answers.
	void core.others.watch(caller.userId);
	// Pause and Stop never queue behind a crowd of Starts.
	const lane = input.command === 'start_ea' ? 'start' : 'halt';
	const issued = await core.store.transaction([caller.userId], lane, async (transaction) => {
		const earlier = idempotencyKey ? await transaction.findByKey(caller.userId, idempotencyKey) : null;
		if (earlier) {
			if (earlier.requestHash === requestHash) return { earlierId: earlier.id };
			throw new AppError(
				'IDEMPOTENCY_MISMATCH',
				'This Idempotency-Key was used for another command. Use a new key for a new command.'
			);
		}
		// Stopping must always be possible; only Start is bounded.
		if (input.command === 'start_ea') await core.startLimit.consume(caller.userId);
		const plan = planOf(core, transaction, { caller, input });
		const isRealStart = input.command === 'start_ea' && plan.some(({ row }) => row.kind === 'REAL');
		if (isRealStart) requireStepUp(core, caller, 'real_start');
		return store(core, transaction, [{ caller, input, receivedAt, idempotencyKey, requestHash, plan }]);
	});
	if ('earlierId' in issued)
		return { sent: null, answer: () => core.commands.follow(caller.userId, issued.earlierId) };
	const [sent] = issued.map((each) => dispatch(core, each));
	if (!sent) throw new Error('a command was stored and not sent');
	return { sent: sent.view, answer: () => sent.answer };
}

/** What one trader is to have stopped, and in whose name. */
export interface StopOrder {
	caller: Caller;
	accountIds: readonly string[];
}

/**
 * Stops of several traders, in one commit: all of them are sent, or none. Closes nothing, and waits for no terminal.
 * @param orders at most one of each trader
 * @throws AppError NOT_FOUND
 */
export async function sendStops(core: CommandCore, orders: readonly StopOrder[]): Promise<CommandView[]> {
	const receivedAt = core.now();
	await core.emergencies.record();
	const userIds = orders.map(({ caller }) => caller.userId);
	for (const userId of userIds) void core.others.watch(userId);
	const issued = await core.store.transaction(userIds, 'halt', (transaction) =>
		store(
			core,
			transaction,
			orders.map(({ caller, accountIds }) => {
				const input: CommandInput = {
					command: 'stop_ea',
					accountIds: [...accountIds],
					closePositions: false
				};
				const plan = planOf(core, transaction, { caller, input });
				const requestHash = hashRequest(input);
				return { caller, input, receivedAt, idempotencyKey: null, requestHash, plan };
			})
		)
	);
	return issued.map((each) => dispatch(core, each).view);
}

interface Issue {
	caller: Caller;
	input: CommandInput;
	receivedAt: Date;
	idempotencyKey: string | null;
	requestHash: string;
	plan: PlannedResult[];
}

/** Committed, and about to be sent. */
interface Issued {
	userId: string;
	view: CommandView;
	frames: { agentId: string; frame: ReturnType<typeof signedCommand> }[];
	publish: () => void;
}

const planOf = (
	core: CommandCore,
	transaction: CommandTransaction,
	{ caller, input }: Pick<Issue, 'caller' | 'input'>
): PlannedResult[] =>
	planCommand(input, transaction.accountsOf(caller.userId), (agentId) => core.agents.routeOf(agentId));

/** After the commit: to the agents, and to the pages. */
function dispatch(core: CommandCore, { userId, view, frames, publish }: Issued) {
	const answer = core.commands.begin(view, userId);
	crashpoint('command-committed');
	for (const { agentId, frame } of frames) {
		core.agents.send(agentId, frame);
		crashpoint('command-sent');
	}
	publish();
	return { view, answer };
}

async function store(
	core: CommandCore,
	transaction: CommandTransaction,
	issues: readonly Issue[]
): Promise<Issued[]> {
	const drafts = issues.map((issue) => draft(core, issue));
	const stored = await transaction.store(drafts.map(({ toStore }) => toStore));
	return drafts.map(({ toStore, view }, i) => finished(core, toStore, view, stored[i]));
}

function draft(core: CommandCore, issue: Issue): { toStore: CommandToStore; view: CommandView } {
	const { caller, input, receivedAt, idempotencyKey, requestHash, plan } = issue;
	const createdAt = core.now();
	const isStart = input.command === 'start_ea';
	// From the press on, however long the way to this line was.
	const deadlineMs = receivedAt.getTime() + START_DEADLINE_MS;
	if (isStart && createdAt.getTime() >= deadlineMs) throw tooOld();
	const closeOf = ({ row }: PlannedResult) =>
		input.command === 'stop_ea' && (input.closePositions ?? settingsOf(row).closePositionsOnStop);
	const command: CommandRow = {
		id: core.newId(),
		userId: caller.userId,
		kind: DB_KIND[input.command],
		closePositions: plan.some(closeOf),
		createdAt,
		deadlineAt: isStart ? new Date(deadlineMs) : null,
		readAt: null,
		issuedBy: caller.operator?.name ?? null
	};
	const view = commandView(
		command,
		plan.map((planned) => resultRow(command, planned))
	);
	return { toStore: { command, idempotencyKey, requestHash, plan, closeOf, caller }, view };
}

function finished(
	core: CommandCore,
	{ command, plan, closeOf, caller: { userId } }: CommandToStore,
	view: CommandView,
	stored: StoredCommand | undefined
): Issued {
	if (!stored) throw new Error('a command was stored without an answer');
	const frames = plan.flatMap((planned) => {
		const { row, status } = planned;
		const generation = stored.generations.get(row.id);
		if (status !== 'dispatched' || row.agentId === null || row.epoch === null || generation === undefined)
			return [];
		return {
			agentId: row.agentId,
			frame: signedCommand(core.signer, row.agentId, {
				type: 'command',
				commandId: command.id,
				accountId: row.id,
				generation,
				epoch: row.epoch,
				kind: KIND_OF_DB[command.kind],
				closePositions: closeOf(planned),
				settings: settingsOf(row),
				notAfterMs: command.deadlineAt?.getTime() ?? null
			})
		};
	});
	const publish = () => {
		core.hub.publish({
			userId,
			seq: stored.eventSeq,
			messages: [{ name: 'command', body: view }]
		});
		core.commands.announceSuperseded(userId, stored.supersededCommandIds);
	};
	return { userId, view, frames, publish };
}

const tooOld = (): AppError =>
	new AppError(
		'UNAVAILABLE',
		'The server stood still, or its database was too slow, so this Start is too old to be carried out. Nothing was started; press Start again.',
		{ retryAfterSeconds: 1 }
	);

function resultRow(command: CommandRow, { row, status, errorCode, error }: PlannedResult): ResultRow {
	const result = newResult({
		commandId: command.id,
		accountId: row.id,
		accountNumber: row.accountNumber,
		accountName: row.name,
		broker: row.broker,
		accountKind: row.kind,
		status
	});
	return { ...result, errorCode, error, settledAt: status === 'agent_offline' ? command.createdAt : null };
}

function hashRequest(input: CommandInput): string {
	const canonical = [
		input.command,
		[...(input.accountIds ?? [])].sort(),
		input.closePositions ?? null,
		input.everyAccount ?? false,
		...(input.tag === undefined ? [] : [tagKey(input.tag)])
	];
	return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
