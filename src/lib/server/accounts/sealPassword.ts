/**
 * MT5 passwords that only the agent can open (`QUINTET_CREDENTIALS=agent`): who it would be sealed to, whether what
 * a browser sealed fits, and sealing at the door where the browser could not.
 */
import { sealedParts, type SealRecipient } from '#lib/protocol/seal.ts';
import { sealKeyId, sealNow } from '#lib/protocol/sealNode.ts';
import type { App } from '../app.ts';
import type { Sql, Tx } from '../db.ts';
import { AppError } from '../errors.ts';
import { chooseAgent } from './assignAccounts.ts';
import type { PasswordAccount } from './passwordOwner.ts';

interface AgentKey {
	agentId: string;
	sealKey: string;
}

const MAY_WORK = `g."approvedAt" IS NOT NULL AND g."lockedAt" IS NULL AND g."revokedAt" IS NULL`;

/** The agent that has this account of this trader, with its key; null when none has. */
async function agentOf(sql: Sql, userId: string, accountId: string): Promise<AgentKey | null> {
	const { rows } = await sql.query<AgentKey>(
		`SELECT g.id AS "agentId", g."sealKey" FROM "Mt5Account" a
		 JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id JOIN "Agent" g ON g.id = m."agentId"
		 WHERE a.id = $1 AND a."userId" = $2 AND g."sealKey" IS NOT NULL AND ${MAY_WORK}`,
		[accountId, userId]
	);
	return rows[0] ?? null;
}

/**
 * Whom a password is to be sealed to: the agent of the account, or the one that a new account would get.
 * @returns null when the server seals itself, or when there is no agent yet
 */
export async function sealTarget(
	app: App,
	userId: string,
	account: { id: string; isNew: boolean }
): Promise<SealRecipient | null> {
	if (app.config.credentials === 'server') return null;
	const { pool } = app.db;
	let key = await agentOf(pool, userId, account.id);
	if (!key && account.isNew) {
		const agentId = await chooseAgent(pool, app.agents.connectedIds());
		const { rows } = await pool.query<AgentKey>(
			`SELECT id AS "agentId", "sealKey" FROM "Agent" WHERE id = $1 AND "sealKey" IS NOT NULL`,
			[agentId]
		);
		key = rows[0] ?? null;
	}
	return key && { userId, accountId: account.id, ...key };
}

const changed = () =>
	new AppError(
		'AGENT_CHANGED',
		'The agent that this password was sealed for does not have the account (any more), or has new keys. Enter the password again.'
	);

/**
 * Checks, with the agent's row locked, that a password that a browser sealed is for the agent that has the account,
 * or that may be given a new one, and for its present key.
 * @returns the agent
 * @throws AppError AGENT_CHANGED
 */
export async function requireSealedFor(
	app: App,
	tx: Tx,
	sealed: string,
	account: { id: string; isNew: boolean }
): Promise<string> {
	const parts = sealedParts(sealed);
	if (app.config.credentials === 'server' || !parts) throw changed();
	const { agentId, keyId } = parts;
	await tx.$executeRaw`SELECT 1 FROM "Agent" WHERE id = ${agentId}::uuid FOR UPDATE`;
	const agent = await tx.agent.findFirst({
		where: { id: agentId, approvedAt: { not: null }, lockedAt: null, revokedAt: null },
		include: { _count: { select: { assignments: true } } }
	});
	if (!agent?.sealKey || sealKeyId(agent.sealKey) !== keyId) throw changed();
	if (account.isNew) {
		const coming = await tx.mt5AccountAssignment.count({ where: { moveToAgentId: agentId } });
		if (agent._count.assignments + coming >= agent.capacity) throw changed();
		return agentId;
	}
	const assignment = await tx.mt5AccountAssignment.findFirst({ where: { accountId: account.id, agentId } });
	if (!assignment) throw changed();
	return agentId;
}

/**
 * Seals a password that came in clear to the agent of the account, and stores only that.
 * @returns false when the account has no agent: then nothing is stored, and the account goes on asking
 */
export async function sealAtTheDoor(
	app: App,
	userId: string,
	account: PasswordAccount,
	password: string
): Promise<boolean> {
	const { id: accountId, accountNumber, serverName } = account;
	const key = await agentOf(app.db.pool, userId, accountId);
	if (!key) return false;
	const sealed = sealNow(password, { userId, accountId, accountNumber, serverName, ...key });
	// Only while that agent still has it, and the login is the same: sealed for one, it is of no use to another.
	const { rowCount } = await app.db.pool.query(
		`UPDATE "Mt5Account" a SET "sealedPassword" = $3, "updatedAt" = now() FROM "Mt5AccountAssignment" m
		 WHERE a.id = $1 AND a."userId" = $2 AND m."accountId" = a.id AND m."agentId" = $4
		   AND a."accountNumber" = $5 AND a."serverName" = $6`,
		[accountId, userId, sealed, key.agentId, accountNumber, serverName]
	);
	return rowCount === 1;
}
