/** The web nodes in PostgreSQL: a node counts while it renews its lease, by the database's clock. */
import { hostname } from 'node:os';
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import type { Database } from '../db.ts';
import type { NodeStore } from './nodeStore.ts';

interface NodeRow {
	id: string;
	host: string;
	pid: number;
	isOnBus: boolean;
	startedAt: Date;
}

export function createSqlNodeStore(
	db: Database,
	{ nodeId, isOnBus }: { nodeId: string; isOnBus: boolean }
): NodeStore {
	return {
		async renew() {
			const { rows } = await db.pool.query<NodeRow>({
				name: 'renew-node',
				text: `WITH renewed AS (
					INSERT INTO "ServerNode" (id, host, pid, "isOnBus") VALUES ($1, $2, $3, $4)
					ON CONFLICT (id) DO UPDATE SET "aliveAt" = now()
				) SELECT id, host, pid, "isOnBus", "startedAt" FROM "ServerNode"
				  WHERE id <> $1 AND "aliveAt" > now() - make_interval(secs => $5)`,
				values: [nodeId, hostname(), process.pid, isOnBus, NODE_LEASE_MS / 1_000]
			});
			return rows.filter((row) => !isProvenDead(row));
		},

		async agentsOf(nodeIds) {
			const { rows } = await db.pool.query<{ agentId: string; nodeId: string; connSeq: string }>({
				name: 'agents-elsewhere',
				text: `SELECT id AS "agentId", "nodeId", "connSeq" FROM "Agent" WHERE "nodeId" = ANY($1::uuid[])`,
				values: [nodeIds]
			});
			return rows.map((row) => ({ ...row, connSeq: Number(row.connSeq) }));
		},

		async keepOwn(lines) {
			const agentIds = lines.map(({ agentId }) => agentId);
			const connSeqs = lines.map(({ connSeq }) => connSeq);
			await db.pool.query({
				name: 'keep-own-agents',
				text: `WITH cleared AS (
					UPDATE "Agent" SET "nodeId" = NULL
					WHERE "nodeId" = $1 AND NOT (id = ANY($2::uuid[])) AND "lastSeenAt" < now() - interval '5 seconds'
				) UPDATE "Agent" g SET "nodeId" = $1 FROM unnest($2::uuid[], $3::bigint[]) AS x(id, "connSeq")
				  WHERE g.id = x.id AND g."connSeq" = x."connSeq" AND g."nodeId" IS DISTINCT FROM $1`,
				values: [nodeId, agentIds, connSeqs]
			});
		},

		async end() {
			await db.pool.query(`UPDATE "Agent" SET "nodeId" = NULL WHERE "nodeId" = $1`, [nodeId]);
			await db.pool.query(`DELETE FROM "ServerNode" WHERE id = $1`, [nodeId]);
		},

		async changedAccounts(agentIds, heldIds, withinMs) {
			const { rows } = await db.pool.query<{ id: string }>(
				`SELECT m."accountId" AS id FROM "Mt5AccountAssignment" m JOIN "Mt5Account" a ON a.id = m."accountId"
				 WHERE m."agentId" = ANY($1::uuid[])
				   AND greatest(m."assignedAt", a."updatedAt") > now() - make_interval(secs => $2)
				 UNION
				 SELECT h.id FROM unnest($3::uuid[]) AS h(id) WHERE NOT EXISTS
				   (SELECT 1 FROM "Mt5AccountAssignment" m WHERE m."accountId" = h.id AND m."agentId" = ANY($1::uuid[]))`,
				[agentIds, withinMs / 1_000, heldIds]
			);
			return rows.map(({ id }) => id);
		},

		async eventNumbers(userIds) {
			const { rows } = await db.pool.query<{ id: string; eventSeq: string }>({
				name: 'event-numbers',
				text: `SELECT id, "eventSeq" FROM "User" WHERE id = ANY($1::uuid[])`,
				values: [userIds]
			});
			return rows.map(({ id, eventSeq }) => ({ userId: id, seq: BigInt(eventSeq) }));
		}
	};
}

/**
 * A process of this machine that is not there any more need not be waited for; nor one that had this process's
 * number before it, as in a container that was started again.
 */
function isProvenDead({ host, pid, startedAt }: NodeRow): boolean {
	if (host !== hostname()) return false;
	if (pid === process.pid) return startedAt.getTime() < Date.now() - process.uptime() * 1_000;
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
}
