/** What the gateway reads and writes of agents in the database, batched where many agents come at once. */
import type { AssignedAccount, Machine, WantedState } from '#lib/protocol/frames.ts';
import { readAssignedAccounts, type AssignedRow } from '../accounts/accountRows.ts';
import { settingsOf } from '../accounts/accountView.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Database } from '../db.ts';
import type { Logger } from '../logger.ts';
import { batched } from './batch.ts';

export interface KnownAgent {
	id: string;
	name: string;
	publicKey: string;
	connSeq: number;
}

export interface Arrival {
	agentId: string;
	version: string;
	machine: Machine;
	capacity: number;
}

/** An account on the line: as the agent must run it, and whose it is. */
export interface LineAccount {
	userId: string;
	agentId: string;
	accountId: string;
	epoch: number;
	/** Null when its password does not open: it cannot be sent, and must not be taken away either. */
	account: AssignedAccount | null;
}

export interface AgentDirectory {
	/** The agent with this id, unless it was revoked. */
	find(agentId: string): Promise<KnownAgent | null>;
	/** Counts the accepted connection. @returns its number; null when the agent was revoked meanwhile */
	arrive(arrival: Arrival): Promise<number | null>;
	/** The active accounts assigned to this agent. */
	accountsOf(agentId: string): Promise<LineAccount[] | null>;
	/** Those of these accounts that are active and have an agent. */
	assignedAccounts(accountIds: readonly string[]): Promise<LineAccount[]>;
}

const BATCH = 500;

export function createAgentDirectory(db: Database, secretBox: SecretBox, logger: Logger): AgentDirectory {
	const { pool } = db;

	function lineAccount(row: AssignedRow): LineAccount {
		const { id: accountId, userId, agentId, epoch } = row;
		const password = openPassword(row);
		const account: AssignedAccount | null =
			password === null
				? null
				: {
						accountId,
						epoch,
						accountNumber: row.accountNumber,
						serverName: row.serverName,
						broker: row.broker,
						password,
						wanted: row.wanted satisfies WantedState,
						generation: Number(row.wantedGeneration),
						settings: settingsOf(row)
					};
		return { userId, agentId, accountId, epoch, account };
	}

	function openPassword(row: AssignedRow): string | null {
		try {
			return secretBox.open(row.sealedPassword, row.id);
		} catch (error) {
			logger.error({ err: error, accountId: row.id }, 'a password does not open; its account is not sent');
			return null;
		}
	}

	return {
		find: batched<string, KnownAgent>(BATCH, async (ids) => {
			const { rows } = await pool.query<Omit<KnownAgent, 'connSeq'> & { connSeq: string }>({
				name: 'find-agents',
				text: `SELECT id, name, "publicKey", "connSeq" FROM "Agent" WHERE id = ANY($1::uuid[]) AND "revokedAt" IS NULL`,
				values: [ids]
			});
			const byId = new Map(rows.map((row) => [row.id, { ...row, connSeq: Number(row.connSeq) }]));
			return ids.map((id) => byId.get(id) ?? null);
		}),

		arrive: batched<Arrival, number>(BATCH, async (arrivals) => {
			// An agent twice in one batch keeps its newest arrival; both get the same number, and the older line is cut.
			const newest = new Map(arrivals.map((arrival) => [arrival.agentId, arrival]));
			const { rows } = await pool.query<{ id: string; connSeq: string }>({
				name: 'agents-arrive',
				text: `UPDATE "Agent" g SET "connSeq" = g."connSeq" + 1, "lastSeenAt" = now(), version = x.version,
				         machine = x.machine, capacity = x.capacity
				       FROM jsonb_to_recordset($1::jsonb) AS x("agentId" uuid, version text, machine jsonb, capacity int)
				       WHERE g.id = x."agentId" AND g."revokedAt" IS NULL RETURNING g.id, g."connSeq"`,
				values: [JSON.stringify([...newest.values()])]
			});
			const byId = new Map(rows.map((row) => [row.id, Number(row.connSeq)]));
			return arrivals.map((arrival) => byId.get(arrival.agentId) ?? null);
		}),

		accountsOf: batched<string, LineAccount[]>(BATCH, async (agentIds) => {
			const byAgent = Map.groupBy(await readAssignedAccounts(pool, { agentIds }), (row) => row.agentId);
			return agentIds.map((agentId) => (byAgent.get(agentId) ?? []).map(lineAccount));
		}),

		assignedAccounts: async (accountIds) =>
			(await readAssignedAccounts(pool, { accountIds })).map(lineAccount)
	};
}
