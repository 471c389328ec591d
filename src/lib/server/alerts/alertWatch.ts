/**
 * Looks at the accounts of everybody who has a webhook, and opens and ends their alerts, each together with its
 * messages in one statement. Each server judges the accounts whose agent is on a line of its own, and those whose agent
 * is on none; whoever comes first opens it, since the database has one open alert per account and kind.
 */
import { uuidv7 } from 'uuidv7';
import { judge, type AlertFacts, type AlertKind, type NewestCommand } from '#lib/domain/alerts.ts';
import type { CommandKind, ResultStatus } from '#lib/domain/commandLifecycle.ts';
import { readAccountsOf, type AccountRow } from '../accounts/accountRows.ts';
import { accountView, type ReportSource } from '../accounts/accountView.ts';
import { KIND_OF_DB } from '../commands/commandRows.ts';
import type { Database } from '../db.ts';

interface Change {
	id: string;
	accountId: string;
	kind: AlertKind;
	facts: AlertFacts | null;
}

type CommandOfAccount = NewestCommand & { accountId: string };

export class AlertWatch {
	readonly #db: Database;
	readonly #source: ReportSource;
	readonly #afterMs: number;
	/** Since when an account is seen to be otherwise than its alert says: it has to stay so for a while. */
	#since = new Map<string, number>();

	/** @param afterMs how long something has to last before it is told, and to be over before that is told */
	constructor(db: Database, source: ReportSource, afterMs: number) {
		this.#db = db;
		this.#source = source;
		this.#afterMs = afterMs;
	}

	async look(): Promise<void> {
		const { pool } = this.#db;
		const { rows: owners } = await pool.query<{ userId: string }>(
			`SELECT DISTINCT "userId" FROM "AlertWebhook"`
		);
		if (owners.length === 0) return;
		const userIds = owners.map(({ userId }) => userId);
		const [rows, commands, open] = await Promise.all([
			readAccountsOf(pool, userIds),
			this.#newestCommands(userIds),
			this.#openAlerts(userIds)
		]);
		const since = new Map<string, number>();
		const changes = rows.flatMap((row) => this.#changesOf(row, commands.get(row.id) ?? null, open, since));
		this.#since = since;
		await this.#open(changes.filter(({ facts }) => facts !== null));
		await this.#end(changes.filter(({ facts }) => facts === null));
	}

	#changesOf(
		row: AccountRow,
		command: NewestCommand | null,
		open: ReadonlySet<string>,
		since: Map<string, number>
	): Change[] {
		const nowMs = this.#source.nowMs();
		const isElsewhere = row.agentId !== null && this.#source.routeOf(row.agentId) === 'elsewhere';
		const verdicts = Object.entries(judge(accountView(row, this.#source), command)) as [
			AlertKind,
			ReturnType<typeof judge>[AlertKind]
		][];
		return verdicts.flatMap(([kind, verdict]) => {
			// What another server sees at first hand, it judges.
			if (isElsewhere && kind !== 'command_failed') return [];
			const key = `${row.id} ${kind}`;
			if (verdict.is === 'unknown' || (verdict.is === 'raised') === open.has(key)) return [];
			const sinceMs = this.#since.get(key) ?? nowMs;
			since.set(key, sinceMs);
			if (kind !== 'command_failed' && nowMs - sinceMs < this.#afterMs) return [];
			const facts = verdict.is === 'raised' ? verdict.facts : null;
			return [{ id: uuidv7(), accountId: row.id, kind, facts }];
		});
	}

	/** By account, of the last hour, and no older than its trader's first webhook. */
	async #newestCommands(userIds: readonly string[]): Promise<Map<string, NewestCommand>> {
		const { rows } = await this.#db.pool.query<{
			accountId: string;
			kind: keyof typeof KIND_OF_DB;
			status: ResultStatus;
			error: string | null;
			at: Date;
		}>({
			name: 'alerts-commands',
			text: `SELECT DISTINCT ON (r."accountId") r."accountId", c.kind, r.status, r.error,
			         coalesce(r."settledAt", c."createdAt") AS at
			       FROM "EaCommand" c JOIN "EaCommandResult" r ON r."commandId" = c.id
			       WHERE c."userId" = ANY($1::uuid[]) AND c."createdAt" > now() - interval '1 hour'
			         AND c."createdAt" > (SELECT min(w."createdAt") FROM "AlertWebhook" w WHERE w."userId" = c."userId")
			       ORDER BY r."accountId", c."createdAt" DESC, c.id DESC`,
			values: [userIds]
		});
		return new Map(
			rows.map(({ accountId, kind, status, error, at }): [string, CommandOfAccount] => [
				accountId,
				{ accountId, kind: KIND_OF_DB[kind] satisfies CommandKind, status, error, at: at.toISOString() }
			])
		);
	}

	/** `<account> <kind>` */
	async #openAlerts(userIds: readonly string[]): Promise<Set<string>> {
		const { rows } = await this.#db.pool.query<{ key: string }>({
			name: 'alerts-open',
			text: `SELECT l."accountId" || ' ' || l.kind AS key FROM "Alert" l JOIN "Mt5Account" a ON a.id = l."accountId"
			       WHERE l."resolvedAt" IS NULL AND a."userId" = ANY($1::uuid[])`,
			values: [userIds]
		});
		return new Set(rows.map(({ key }) => key));
	}

	async #open(changes: readonly Change[]): Promise<void> {
		if (changes.length === 0) return;
		await this.#db.pool.query({
			name: 'alerts-raise',
			text: `WITH wanted AS (
			         SELECT x.*, a."userId" FROM jsonb_to_recordset($1::jsonb)
			           AS x(id uuid, "accountId" uuid, kind text, facts jsonb)
			         JOIN "Mt5Account" a ON a.id = x."accountId"
			         WHERE EXISTS (SELECT 1 FROM "AlertWebhook" w WHERE w."userId" = a."userId" AND x.kind = ANY(w.kinds))
			       ), opened AS (
			         INSERT INTO "Alert" (id, "accountId", kind, facts) SELECT id, "accountId", kind, facts FROM wanted
			         ON CONFLICT ("accountId", kind) WHERE "resolvedAt" IS NULL DO NOTHING RETURNING id
			       )
			       INSERT INTO "AlertDelivery" (id, "webhookId", "alertId", event)
			       SELECT gen_random_uuid(), w.id, o.id, 'opened' FROM opened o JOIN wanted x ON x.id = o.id
			       JOIN "AlertWebhook" w ON w."userId" = x."userId" AND x.kind = ANY(w.kinds)`,
			values: [JSON.stringify(changes)]
		});
	}

	/** Whoever was told of it is told that it is over. */
	async #end(changes: readonly Change[]): Promise<void> {
		if (changes.length === 0) return;
		await this.#db.pool.query({
			name: 'alerts-end',
			text: `WITH ended AS (
			         UPDATE "Alert" l SET "resolvedAt" = now()
			         FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, kind text)
			         WHERE l."accountId" = x."accountId" AND l.kind = x.kind AND l."resolvedAt" IS NULL RETURNING l.id
			       )
			       INSERT INTO "AlertDelivery" (id, "webhookId", "alertId", event)
			       SELECT gen_random_uuid(), d."webhookId", e.id, 'resolved'
			       FROM ended e JOIN "AlertDelivery" d ON d."alertId" = e.id AND d.event = 'opened'`,
			values: [JSON.stringify(changes)]
		});
	}
}
