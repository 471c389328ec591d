/**
 * Asks agents for new keys: when an operator wants them, and when the present ones are old. Every web node asks the
 * agents that have a line here, and the agent does the rest (rotateKeys.ts, agent/src/keyKeeper.ts).
 */
import { randomUUID } from 'node:crypto';
import type { TimerClock } from '#lib/domain/clock.ts';
import { AGENT_KEYS_MAX_AGE_MS } from '#lib/domain/limits.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Database } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import type { Gateway } from './gateway.ts';
import { standingOf, type Operator } from './standing.ts';

/** An agent that was asked and did not do it is asked again. */
const ASK_AGAIN_MS = 10 * 60_000;
/** At once: agents that enrolled on the same day do not all dial anew in the same second. */
const MAX_AT_ONCE = 20;

/**
 * Notes that this agent is to change its keys, now or as soon as it is back. The old keys count ten minutes more.
 * @throws AppError NOT_FOUND, AGENT_STANDING
 */
export async function orderNewKeys(db: Database, operator: Operator, agentId: string): Promise<void> {
	await db.prisma.$transaction(async (tx) => {
		const agent = await tx.agent.findFirst({ where: { id: agentId } });
		if (!agent) throw notFound('The agent');
		const standing = standingOf(agent);
		if (standing !== 'approved')
			throw new AppError(
				'AGENT_STANDING',
				`This agent is ${standing}. Only an agent that works changes its keys on order; make a code for new keys instead.`
			);
		await tx.agent.update({ where: { id: agentId }, data: { newKeysOrderedAt: new Date() } });
		await writeAudit(tx, {
			userId: operator.userId,
			action: 'agent.order_new_keys',
			target: { type: 'agent', id: agentId },
			origin: operator.origin,
			detail: { name: agent.name }
		});
	});
}

export interface NewKeys {
	/** Asks those of these agents that are to change their keys; without ids, all that have a line here. */
	ask(onlyAgentId?: string): Promise<void>;
}

export function createNewKeys(
	db: Database,
	gateway: Pick<Gateway, 'connectedIds' | 'connSeqOf' | 'ask'>,
	clock: Pick<TimerClock, 'monotonicMs'>
): NewKeys {
	/** By agent, the connection it was asked on last. */
	const asked = new Map<string, { connSeq: number | null; atMs: number }>();

	function isAsked(agentId: string): boolean {
		const last = asked.get(agentId);
		return (
			last?.connSeq === gateway.connSeqOf(agentId) && clock.monotonicMs() - (last?.atMs ?? 0) < ASK_AGAIN_MS
		);
	}

	return {
		async ask(onlyAgentId) {
			const present = onlyAgentId === undefined ? gateway.connectedIds() : [onlyAgentId];
			for (const agentId of asked.keys()) if (gateway.connSeqOf(agentId) === null) asked.delete(agentId);
			const candidates = present.filter(
				(agentId) => gateway.connSeqOf(agentId) !== null && !isAsked(agentId)
			);
			if (candidates.length === 0) return;
			const { rows } = await db.pool.query<{ id: string }>({
				name: 'agents-with-old-keys',
				text: `SELECT id FROM "Agent" WHERE id = ANY($1::uuid[]) AND "approvedAt" IS NOT NULL
				         AND "lockedAt" IS NULL AND "revokedAt" IS NULL
				         AND ("newKeysOrderedAt" IS NOT NULL OR "keysSince" < now() - make_interval(secs => $2))
				       ORDER BY "newKeysOrderedAt", "keysSince" LIMIT $3`,
				values: [candidates, AGENT_KEYS_MAX_AGE_MS / 1_000, MAX_AT_ONCE]
			});
			for (const { id } of rows)
				if (gateway.ask(id, { requestId: randomUUID(), kind: 'rotate_keys', args: {} }))
					asked.set(id, { connSeq: gateway.connSeqOf(id), atMs: clock.monotonicMs() });
		}
	};
}
