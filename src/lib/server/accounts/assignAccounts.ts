/**
 * Which agent runs an account's terminal. An account is assigned once and stays: nothing moves it by itself,
 * since a terminal may outlive the line to its agent.
 */
import type { Sql } from '../db.ts';

const MAY_WORK = `"approvedAt" IS NOT NULL AND "lockedAt" IS NULL AND "revokedAt" IS NULL AND "takesAccounts"`;

/**
 * Gives every active account without an agent to an approved one with a free slot: connected agents first, then the one
 * with the fewest accounts; one that is on its way to an agent is counted there. Agents' rows are locked, so that no slot is given twice.
 * @param onlyAccountId when set, no other account is looked at
 * @returns the accounts that got an agent just now
 */
export async function assignUnassigned(
	sql: Sql,
	connectedAgentIds: readonly string[],
	onlyAccountId: string | null = null
): Promise<{ accountId: string; agentId: string; userId: string }[]> {
	const { rows: accounts } = await sql.query<{ id: string; userId: string }>(
		`SELECT a.id, a."userId" FROM "Mt5Account" a
		 LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id
		 WHERE m."accountId" IS NULL AND a.status = 'ACTIVE' AND ($1::uuid IS NULL OR a.id = $1)
		 ORDER BY a."createdAt", a.id FOR UPDATE OF a`,
		[onlyAccountId]
	);
	if (accounts.length === 0) return [];
	await sql.query(`SELECT 1 FROM "Agent" WHERE ${MAY_WORK} ORDER BY id FOR UPDATE`);
	const agents = await readPlaces(sql);
	const assigned = [];
	for (const account of accounts) {
		const best = bestOf(agents, connectedAgentIds);
		if (!best) break;
		best.free--;
		best.used++;
		assigned.push({ accountId: account.id, agentId: best.id, userId: account.userId });
	}
	if (assigned.length === 0) return [];
	// Another transaction may have given an account away while this one waited for its row.
	const { rows: given } = await sql.query<{ accountId: string }>(
		`INSERT INTO "Mt5AccountAssignment" ("accountId", "agentId") SELECT * FROM unnest($1::uuid[], $2::uuid[])
		 ON CONFLICT ("accountId") DO NOTHING RETURNING "accountId"`,
		[assigned.map((a) => a.accountId), assigned.map((a) => a.agentId)]
	);
	const isGiven = new Set(given.map(({ accountId }) => accountId));
	return assigned.filter(({ accountId }) => isGiven.has(accountId));
}

interface Place {
	id: string;
	free: number;
	used: number;
}

async function readPlaces(sql: Sql): Promise<Place[]> {
	const { rows } = await sql.query<Place>(
		`SELECT g.id, g.capacity - count(m."accountId")::int AS free, count(m."accountId")::int AS used
		 FROM "Agent" g LEFT JOIN "Mt5AccountAssignment" m ON m."agentId" = g.id OR m."moveToAgentId" = g.id
		 WHERE ${MAY_WORK} GROUP BY g.id ORDER BY g.id`
	);
	return rows;
}

function bestOf(places: readonly Place[], connectedAgentIds: readonly string[]): Place | undefined {
	return places
		.filter((agent) => agent.free > 0)
		.sort(
			(a, b) =>
				Number(connectedAgentIds.includes(b.id)) - Number(connectedAgentIds.includes(a.id)) || a.used - b.used
		)[0];
}

/** The agent that a new account would get just now; nothing is held for it. Null when none has room. */
export async function chooseAgent(sql: Sql, connectedAgentIds: readonly string[]): Promise<string | null> {
	return bestOf(await readPlaces(sql), connectedAgentIds)?.id ?? null;
}
