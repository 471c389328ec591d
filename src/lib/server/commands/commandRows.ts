/** Commands as they lie in the database, and from there to what the page shows. */
import {
	countResults,
	isFinal,
	isRetryable,
	publicStatus,
	summarise,
	type CommandKind,
	type ResultStatus
} from '#lib/domain/commandLifecycle.ts';
import type { AccountKindName, CommandResultView, CommandView, ProofView } from '#lib/domain/views.ts';
import type { Sql } from '../db.ts';

export const DB_KIND = { start_ea: 'START_EA', pause_ea: 'PAUSE_EA', stop_ea: 'STOP_EA' } as const;
export type DbKind = (typeof DB_KIND)[CommandKind];
export const KIND_OF_DB: Record<DbKind, CommandKind> = {
	START_EA: 'start_ea',
	PAUSE_EA: 'pause_ea',
	STOP_EA: 'stop_ea'
};

export interface CommandRow {
	id: string;
	userId: string;
	kind: DbKind;
	closePositions: boolean;
	createdAt: Date;
	deadlineAt: Date | null;
	readAt: Date | null;
	/** The operator's name; null when the trader pressed. */
	issuedBy: string | null;
}

export interface ResultRow {
	commandId: string;
	accountId: string;
	accountNumber: string;
	accountName: string;
	broker: string;
	accountKind: AccountKindName;
	status: ResultStatus;
	stage: string | null;
	errorCode: string | null;
	error: string | null;
	eaStatus: string | null;
	proof: ProofView | null;
	settledAt: Date | null;
	durationMs: number | null;
}

/** A result before anything was heard of it. */
export const newResult = (
	known: Pick<
		ResultRow,
		'commandId' | 'accountId' | 'accountNumber' | 'accountName' | 'broker' | 'accountKind' | 'status'
	>
): ResultRow => ({
	...known,
	stage: null,
	errorCode: null,
	error: null,
	eaStatus: null,
	proof: null,
	settledAt: null,
	durationMs: null
});

const COMMAND_COLUMNS = `c.id, c."userId", c.kind, c."closePositions", c."createdAt", c."deadlineAt", c."readAt",
	c."issuedBy"`;
const RESULT_COLUMNS = `"commandId", "accountId", "accountNumber", "accountName", broker, "accountKind", status, stage,
	"errorCode", error, "eaStatus", proof, "settledAt", "durationMs"`;

export function commandView(command: CommandRow, results: readonly ResultRow[]): CommandView {
	const kind = KIND_OF_DB[command.kind];
	const statuses = results.map((result) => result.status);
	const counts = countResults(statuses);
	return {
		success: counts.successful === counts.total,
		message: summarise(kind, statuses),
		commandId: command.id,
		command: kind,
		closePositions: command.closePositions,
		createdAt: command.createdAt.toISOString(),
		readAt: command.readAt?.toISOString() ?? null,
		issuedBy: command.issuedBy,
		totalAccounts: counts.total,
		successfulAccounts: counts.successful,
		failedAccounts: counts.failed,
		pendingAccounts: counts.open,
		accounts: results.map(resultView)
	};
}

function resultView(row: ResultRow): CommandResultView {
	const view: CommandResultView = {
		accountId: row.accountId,
		accountNumber: row.accountNumber,
		name: row.accountName,
		broker: row.broker,
		kind: row.accountKind,
		status: publicStatus(row.status),
		willApplyLater: row.status === 'waiting',
		isFinal: isFinal(row.status),
		canRetry: isRetryable(row.status),
		settledAt: row.settledAt?.toISOString() ?? null,
		durationMs: row.durationMs
	};
	if (row.stage !== null && !view.isFinal) view.stage = row.stage;
	if (row.errorCode !== null) view.errorCode = row.errorCode;
	if (row.error !== null) view.error = row.error;
	if (row.eaStatus !== null) view.eaStatus = row.eaStatus;
	if (row.proof !== null) view.proof = row.proof;
	return view;
}

/** The commands with these ids that belong to this user, in no particular order. */
export async function readCommandsById(
	sql: Sql,
	userId: string,
	commandIds: readonly string[]
): Promise<CommandView[]> {
	const { rows } = await sql.query<CommandRow>(
		`SELECT ${COMMAND_COLUMNS} FROM "EaCommand" c WHERE c."userId" = $1 AND c.id = ANY($2::uuid[])`,
		[userId, commandIds]
	);
	return withResults(sql, rows);
}

/**
 * A trader's commands, newest first.
 * @param before only commands older than the one with this id; ids are UUIDv7, so they sort by time
 */
export async function readCommandPage(
	sql: Sql,
	userId: string,
	limit: number,
	before: string | null
): Promise<CommandView[]> {
	const { rows } = await sql.query<CommandRow>(
		`SELECT ${COMMAND_COLUMNS} FROM "EaCommand" c
		 WHERE c."userId" = $1 AND ($2::uuid IS NULL OR (c."createdAt", c.id) <
		   (SELECT b."createdAt", b.id FROM "EaCommand" b WHERE b.id = $2 AND b."userId" = $1))
		 ORDER BY c."createdAt" DESC, c.id DESC LIMIT $3`,
		[userId, before, limit]
	);
	return withResults(sql, rows);
}

/** The trader's commands that reached for this account, newest first, each with what it came to there alone. */
export async function readAccountCommands(
	sql: Sql,
	userId: string,
	accountId: string,
	limit: number
): Promise<CommandView[]> {
	const { rows } = await sql.query<CommandRow>(
		`SELECT ${COMMAND_COLUMNS} FROM "EaCommand" c JOIN "EaCommandResult" r ON r."commandId" = c.id
		 WHERE c."userId" = $1 AND r."accountId" = $2
		 ORDER BY c."createdAt" DESC, c.id DESC LIMIT $3`,
		[userId, accountId, limit]
	);
	return withResults(sql, rows, accountId);
}

/** The newest command whose result list was not put away yet. */
export async function readUnreadCommand(sql: Sql, userId: string): Promise<CommandView | null> {
	const { rows } = await sql.query<CommandRow>(
		`SELECT ${COMMAND_COLUMNS} FROM "EaCommand" c WHERE c."userId" = $1 ORDER BY c."createdAt" DESC, c.id DESC LIMIT 1`,
		[userId]
	);
	const unread = rows.filter((row) => row.readAt === null);
	return (await withResults(sql, unread))[0] ?? null;
}

/** @param accountId set: nothing of the other accounts */
async function withResults(
	sql: Sql,
	commands: CommandRow[],
	accountId: string | null = null
): Promise<CommandView[]> {
	if (commands.length === 0) return [];
	const { rows } = await sql.query<ResultRow>(
		`SELECT ${RESULT_COLUMNS} FROM "EaCommandResult"
		 WHERE "commandId" = ANY($1::uuid[]) AND ($2::uuid IS NULL OR "accountId" = $2)
		 ORDER BY "accountName", "accountId"`,
		[commands.map((command) => command.id), accountId]
	);
	return commands.map((command) =>
		commandView(
			command,
			rows.filter((row) => row.commandId === command.id)
		)
	);
}
