/** The move store on PostgreSQL. */
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import type { ReleaseReason } from '#lib/domain/accountMove.ts';
import type { Database, Sql } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import type { MoveChange, MoveOperator, MoveOrder, MoveStore, OpenMove, Release } from './moveStore.ts';
import { refusalOf, type MovePlace } from './refusal.ts';

const FIT = (agent: string) =>
	`${agent}."approvedAt" IS NOT NULL AND ${agent}."lockedAt" IS NULL AND ${agent}."revokedAt" IS NULL AND ${agent}."sealKey" IS NOT NULL`;
const OPEN_RESULT = `status IN ('dispatched', 'executing', 'waiting', 'timeout')`;
const NO_MOVE = `"moveToAgentId" = NULL, "moveRequestedAt" = NULL, "moveRequestedById" = NULL, "moveRequestedBy" = NULL`;

export function createSqlMoveStore(db: Database): MoveStore {
	const { pool } = db;
	const locked = <T>(userId: string, work: (sql: Sql) => Promise<T>): Promise<T> =>
		db.transaction(
			async (sql) => {
				await sql.query(`SELECT 1 FROM "User" WHERE id = $1 FOR UPDATE`, [userId]);
				return work(sql);
			},
			[`trader ${userId}`]
		);

	async function ownerOf(accountId: string): Promise<{ userId: string; accountNumber: string }> {
		const { rows } = await pool.query<{ userId: string; accountNumber: string }>(
			`SELECT "userId", "accountNumber" FROM "Mt5Account" WHERE id = $1`,
			[accountId]
		);
		if (!rows[0]) throw notFound('The account');
		return rows[0];
	}

	return {
		async begin(order) {
			const { userId, accountNumber } = await ownerOf(order.accountId);
			return locked(userId, async (sql) => {
				const place = await readPlace(sql, order);
				const refusal = refusalOf(place, order.isMachineGone);
				if (refusal !== null) throw new AppError('MOVE_REFUSED', refusal);
				const { accountId, toAgentId, isMachineGone, operator } = order;
				const { agentId, epoch } = place.account;
				const names = { accountNumber, from: place.from.name, to: place.to.name };
				const detail = { ...names, isMachineGone, fromAgentId: agentId, toAgentId, traderId: userId };
				await audit(sql, operator, 'account.move', accountId, detail);
				const left = isMachineGone ? { agentId, epoch } : null;
				if (left) await goOver(sql, { accountId, toAgentId, ...left }, place.from.isRevoked);
				else
					await sql.query(
						`UPDATE "Mt5AccountAssignment" SET "moveToAgentId" = $2,
						   "moveRequestedAt" = coalesce("moveRequestedAt", now()),
						   "moveRequestedById" = $3, "moveRequestedBy" = $4 WHERE "accountId" = $1`,
						[accountId, toAgentId, operator.userId, operator.name]
					);
				return changed(sql, { accountId, userId, left });
			});
		},

		async cancel(accountId, operator) {
			const { userId, accountNumber } = await ownerOf(accountId);
			return locked(userId, async (sql) => {
				const { rows } = await sql.query<{ agentId: string; epoch: number; toAgentId: string | null }>(
					`SELECT "agentId", epoch, "moveToAgentId" AS "toAgentId" FROM "Mt5AccountAssignment"
					 WHERE "accountId" = $1 FOR UPDATE`,
					[accountId]
				);
				const [assignment] = rows;
				if (!assignment?.toAgentId)
					throw new AppError('MOVE_REFUSED', 'This account is not being moved (any more).');
				const { agentId, epoch } = assignment;
				const { rowCount } = await sql.query(
					`DELETE FROM "AccountRelease" WHERE "accountId" = $1 AND "agentId" = $2 AND epoch = $3`,
					[accountId, agentId, epoch]
				);
				// What was asked to let go may have done so: it gets the account as a new one.
				await sql.query(
					`UPDATE "Mt5AccountAssignment" SET ${NO_MOVE}, epoch = epoch + $2,
					   "assignedAt" = CASE WHEN $2 > 0 THEN now() ELSE "assignedAt" END WHERE "accountId" = $1`,
					[accountId, rowCount ?? 0]
				);
				await audit(sql, operator, 'account.move_cancel', accountId, {
					accountNumber,
					agentId,
					traderId: userId
				});
				return changed(sql, { accountId, userId, left: null });
			});
		},

		async openMoves() {
			const { rows } = await pool.query<Omit<OpenMove, 'requestedBy'> & { byId: string; byName: string }>({
				name: 'open-moves',
				text: `SELECT m."accountId", a."userId", m."agentId", m.epoch, m."moveToAgentId" AS "toAgentId",
				         m."moveRequestedAt" AS "requestedAt", m."moveRequestedById" AS "byId", m."moveRequestedBy" AS "byName",
				         s.wanted, ${FIT('g')} AS "isTargetFit",
				         (SELECT count(*)::int FROM "EaCommandResult" r
				          WHERE r."accountId" = m."accountId" AND r.${OPEN_RESULT}) AS "openResults",
				         CASE WHEN l."accountId" IS NULL THEN 'none' WHEN l."provenAt" IS NULL THEN 'asked' ELSE 'proven' END AS release
				       FROM "Mt5AccountAssignment" m
				       JOIN "Mt5Account" a ON a.id = m."accountId"
				       JOIN "AccountState" s ON s."accountId" = m."accountId"
				       JOIN "Agent" g ON g.id = m."moveToAgentId"
				       LEFT JOIN "AccountRelease" l ON l."accountId" = m."accountId" AND l."agentId" = m."agentId" AND l.epoch = m.epoch
				       WHERE m."moveToAgentId" IS NOT NULL`
			});
			return rows.map(({ byId, byName, ...move }) => ({
				...move,
				requestedBy: { userId: byId, name: byName }
			}));
		},

		askRelease: ({ accountId, userId, epoch }) =>
			locked(userId, async (sql) => {
				// After the lock, so that a command that was just committed is seen.
				const { rowCount } = await sql.query(
					`INSERT INTO "AccountRelease" ("accountId", "agentId", epoch, reason)
					 SELECT m."accountId", m."agentId", m.epoch, 'move' FROM "Mt5AccountAssignment" m
					 JOIN "AccountState" s ON s."accountId" = m."accountId"
					 WHERE m."accountId" = $1 AND m.epoch = $2 AND m."moveToAgentId" IS NOT NULL AND s.wanted <> 'RUNNING'
					   AND NOT EXISTS (SELECT 1 FROM "EaCommandResult" r WHERE r."accountId" = $1 AND r.${OPEN_RESULT})
					 ON CONFLICT ("accountId", "agentId") DO UPDATE SET epoch = excluded.epoch, reason = excluded.reason,
					   "askedAt" = now(), "provenAt" = NULL WHERE "AccountRelease".epoch < excluded.epoch`,
					[accountId, epoch]
				);
				return (rowCount ?? 0) > 0;
			}),

		async arrivedLately() {
			const { rows } = await pool.query<Release>({
				name: 'arrived-lately',
				text: `SELECT m."accountId", m."agentId", m.epoch FROM "Mt5AccountAssignment" m
				       JOIN "Mt5Account" a ON a.id = m."accountId"
				       WHERE m."assignedAt" > now() - interval '1 minute' AND m.epoch > 1 AND a.status = 'ACTIVE'
				         AND NOT EXISTS (SELECT 1 FROM "AccountRelease" l
				           WHERE l."accountId" = m."accountId" AND l."agentId" = m."agentId" AND l.epoch >= m.epoch)`
			});
			return rows;
		},

		async openReleases(agentIds) {
			const { rows } = await pool.query<Release>({
				name: agentIds ? 'open-releases-of' : 'open-releases',
				text: `SELECT l."accountId", l."agentId", l.epoch FROM "AccountRelease" l JOIN "Agent" g ON g.id = l."agentId"
				       WHERE l."provenAt" IS NULL AND g."revokedAt" IS NULL ${agentIds ? `AND l."agentId" = ANY($1::uuid[])` : ''}`,
				...(agentIds ? { values: [agentIds] } : {})
			});
			return rows;
		},

		async noteReleased({ accountId, agentId, epoch }) {
			const { rows } = await pool.query<{ reason: ReleaseReason }>(
				`WITH waits AS (
				   SELECT 1 FROM "Mt5AccountAssignment" m WHERE m."accountId" = $1 AND m."agentId" = $2 AND m.epoch = $3
				     AND m."moveToAgentId" IS NOT NULL
				 ), noted AS (
				   UPDATE "AccountRelease" SET "provenAt" = now() WHERE "accountId" = $1 AND "agentId" = $2 AND epoch = $3
				     AND "provenAt" IS NULL AND EXISTS (SELECT 1 FROM waits) RETURNING reason
				 ), done AS (
				   DELETE FROM "AccountRelease" WHERE "accountId" = $1 AND "agentId" = $2 AND epoch = $3
				     AND NOT EXISTS (SELECT 1 FROM waits) RETURNING reason
				 ) SELECT reason FROM noted UNION ALL SELECT reason FROM done`,
				[accountId, agentId, epoch]
			);
			return rows[0]?.reason ?? null;
		},

		finish: ({ accountId, userId, epoch }) =>
			locked(userId, async (sql) => {
				const { rows } = await sql.query<{ agentId: string; toAgentId: string }>(
					`SELECT m."agentId", m."moveToAgentId" AS "toAgentId" FROM "Mt5AccountAssignment" m
					 JOIN "AccountRelease" l ON l."accountId" = m."accountId" AND l."agentId" = m."agentId" AND l.epoch = m.epoch
					 JOIN "Agent" g ON g.id = m."moveToAgentId"
					 WHERE m."accountId" = $1 AND m.epoch = $2 AND l."provenAt" IS NOT NULL AND ${FIT('g')} FOR UPDATE OF m`,
					[accountId, epoch]
				);
				const [move] = rows;
				if (!move) return null;
				const { agentId, toAgentId } = move;
				await sql.query(
					`UPDATE "Mt5AccountAssignment" SET "agentId" = $2, epoch = epoch + 1, "assignedAt" = now(), ${NO_MOVE}
					 WHERE "accountId" = $1`,
					[accountId, toAgentId]
				);
				await sql.query(
					`DELETE FROM "AccountRelease" WHERE "accountId" = $1 AND "agentId" = ANY($2::uuid[])`,
					[accountId, [agentId, toAgentId]]
				);
				return changed(sql, { accountId, userId, left: { agentId, epoch } });
			})
	};
}

