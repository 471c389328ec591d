/** Reads accounts with everything the page shows of them, in one statement; ownership is in the WHERE clause. */
import type { UploadedExpert } from '#lib/domain/expertFileSchema.ts';
import type { SafetyMode } from '#lib/domain/eaSettings.ts';
import type { AccountKindName, AccountStatusName, WantedName } from '#lib/domain/views.ts';
import type { Sql } from '../db.ts';

export interface AccountRow {
	id: string;
	userId: string;
	accountNumber: string;
	name: string;
	broker: string;
	serverName: string;
	currency: string;
	kind: AccountKindName;
	status: AccountStatusName;
	isEnabledForTrading: boolean;
	/** There is no password, or one that is sealed to another agent than the one that has the account now. */
	needsPassword: boolean;
	isPrimary: boolean;
	maxLotSize: string | null;
	maxLoss: string | null;
	safetyMode: SafetyMode | null;
	closePositionsOnStop: boolean | null;
	resumesByItself: boolean;
	isWatchdogOn: boolean;
	/** When the trader switched it on last. */
	watchdogAskedAt: Date | null;
	/** False: the trader disconnected it. */
	isConnectionWanted: boolean;
	tags: string[];
	reconnectAskedAt: Date | null;
	pauseAfterLossMinutes: number | null;
	expertPath: string;
	expertSymbol: string;
	expertTimeframe: string;
	expertMagic: number;
	/** The uploaded version at `expertPath`, and what its agent is told of it; null: none. */
	expertFileId: string | null;
	expertFile: UploadedExpert | null;
	/** It fetches uploaded EAs; null without an agent. */
	canAgentFetchExperts: boolean | null;
	wanted: WantedName;
	wantedGeneration: string;
	wantedAt: Date | null;
	/** Last report that was stored: `{state, figures}`, validated when read. */
	seen: unknown;
	seenAt: Date | null;
	agentId: string | null;
	epoch: number | null;
	agentName: string | null;
	agentLastSeenAt: Date | null;
	/** It keeps a terminal down that is not to be connected; null without an agent. */
	canAgentDisconnect: boolean | null;
	/** Since when this agent has it: what was seen before was seen on another machine. */
	assignedAt: Date | null;
	/** An operator moves it to this agent; null when nothing moves. */
	moveToAgentId: string | null;
	moveToAgentName: string | null;
	moveRequestedAt: Date | null;
	/** Its agent was asked to end the terminal and to let go: commands do not go there any more. */
	isReleasing: boolean;
	defaultMaxLotSize: string;
	defaultMaxLoss: string;
	defaultSafetyMode: SafetyMode;
	defaultClosePositionsOnStop: boolean;
}

/** Asked under this epoch or a newer one. */
const IS_RELEASING = `EXISTS (SELECT 1 FROM "AccountRelease" l
	WHERE l."accountId" = a.id AND l."agentId" = m."agentId" AND l.epoch >= m.epoch)`;

const COLUMNS = `
	a.id, a."userId", a."accountNumber", a.name, a.broker, a."serverName", a.currency, a.kind, a.status,
	a."isEnabledForTrading", a."isPrimary", a."maxLotSize", a."maxLoss", a."safetyMode", a."closePositionsOnStop",
	a."resumesByItself", a."isWatchdogOn", a."watchdogAskedAt", a."pauseAfterLossMinutes",
	a.tags, a."isConnectionWanted", a."reconnectAskedAt",
	(a."sealedPassword" IS NULL OR (a."sealedPassword" LIKE 'x2.%' AND m."agentId" IS NOT NULL
		AND split_part(a."sealedPassword", '.', 2) <> m."agentId"::text)) AS "needsPassword",
	a."expertPath", a."expertSymbol", a."expertTimeframe", a."expertMagic", a."expertFileId",
	CASE WHEN f.id IS NOT NULL THEN jsonb_build_object('sha256', f.sha256, 'bytes', f.bytes, 'inputs',
		CASE WHEN f."inputsSha256" <> '' THEN
			jsonb_build_object('sha256', f."inputsSha256", 'bytes', octet_length(f.inputs)) END) END AS "expertFile",
	s.wanted, s."wantedGeneration", s."wantedAt", s.seen, s."seenAt",
	m."agentId", m.epoch, g.name AS "agentName", g."lastSeenAt" AS "agentLastSeenAt", m."assignedAt",
	'connection' = ANY(g.capabilities) AS "canAgentDisconnect",
	'expert-files' = ANY(g.capabilities) AS "canAgentFetchExperts",
	m."moveToAgentId", m."moveRequestedAt", t.name AS "moveToAgentName", ${IS_RELEASING} AS "isReleasing",
	u."maxLotSize" AS "defaultMaxLotSize", u."maxLoss" AS "defaultMaxLoss",
	u."safetyMode" AS "defaultSafetyMode", u."closePositionsOnStop" AS "defaultClosePositionsOnStop"`;

