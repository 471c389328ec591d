import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { START_DEADLINE_MS } from '#lib/domain/limits.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { lockAccounts } from '../accounts/accountRows.ts';
import { settingsOf } from '../accounts/accountView.ts';
import type { App, Caller } from '../app.ts';
import type { Sql } from '../db.ts';
import { AppError } from '../errors.ts';
import type { CommandInput } from './commandInput.ts';
import { commandView, DB_KIND, type CommandRow, type ResultRow } from './commandRows.ts';
import { planCommand, type PlannedResult } from './planCommand.ts';
import { storeCommand } from './storeCommand.ts';

/**
 * One press of Start, Pause or Stop: commits the command with one result per account and the next generation
 * of each, then sends the frames, all at once, and waits for the accounts.
 *
 * The rows are committed as `dispatched` before anything is sent: a crash in between leaves "unknown", never a
 * command that ran and is remembered as not sent.
 *
 * @param idempotencyKey the same key with the same request gives the same command
 * @throws AppError NO_ENABLED_ACCOUNT, ACCOUNT_NOT_ENABLED, NOT_FOUND, IDEMPOTENCY_MISMATCH, RATE_LIMITED
 */
export async function issueCommand(
	app: App,
	caller: Caller,
	input: CommandInput,
	idempotencyKey: string | null
): Promise<CommandView> {
	const requestHash = hashRequest(input);
	// Pause and Stop never queue behind a crowd of Starts.
	const lane = `${input.command === 'start_ea' ? 'start' : 'halt'} ${caller.userId}`;
	const issued = await app.db.transaction(async (sql) => {
		const accounts = await lockAccounts(sql, caller.userId);
		const earlier = idempotencyKey ? await findByKey(sql, caller.userId, idempotencyKey) : null;
		if (earlier) {
			if (earlier.requestHash === requestHash) return { earlierId: earlier.id };
			throw new AppError(
				'IDEMPOTENCY_MISMATCH',
				'This Idempotency-Key was used for another command. Use a new key for a new command.'
			);
		}
		// Stopping must always be possible; only Start is bounded.
		if (input.command === 'start_ea') await app.limits.start.consume(caller.userId);
		const plan = planCommand(input, accounts, (agentId) => app.reports.isAgentConnected(agentId));
		return store(app, sql, caller, input, idempotencyKey, requestHash, plan);
	}, lane);
	if ('earlierId' in issued) return app.commands.follow(caller.userId, issued.earlierId);

	const { view, frames, publish } = issued;
	const answer = app.commands.begin(view, caller.userId);
	publish();
	for (const { agentId, frame } of frames) app.agents.send(agentId, frame);
	return answer;
}

async function store(
	app: App,
	sql: Sql,
	caller: Caller,
	input: CommandInput,
	idempotencyKey: string | null,
	requestHash: string,
	plan: PlannedResult[]
) {
	const createdAt = app.now();
	const isStart = input.command === 'start_ea';
	const closeOf = ({ row }: PlannedResult) =>
		input.command === 'stop_ea' && (input.closePositions ?? settingsOf(row).closePositionsOnStop);
	const command: CommandRow = {
		id: uuidv7(),
		userId: caller.userId,
		kind: DB_KIND[input.command],
		closePositions: plan.some(closeOf),
		createdAt,
		deadlineAt: isStart ? new Date(createdAt.getTime() + START_DEADLINE_MS) : null,
		readAt: null
	};
	const view = commandView(
		command,
		plan.map((planned) => resultRow(command, planned))
	);
	const stored = await storeCommand(sql, { command, idempotencyKey, requestHash, plan, closeOf, caller });
	const frames = plan.flatMap((planned) => {
		const { row, status } = planned;
		const generation = stored.generations.get(row.id);
		if (status !== 'dispatched' || row.agentId === null || row.epoch === null || generation === undefined)
			return [];
		return {
			agentId: row.agentId,
			frame: {
				type: 'command' as const,
				commandId: command.id,
				accountId: row.id,
				generation,
				epoch: row.epoch,
				kind: input.command,
				closePositions: closeOf(planned),
				settings: settingsOf(row),
				notAfterMs: command.deadlineAt?.getTime() ?? null
			}
		};
	});
	const publish = () => {
		app.hub.publish({
			userId: caller.userId,
			seq: stored.eventSeq,
			messages: [{ name: 'command', body: view }]
		});
		app.commands.announceSuperseded(caller.userId, stored.supersededCommandIds);
	};
	return { view, frames, publish };
}

function resultRow(command: CommandRow, { row, status, errorCode, error }: PlannedResult): ResultRow {
	return {
		commandId: command.id,
		accountId: row.id,
		accountNumber: row.accountNumber,
		accountName: row.name,
		broker: row.broker,
		accountKind: row.kind,
		status,
		stage: null,
		errorCode,
		error,
		eaStatus: null,
		proof: null,
		settledAt: status === 'agent_offline' ? command.createdAt : null,
		durationMs: null
	};
}

function hashRequest(input: CommandInput): string {
	const canonical = [input.command, [...(input.accountIds ?? [])].sort(), input.closePositions ?? null];
	return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

async function findByKey(
	sql: Sql,
	userId: string,
	key: string
): Promise<{ id: string; requestHash: string } | null> {
	const { rows } = await sql.query<{ id: string; requestHash: string }>(
		`SELECT id, "requestHash" FROM "EaCommand" WHERE "userId" = $1 AND "idempotencyKey" = $2`,
		[userId, key]
	);
	return rows[0] ?? null;
}
