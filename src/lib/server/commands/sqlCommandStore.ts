/** The command store on PostgreSQL: each operation is one statement, and one commit. */
import { lockAccounts, readAssignedAccounts } from '../accounts/accountRows.ts';
import type { Database } from '../db.ts';
import { readCommandsById } from './commandRows.ts';
import type { CommandStore, OpenResult } from './commandStore.ts';
import { storeResults } from './resultStore.ts';
import { findCommandByKey, storeCommand } from './storeCommand.ts';

const open = (
	agentId: string
) => `SELECT r."commandId", r."accountId", ${agentId} AS "agentId", m."agentId" AS "holderId", r.generation, r."closePositions", r.status, c.kind,
	(extract(epoch FROM now() - coalesce(r."dispatchedAt", r."createdAt")) * 1000)::float8 AS "ageMs"
	FROM "EaCommandResult" r JOIN "EaCommand" c ON c.id = r."commandId"
	LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = r."accountId"`;
const OPEN = open('r."agentId"');
/** A Stop that waits belongs to whichever agent holds the account when it can be sent. */
const OPEN_OR_WAITING = open(`CASE WHEN r.status = 'waiting' THEN m."agentId" ELSE r."agentId" END`);

export function createSqlCommandStore(db: Database): CommandStore {
	const { pool } = db;
	return {
		transaction: (userIds, lane, work) =>
			db.transaction(
				async (sql, commit) => {
					const accounts = Map.groupBy(await lockAccounts(sql, userIds), ({ userId }) => userId);
					return work({
						accountsOf: (userId) => accounts.get(userId) ?? [],
						findByKey: (userId, key) => findCommandByKey(sql, userId, key),
						// One journey for all, and for the commit.
						store(commands) {
							const stored = commands.map((command) => storeCommand(sql, command));
							commit();
							return Promise.all(stored);
						}
					});
				},
				userIds.map((userId) => `${lane} ${userId}`)
			),

		readCommands: (userId, commandIds) => readCommandsById(pool, userId, commandIds),
		storeResults: (changes) => storeResults(pool, changes),

		async openOfAgents(agentIds) {
			const { rows } = await pool.query<OpenResult>({
				name: 'open-results-of-agents',
				text: `${OPEN_OR_WAITING} WHERE (r.status IN ('dispatched', 'executing', 'timeout') AND r."agentId" = ANY($1::uuid[]))
				          OR (r.status = 'waiting' AND m."agentId" = ANY($1::uuid[]))
				       ORDER BY r.generation`,
				values: [agentIds]
			});
			return rows;
		},

		async openOfCommands(agentId, commandIds) {
			const { rows } = await pool.query<OpenResult>(
				`${OPEN} WHERE r."agentId" = $1 AND r."commandId" = ANY($2::uuid[]) AND r.status IN ('dispatched', 'executing', 'timeout')`,
				[agentId, commandIds]
			);
			return rows;
		},

		async allOpen() {
			const { rows } = await pool.query<OpenResult>({
				name: 'all-open-results',
				text: `${OPEN_OR_WAITING} WHERE r.status IN ('dispatched', 'executing', 'timeout')
				          OR (r.status = 'waiting' AND m."agentId" IS NOT NULL)`
			});
			return rows;
		},

		async markDispatched({ commandId, accountId }, { agentId, epoch }) {
			await pool.query(
				`UPDATE "EaCommandResult" SET status = 'dispatched', "agentId" = $3, epoch = $4, "dispatchedAt" = now()
				 WHERE "commandId" = $1 AND "accountId" = $2 AND status IN ('dispatched', 'waiting', 'timeout')`,
				[commandId, accountId, agentId, epoch]
			);
		},

		assignedAccounts: (by) => readAssignedAccounts(pool, by),

		async saveReports(reports) {
			const rows = [...reports].map(([accountId, { state, figures, seenAtMs }]) => ({
				accountId,
				seen: { state, figures },
				seenAt: new Date(seenAtMs)
			}));
			await pool.query({
				name: 'save-reports',
				text: `UPDATE "AccountState" s SET seen = x.seen, "seenAt" = x."seenAt"
				       FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, seen jsonb, "seenAt" timestamptz)
				       WHERE s."accountId" = x."accountId"`,
				values: [JSON.stringify(rows)]
			});
		}
	};
}
