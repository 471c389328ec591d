/**
 * Settles what the line could not carry. When an agent arrives, it is asked about every open command it was
 * sent, and it gets the Stops and Pauses that waited for it. In between, work that nobody reports on is shown
 * as unknown, never as failed.
 */
import { LOST_AGENT_GRACE_MS, START_DEADLINE_MS, UNKNOWN_AFTER_MS } from '#lib/domain/limits.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { AccountRow } from '../accounts/accountRows.ts';
import { readAssignedAccounts } from '../accounts/accountRows.ts';
import { settingsOf } from '../accounts/accountView.ts';
import { KIND_OF_DB, type DbKind } from '../commands/commandRows.ts';
import type { ResultChange } from '../commands/resultStore.ts';
import type { ResultWriter } from '../commands/resultWriter.ts';
import type { Database } from '../db.ts';
import type { AgentLine } from './agentLine.ts';
import { batched } from './batch.ts';

interface OpenResult {
	commandId: string;
	accountId: string;
	agentId: string;
	generation: string;
	kind: DbKind;
	closePositions: boolean;
	status: 'dispatched' | 'executing' | 'waiting' | 'timeout';
	ageMs: number;
}

type Answer = AgentFrames['settled']['answers'][number];

const open = (
	agentId: string
) => `SELECT r."commandId", r."accountId", ${agentId} AS "agentId", r.generation, r."closePositions", r.status, c.kind,
	(extract(epoch FROM now() - coalesce(r."dispatchedAt", r."createdAt")) * 1000)::int AS "ageMs"
	FROM "EaCommandResult" r JOIN "EaCommand" c ON c.id = r."commandId"`;
const OPEN = open('r."agentId"');
/** A Stop that waits belongs to whichever agent holds the account when it can be sent. */
const OPEN_OR_WAITING = open(`CASE WHEN r.status = 'waiting' THEN m."agentId" ELSE r."agentId" END`);

/** A Stop or Pause that was sent and not even taken in by then is unknown, and is asked about. */
const SAFE_UNHEARD_MS = START_DEADLINE_MS + 5_000;

