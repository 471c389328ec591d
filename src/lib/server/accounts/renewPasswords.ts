/**
 * Brings stored passwords to the form that is configured now: sealed to the agent that has the account, or sealed
 * by the server with the newest key of the key file. What cannot be brought over stays as it is.
 */
import { sealNow } from '#lib/protocol/sealNode.ts';
import type { Config } from '../config.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Database } from '../db.ts';
import type { Logger } from '../logger.ts';
import { passwordOwner, type PasswordAccount } from './passwordOwner.ts';

interface Row extends PasswordAccount {
	userId: string;
	sealedPassword: string;
	agentId: string | null;
	sealKey: string | null;
}

const BATCH = 200;

/** @returns how many were renewed */
export async function renewPasswords(
	db: Database,
	box: SecretBox,
	credentials: Config['credentials'],
	logger: Logger
): Promise<number> {
	const isForAgents = credentials === 'agent';
	const { rows } = await db.pool.query<Row>(
		`SELECT a.id, a."userId", a."accountNumber", a."serverName", a."sealedPassword", g.id AS "agentId", g."sealKey" FROM "Mt5Account" a
		 LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id LEFT JOIN "Agent" g ON g.id = m."agentId"
		 WHERE a."sealedPassword" LIKE 'v1.%' AND CASE WHEN $1 THEN g."sealKey" IS NOT NULL AND g."approvedAt" IS NOT NULL
		   AND g."lockedAt" IS NULL AND g."revokedAt" IS NULL ELSE split_part(a."sealedPassword", '.', 2) <> $2 END
		 ORDER BY random() LIMIT $3`,
		[isForAgents, box.newestKeyId, BATCH]
	);
	let renewed = 0;
	for (const row of rows) {
		const { id, userId, accountNumber, serverName, sealedPassword, agentId, sealKey } = row;
		try {
			const password = box.open(sealedPassword, passwordOwner(row));
			const next =
				isForAgents && agentId !== null && sealKey !== null
					? sealNow(password, { userId, accountId: id, accountNumber, serverName, agentId, sealKey })
					: box.seal(password, passwordOwner(row));
			const { rowCount } = await db.pool.query(
				`UPDATE "Mt5Account" SET "sealedPassword" = $2 WHERE id = $1 AND "sealedPassword" = $3`,
				[id, next, sealedPassword]
			);
			renewed += rowCount ?? 0;
		} catch (error) {
			logger.error({ err: error, accountId: id }, 'a stored password does not open and is left as it is');
		}
	}
	if (renewed > 0) logger.info({ renewed, credentials }, 'stored passwords were renewed');
	return renewed;
}
