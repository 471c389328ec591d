/** What the demo asks the database for. */
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { approveAgent } from '#lib/server/agents/standing.ts';
import { openDatabase } from '#lib/server/db.ts';
import { readConfig } from '../../agent/src/config.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import { DEMO_OPERATOR } from '../../prisma/seed.ts';

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return await use(client);
	} finally {
		await client.end();
	}
}

/** A join code of the demo's operator; what the Agents page does with a click. */
export async function makeJoinCode(url: string): Promise<string> {
	const code = randomBytes(16).toString('base64url');
	const codeHash = createHash('sha256').update(code).digest('hex');
	await withClient(url, (client) =>
		client.query(
			`INSERT INTO "AgentJoinCode" ("codeHash", "createdById", "expiresAt")
			 SELECT $1, id, now() + interval '5 minutes' FROM "User" WHERE email = $2`,
			[codeHash, DEMO_OPERATOR.email]
		)
	);
	return code;
}

/**
 * What the demo's operator would do on the Agents page: compares the fingerprint of the agent that was enrolled
 * just now with the one the server has, and approves it.
 */
export async function approveOwnAgent(url: string, agentDir: string): Promise<void> {
	const state = stateDir(agentDir, {});
	const { agentId } = await readConfig(state.config);
	const fingerprint = fingerprintOf(await readIdentity(state));
	const db = openDatabase(url, 2, () => undefined);
	try {
		const operator = await db.prisma.user.findFirstOrThrow({ where: { email: DEMO_OPERATOR.email } });
		const origin = { ip: null, userAgent: 'npm run demo' };
		await approveAgent(db, { userId: operator.id, origin }, agentId, fingerprint);
	} finally {
		await db.close();
	}
}

/** How many active accounts were seen logged in or refused since then. */
export async function readConnections(url: string, since: Date): Promise<{ settled: number; total: number }> {
	return withClient(url, async (client) => {
		const { rows } = await client.query<{ settled: number; total: number }>(
			`SELECT count(*)::int AS total,
			        count(*) FILTER (WHERE s."seenAt" > $1
			          AND s.seen->'state'->>'connection' IN ('connected', 'login_refused'))::int AS settled
			 FROM "Mt5Account" a JOIN "AccountState" s ON s."accountId" = a.id WHERE a.status = 'ACTIVE'`,
			[since]
		);
		return rows[0] ?? { settled: 0, total: 0 };
	});
}