export class Settlement {
	readonly #db: Database;
	readonly #results: ResultWriter;
	readonly #isConnected: (agentId: string) => boolean;
	readonly #send: (agentId: string, frame: Parameters<AgentLine['send']>[0]) => boolean;
	readonly #nowMs: () => number;
	/** When an agent's line was last known to be up; at start, nobody is called lost before the grace is over. */
	readonly #lastUp = new Map<string, number>();
	readonly #startedAt: number;
	/** Everything open on these agents: what was sent to them, and what waits for accounts they hold now. */
	readonly #openOf = batched<string, OpenResult[]>(500, async (agentIds) => {
		const { rows } = await this.#db.pool.query<OpenResult>({
			name: 'open-results-of-agents',
			text: `${OPEN_OR_WAITING} LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = r."accountId"
			       WHERE (r.status IN ('dispatched', 'executing', 'timeout') AND r."agentId" = ANY($1::uuid[]))
			          OR (r.status = 'waiting' AND m."agentId" = ANY($1::uuid[]))
			       ORDER BY r.generation`,
			values: [agentIds]
		});
		const byAgent = Map.groupBy(rows, (row) => row.agentId);
		return agentIds.map((agentId) => byAgent.get(agentId) ?? null);
	});

	constructor(deps: {
		db: Database;
		results: ResultWriter;
		isConnected: (agentId: string) => boolean;
		send: (agentId: string, frame: Parameters<AgentLine['send']>[0]) => boolean;
		nowMs: () => number;
	}) {
		this.#db = deps.db;
		this.#results = deps.results;
		this.#isConnected = deps.isConnected;
		this.#send = deps.send;
		this.#nowMs = deps.nowMs;
		this.#startedAt = deps.nowMs();
	}

	async onArrived(line: AgentLine): Promise<void> {
		const agentId = line.agent?.id;
		const open = agentId ? await this.#openOf(agentId) : null;
		if (!open) return;
		const sent = open.filter((row) => row.status !== 'waiting');
		for (let i = 0; i < sent.length; i += 200)
			line.send({ type: 'settle', commands: sent.slice(i, i + 200).map(settleEntry) });
		// Stops and Pauses that waited are committed as sent, then sent.
		for (const row of open) if (row.status === 'waiting') await this.#redeliver(row);
	}

	onLeft(agentId: string): void {
		this.#lastUp.set(agentId, this.#nowMs());
	}

	async onAnswers(line: AgentLine, answers: readonly Answer[]): Promise<void> {
		const agentId = line.agent?.id;
		const unheard = answers.filter((answer) => answer.verdict === 'never_received');
		if (!agentId || unheard.length === 0) return;
		const { rows } = await this.#db.pool.query<OpenResult>(
			`${OPEN} WHERE r."agentId" = $1 AND r."commandId" = ANY($2::uuid[]) AND r.status IN ('dispatched', 'executing', 'timeout')`,
			[agentId, unheard.map((answer) => answer.commandId)]
		);
		const isUnheard = (row: OpenResult) =>
			unheard.some((answer) => answer.commandId === row.commandId && answer.accountId === row.accountId);
		for (const row of rows.filter(isUnheard)) {
			if (row.kind === 'START_EA') this.#results.add(neverRan(row, new Date(this.#nowMs())));
			else await this.#redeliver(row);
		}
	}

	/** Marks as unknown what nobody reports on. Called every second or so. */
	async sweep(): Promise<void> {
		const { rows } = await this.#db.pool.query<OpenResult>({
			name: 'open-results',
			text: `${OPEN} WHERE r.status IN ('dispatched', 'executing')`
		});
		for (const row of rows) {
			const isUp = this.#isConnected(row.agentId);
			if (isUp) this.#lastUp.set(row.agentId, this.#nowMs());
			const why = isUp ? unheardTooLong(row) : this.#lostTooLong(row.agentId);
			if (!why) continue;
			this.#results.add({ ...emptyChange(row), status: 'timeout', errorCode: 'unknown', error: why });
			if (isUp) this.#send(row.agentId, { type: 'settle', commands: [settleEntry(row)] });
		}
	}

	#lostTooLong(agentId: string): string | null {
		const lastUp = this.#lastUp.get(agentId) ?? this.#startedAt;
		return this.#nowMs() - lastUp > LOST_AGENT_GRACE_MS
			? 'The agent was lost while it was at work. What happened is unknown; it is settled as soon as the agent is back.'
			: null;
	}

	async #redeliver(row: OpenResult): Promise<void> {
		const [account] = await readAssignedAccounts(this.#db.pool, { accountIds: [row.accountId] });
		if (!account || account.agentId !== row.agentId) return;
		await this.#db.pool.query(
			`UPDATE "EaCommandResult" SET status = 'dispatched', "agentId" = $3, epoch = $4, "dispatchedAt" = now()
			 WHERE "commandId" = $1 AND "accountId" = $2 AND status IN ('dispatched', 'waiting', 'timeout')`,
			[row.commandId, row.accountId, row.agentId, account.epoch]
		);
		// The writer tells the page; the same status once more is harmless.
		this.#results.add({ ...emptyChange(row), status: 'dispatched' });
		this.#send(row.agentId, commandFrame(row, account));
	}
}

const settleEntry = (row: OpenResult) => ({
	commandId: row.commandId,
	accountId: row.accountId,
	generation: Number(row.generation),
	kind: KIND_OF_DB[row.kind]
});

const commandFrame = (row: OpenResult, account: AccountRow & { epoch: number }) => ({
	type: 'command' as const,
	...settleEntry(row),
	epoch: account.epoch,
	closePositions: row.closePositions,
	settings: settingsOf(account),
	notAfterMs: null
});

function unheardTooLong(row: OpenResult): string | null {
	const isStart = row.kind === 'START_EA';
	const isTooLong = isStart
		? row.ageMs > UNKNOWN_AFTER_MS
		: row.status === 'dispatched' && row.ageMs > SAFE_UNHEARD_MS;
	return isTooLong
		? 'The agent has not answered in time. What happened is unknown; it is being asked.'
		: null;
}

/** The agent's journal does not know the Start, and has noted that it must never run. */
const neverRan = (row: OpenResult, settledAt: Date): ResultChange => ({
	...emptyChange(row),
	status: 'expired',
	errorCode: 'never_received',
	error: 'The command never reached the agent. Nothing was started; press Start again.',
	settledAt
});

const emptyChange = (row: OpenResult): ResultChange => ({
	commandId: row.commandId,
	accountId: row.accountId,
	agentId: row.agentId,
	status: row.status,
	stage: null,
	errorCode: null,
	error: null,
	eaStatus: null,
	proof: null,
	settledAt: null,
	durationMs: null
});
