/** The agents' rows in PostgreSQL, as the agent directory needs them. */
import type { Database } from '../db.ts';
import type { AgentStore, KnownAgent } from './agentDirectory.ts';

/** @param nodeId this web node: an agent that arrives is on it */
export function createSqlAgentStore({ pool }: Database, nodeId: string): AgentStore {
	return {
		async find(agentIds) {
			const { rows } = await pool.query<Omit<KnownAgent, 'connSeq'> & { connSeq: string }>({
				name: 'find-agents',
				text: `SELECT id, name, "publicKey", "approvedAt" IS NOT NULL AS "isApproved", "connSeq"
				       FROM "Agent" WHERE id = ANY($1::uuid[]) AND "revokedAt" IS NULL`,
				values: [agentIds]
			});
			return rows.map((row) => ({ ...row, connSeq: Number(row.connSeq) }));
		},

		async arrive(arrivals) {
			const { rows } = await pool.query<{ id: string; connSeq: string }>({
				name: 'agents-arrive',
				text: `UPDATE "Agent" g SET "connSeq" = g."connSeq" + 1, "lastSeenAt" = now(), version = x.version,
				         machine = x.machine, capacity = x.capacity, "nodeId" = $2
				       FROM jsonb_to_recordset($1::jsonb) AS x("agentId" uuid, version text, machine jsonb, capacity int)
				       WHERE g.id = x."agentId" AND g."revokedAt" IS NULL RETURNING g.id, g."connSeq"`,
				values: [JSON.stringify(arrivals), nodeId]
			});
			return rows.map(({ id, connSeq }) => ({ id, connSeq: Number(connSeq) }));
		}
	};
}
