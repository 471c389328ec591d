import { MAX_GENERATION_JUMP } from '#lib/domain/limits.ts';
import type { AdoptGeneration } from '../agents/agentMessages.ts';
import type { Database } from '../db.ts';

/** Believed of the agent that holds the account, and only so far ahead. */
export const createAdoptGeneration =
	(db: Database): AdoptGeneration =>
	async ({ agentId, accountId, epoch, generation, wanted }) => {
		const { rowCount } = await db.pool.query(
			`UPDATE "AccountState" s
			 SET "wantedGeneration" = $4, "wantedAt" = now(),
				wanted = CASE WHEN $5::"WantedState" = 'RUNNING' THEN s.wanted ELSE $5::"WantedState" END
			 FROM "Mt5AccountAssignment" m
			 WHERE s."accountId" = $1 AND m."accountId" = $1 AND m."agentId" = $2 AND m.epoch = $3
				AND s."wantedGeneration" BETWEEN $4::bigint - $6 AND $4::bigint - 1`,
			[accountId, agentId, epoch, generation, wanted, MAX_GENERATION_JUMP]
		);
		return (rowCount ?? 0) > 0;
	};
