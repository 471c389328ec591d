/** The agents' rows in PostgreSQL, as the agent directory needs them. */
import { arrive, type ConnectionCounter } from '#lib/domain/connectionCounter.ts';
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import type { Database, Sql } from '../db.ts';
import type { Admission, AgentStore, Arrival, KnownAgent } from './agentDirectory.ts';

interface CounterRow {
	id: string;
	connSeq: string;
	connSeqConfirmed: string;
	isRevoked: boolean;
	lockReason: string | null;
}

interface Change {
	agentId: string;
	accepted: number;
	confirmed: number;
	/** The newest arrival that was accepted. */
	arrival: Arrival | null;
	lockReason: string | null;
}

const WHY = {
	behind: 'a copy of it was given work since the connection that it remembers',
	ahead: 'it claims a connection that this server never gave it'
} as const;

/** @param nodeId this web node: an agent that arrives is on it */
export function createSqlAgentStore(db: Database, nodeId: string): AgentStore {
	return {
		async find(agentIds) {
			const { rows } = await db.pool.query<KnownAgent>({
				name: 'find-agents',
				text: `SELECT id, name, "publicKey", "approvedAt" IS NOT NULL AS "isApproved",
				         CASE WHEN "previousKeyUntil" > now() THEN "previousPublicKey" END AS "previousPublicKey",
				         CASE WHEN "lockedAt" IS NOT NULL THEN coalesce("lockReason", '') END AS "lockReason"
				       FROM "Agent" WHERE id = ANY($1::uuid[]) AND "revokedAt" IS NULL`,
				values: [agentIds]
			});
			return rows;
		},

		arrive: (arrivals) => db.transaction((sql) => arriveAll(sql, nodeId, arrivals)),

		async confirm(ready) {
			const { rows } = await db.pool.query<{ id: string; connSeq: string }>({
				name: 'agents-ready',
				text: `UPDATE "Agent" g SET "connSeqConfirmed" = x."connSeq"
				       FROM jsonb_to_recordset($1::jsonb) AS x("agentId" uuid, "connSeq" bigint)
				       WHERE g.id = x."agentId" AND g."connSeq" = x."connSeq" AND g."lockedAt" IS NULL
				         AND g."revokedAt" IS NULL RETURNING g.id, g."connSeq"`,
				values: [JSON.stringify(ready)]
			});
			const newest = new Map(rows.map(({ id, connSeq }) => [id, Number(connSeq)]));
			return ready.map(({ agentId, connSeq }) => newest.get(agentId) === connSeq);
		}
	};
}

/** Reads the counters with their rows locked, decides on each arrival in turn, and writes what changed. */
async function arriveAll(sql: Sql, nodeId: string, arrivals: readonly Arrival[]): Promise<Admission[]> {
	const { rows } = await sql.query<CounterRow>({
		name: 'agents-counters',
		text: `SELECT id, "connSeq", "connSeqConfirmed", "revokedAt" IS NOT NULL AS "isRevoked",
		         CASE WHEN "lockedAt" IS NOT NULL THEN coalesce("lockReason", '') END AS "lockReason"
		       FROM "Agent" WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
		values: [[...new Set(arrivals.map(({ agentId }) => agentId))]]
	});
	const agents = new Map(rows.map((row) => [row.id, row]));
	const changes = new Map<string, Change>();
	const admissions = arrivals.map((arrival): Admission => {
		const agent = agents.get(arrival.agentId);
		if (!agent || agent.isRevoked) return { verdict: 'revoked' };
		const before = changes.get(agent.id) ?? unchanged(agent);
		if (before.lockReason !== null) return { verdict: 'locked', reason: before.lockReason };
		const judged = arrive(before satisfies ConnectionCounter, arrival.connSeqSeen);
		if (judged.verdict === 'accepted') {
			changes.set(agent.id, { ...before, ...judged.counter, arrival });
			return { verdict: 'accepted', connSeq: judged.counter.accepted };
		}
		const reason = `Two copies of this agent were seen: ${WHY[judged.why]} (it says ${arrival.connSeqSeen}; accepted ${before.accepted}, confirmed ${before.confirmed}).`;
		changes.set(agent.id, { ...before, lockReason: reason });
		return { verdict: 'locked', reason };
	});
	if (changes.size > 0)
		await sql.query({
			name: 'agents-arrive',
			// A server that stood still takes agents in before it renews its lease. Until then its agents would count as gone,
			// and what it has just given them could be given to others.
			text: `WITH alive AS (
			         UPDATE "ServerNode" SET "aliveAt" = now()
			         WHERE id = $2 AND "aliveAt" < now() - make_interval(secs => $3)
			       ) UPDATE "Agent" g SET "connSeq" = x.accepted, "connSeqConfirmed" = x.confirmed,
			         "lastSeenAt" = now(),
			         version = coalesce(x.arrival->>'version', g.version),
			         machine = coalesce(x.arrival->'machine', g.machine),
			         capacity = coalesce((x.arrival->>'capacity')::int, g.capacity),
			         capabilities = CASE WHEN x.arrival IS NULL THEN g.capabilities
			           ELSE ARRAY(SELECT jsonb_array_elements_text(x.arrival->'capabilities')) END,
			         "nodeId" = CASE WHEN x.arrival IS NULL THEN g."nodeId" ELSE $2::uuid END,
			         "lockedAt" = CASE WHEN x."lockReason" IS NULL THEN NULL ELSE now() END,
			         "lockReason" = x."lockReason",
			         "standingAt" = CASE WHEN x."lockReason" IS NULL THEN g."standingAt" ELSE now() END
			       FROM jsonb_to_recordset($1::jsonb)
			         AS x("agentId" uuid, accepted bigint, confirmed bigint, arrival jsonb, "lockReason" text)
			       WHERE g.id = x."agentId"`,
			values: [JSON.stringify([...changes.values()]), nodeId, NODE_LEASE_MS / 2_000]
		});
	return admissions;
}

const unchanged = (agent: CounterRow): Change => ({
	agentId: agent.id,
	accepted: Number(agent.connSeq),
	confirmed: Number(agent.connSeqConfirmed),
	arrival: null,
	lockReason: agent.lockReason
});