async function readPlace(sql: Sql, { accountId, toAgentId }: MoveOrder): Promise<MovePlace> {
	const { rows: accounts } = await sql.query<MovePlace['account'] & { agentId: string | null }>(
		`SELECT m."agentId", m.epoch, m."moveToAgentId" FROM "Mt5Account" a
		 LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id WHERE a.id = $1`,
		[accountId]
	);
	const [account] = accounts;
	if (!account) throw notFound('The account');
	if (account.agentId === null)
		throw new AppError('MOVE_REFUSED', 'This account has no agent yet: it gets one as soon as one has room.');
	// Neither comes back, nor is given anything else, before this is committed: an agent that arrives takes this lock, and
	// reads its accounts after it.
	await sql.query(`SELECT 1 FROM "Agent" WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`, [
		[account.agentId, toAgentId]
	]);
	const { rows: agents } = await sql.query<MovePlace['from'] & MovePlace['to']>(
		`SELECT g.id, g.name, g."revokedAt" IS NOT NULL AS "isRevoked", g."lockedAt" IS NOT NULL AS "isLocked",
		   EXISTS (SELECT 1 FROM "ServerNode" n WHERE n.id = g."nodeId"
		     AND n."aliveAt" > now() - make_interval(secs => $3)) AS "isConnected",
		   'release' = ANY(g.capabilities) AS "canRelease", ${FIT('g')} AS "isFit", g.capacity,
		   (SELECT count(*)::int FROM "Mt5AccountAssignment" m WHERE m."accountId" <> $2
		      AND (m."agentId" = g.id OR m."moveToAgentId" = g.id)) AS used
		 FROM "Agent" g WHERE g.id = ANY($1::uuid[])`,
		[[account.agentId, toAgentId], accountId, NODE_LEASE_MS / 1_000]
	);
	const from = agents.find(({ id }) => id === account.agentId);
	const to = agents.find(({ id }) => id === toAgentId);
	if (!from || !to) throw notFound('The agent');
	return { account, from, to };
}