const TABLES = `
	"User" u
	JOIN "Mt5Account" a ON a."userId" = u.id
	JOIN "AccountState" s ON s."accountId" = a.id
	LEFT JOIN "ExpertFile" f ON f.id = a."expertFileId"
	LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id
	LEFT JOIN "Agent" g ON g.id = m."agentId"
	LEFT JOIN "Agent" t ON t.id = m."moveToAgentId"`;

/** All accounts of one trader, enabled ones first, then by age. */
export async function readAccounts(sql: Sql, userId: string): Promise<AccountRow[]> {
	const { rows } = await sql.query<AccountRow>({
		name: 'accounts-of-user',
		text: `SELECT ${COLUMNS} FROM ${TABLES} WHERE u.id = $1 ORDER BY a."isEnabledForTrading" DESC, a."createdAt", a.id`,
		values: [userId]
	});
	return rows;
}

/** One account of this trader, or null when it is another's or none. */
export async function readAccount(sql: Sql, userId: string, accountId: string): Promise<AccountRow | null> {
	const { rows } = await sql.query<AccountRow>({
		name: 'account-of-user',
		text: `SELECT ${COLUMNS} FROM ${TABLES} WHERE u.id = $1 AND a.id = $2`,
		values: [userId, accountId]
	});
	return rows[0] ?? null;
}

/** All accounts of these traders. For what looks after everybody's; no route may call it. */
export async function readAccountsOf(sql: Sql, userIds: readonly string[]): Promise<AccountRow[]> {
	const { rows } = await sql.query<AccountRow>({
		name: 'accounts-of-users',
		text: OF_USERS,
		values: [userIds]
	});
	return rows;
}

const OF_USERS = `SELECT ${COLUMNS} FROM ${TABLES} WHERE u.id = ANY($1::uuid[])
	ORDER BY a."isEnabledForTrading" DESC, a."createdAt", a.id`;

/**
 * The accounts of these traders with the traders' rows locked, so that commands and toggles of one trader happen one
 * after the other.
 */
export async function lockAccounts(sql: Sql, userIds: readonly string[]): Promise<AccountRow[]> {
	// Two statements, so that the second one sees what was committed while the first one waited; one journey.
	const [userId, ...others] = userIds;
	const [, rows] =
		userId !== undefined && others.length === 0
			? // For one trader PostgreSQL keeps its plans; for several it makes them anew, which takes longer than to read.
				await Promise.all([sql.query(lockOne(userId)), readAccounts(sql, userId)])
			: await Promise.all([sql.query(lockAll(userIds)), readAccountsOf(sql, userIds)]);
	return rows;
}

const lockOne = (userId: string) => ({
	name: 'lock-user',
	text: `SELECT 1 FROM "User" WHERE id = $1 FOR UPDATE`,
	values: [userId]
});

const lockAll = (userIds: readonly string[]) => ({
	name: 'lock-users',
	text: `SELECT 1 FROM "User" WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
	values: [userIds]
});

export type AssignedRow = AccountRow & {
	agentId: string;
	epoch: number;
	sealedPassword: string | null;
	/** The agent's X25519 key; null for one from before there were any. */
	agentSealKey: string | null;
};

/**
 * Active accounts that have an agent, and that it was not asked to let go: all of these agents, or these accounts. For the gateway alone, which acts
 * for the agent and not for a trader; no route may call it.
 */
export async function readAssignedAccounts(
	sql: Sql,
	by: { agentIds: readonly string[] } | { accountIds: readonly string[] }
): Promise<AssignedRow[]> {
	const isByAgent = 'agentIds' in by;
	const { rows } = await sql.query<AssignedRow>({
		name: isByAgent ? 'accounts-of-agents' : 'assigned-accounts',
		text: `SELECT ${COLUMNS}, a."sealedPassword", g."sealKey" AS "agentSealKey" FROM ${TABLES}
		       WHERE ${isByAgent ? 'm."agentId"' : 'm."accountId"'} = ANY($1::uuid[]) AND a.status = 'ACTIVE'
		         AND NOT ${IS_RELEASING}`,
		values: [isByAgent ? by.agentIds : by.accountIds]
	});
	return rows;
}
