/**
 * The disk an agent's journal lies on: a real SQLite database in memory that outlives the agent, can be full, and
 * tells what was committed.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { type JournalDatabase } from '../../agent/src/link/journalSchema.ts';
import { type SimProcess } from './timeline.ts';

export interface JournalNews {
	accepted(command: { commandId: string; accountId: string; generation: number; kind: CommandKind }): void;
	/** @param result as it was journalled */
	done(result: { commandId: string; accountId: string; generation: number; outcome: string }): void;
}

export class JournalDisk {
	isFull = false;
	#db = new DatabaseSync(':memory:');

	/** What the next agent finds is what was committed. */
	processEnded(): void {
		if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
	}

	/** For the weakened variant: an agent without a memory. */
	forget(): void {
		this.#db = new DatabaseSync(':memory:');
	}

	open(process: SimProcess, news: JournalNews, afterCommit: () => void): JournalDatabase {
		const db = this.#db;
		const fail = (): void => {
			if (process.isDead) throw new Error('the process has ended');
		};
		let uncommitted: Array<() => void> = [];
		const statement = (sql: string): StatementSync => {
			const real = db.prepare(sql);
			const isWrite = !sql.startsWith('SELECT') && !sql.startsWith('PRAGMA');
			const run = (...values: Parameters<StatementSync['run']>) => {
				fail();
				if (this.isFull && isWrite) {
					// The agent's word stands all the same, as long as the agent does.
					if (sql.includes(`SET state = 'done'`)) newsOf(sql, values, 1, news)?.();
					throw new Error('database or disk is full');
				}
				const changes = real.run(...values);
				const told = newsOf(sql, values, changes.changes, news);
				if (told) uncommitted.push(told);
				return changes;
			};
			return {
				run,
				get: (...values: Parameters<StatementSync['get']>) => real.get(...values),
				all: (...values: Parameters<StatementSync['all']>) => real.all(...values)
			} as unknown as StatementSync;
		};
		return {
			prepare: statement,
			exec: (sql) => {
				fail();
				db.exec(sql);
				if (sql === 'ROLLBACK') uncommitted = [];
				if (sql !== 'COMMIT') return;
				const told = uncommitted;
				uncommitted = [];
				for (const tell of told) tell();
				if (told.length > 0) afterCommit();
			},
			get isTransaction() {
				return db.isTransaction;
			},
			// It is there for the next agent.
			close: () => {}
		};
	}
}

function newsOf(
	sql: string,
	values: readonly unknown[],
	changes: number | bigint,
	news: JournalNews
): (() => void) | null {
	if (changes === 0) return null;
	if (sql.startsWith('INSERT INTO command') && !sql.includes('ON CONFLICT')) {
		const byColumn = columnsOf(sql, values);
		const command = {
			commandId: String(byColumn['commandId']),
			accountId: String(byColumn['accountId']),
			generation: Number(byColumn['generation']),
			kind: String(byColumn['kind']) as CommandKind
		};
		if (byColumn['state'] === 'received') return () => news.accepted(command);
		const { result } = byColumn;
		return typeof result === 'string' ? () => news.done(JSON.parse(result)) : null;
	}
	if (sql.includes(`SET state = 'done'`)) {
		const [result] = values;
		return () => news.done(JSON.parse(String(result)));
	}
	return null;
}

function columnsOf(sql: string, values: readonly unknown[]): Record<string, unknown> {
	const names =
		/\(([^)]*)\)/
			.exec(sql)?.[1]
			?.split(',')
			.map((name) => name.trim()) ?? [];
	return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