/** Without the old agent's proof: whatever that agent says of the account from now on is of an old epoch. */
async function goOver(
	sql: Sql,
	{ accountId, agentId, epoch, toAgentId }: Release & { toAgentId: string },
	isRevoked: boolean
): Promise<void> {
	await sql.query(
		`UPDATE "Mt5AccountAssignment" SET "agentId" = $2, epoch = epoch + 1, "assignedAt" = now(), ${NO_MOVE}
		 WHERE "accountId" = $1`,
		[accountId, toAgentId]
	);
	await sql.query(`DELETE FROM "AccountRelease" WHERE "accountId" = $1 AND "agentId" = ANY($2::uuid[])`, [
		accountId,
		[agentId, toAgentId]
	]);
	// A revoked agent is believed nothing, also no proof.
	if (!isRevoked)
		await sql.query(
			`INSERT INTO "AccountRelease" ("accountId", "agentId", epoch, reason) VALUES ($1, $2, $3, 'machine_gone')`,
			[accountId, agentId, epoch]
		);
	// On the new machine nothing starts by itself.
	await sql.query(
		`UPDATE "AccountState" SET wanted = 'STOPPED', "wantedGeneration" = "wantedGeneration" + 1, "wantedAt" = now()
		 WHERE "accountId" = $1 AND wanted = 'RUNNING'`,
		[accountId]
	);
}

async function changed(sql: Sql, change: Omit<MoveChange, 'eventSeq'>): Promise<MoveChange> {
	const { rows } = await sql.query<{ eventSeq: string }>(
		`WITH counter AS (
		   UPDATE "User" SET "eventSeq" = "eventSeq" + 1 WHERE id = $1 RETURNING "eventSeq"
		 ), event AS (
		   INSERT INTO "LiveEvent" ("userId", seq, type, payload)
		   SELECT $1, c."eventSeq", 'accounts', jsonb_build_object('reason', 'moved', 'accountIds', jsonb_build_array($2::uuid))
		   FROM counter c
		 ) SELECT c."eventSeq" FROM counter c`,
		[change.userId, change.accountId]
	);
	return { ...change, eventSeq: BigInt(rows[0]?.eventSeq ?? 0) };
}

async function audit(
	sql: Sql,
	operator: MoveOperator,
	action: string,
	accountId: string,
	detail: Record<string, unknown>
): Promise<void> {
	await sql.query(
		`INSERT INTO "AuditLog" (id, "userId", action, "targetType", "targetId", ip, "userAgent", detail)
		 VALUES (gen_random_uuid(), $1, $2, 'account', $3, $4, $5, $6)`,
		[operator.userId, action, accountId, operator.ip, operator.userAgent, JSON.stringify(detail)]
	);
}
