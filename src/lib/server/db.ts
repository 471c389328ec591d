/**
 * The database: Prisma for everything that is not hot, and the same `pg` pool by hand for the few statements
 * that are (docs/decisions/0005). Owns the pool.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from './generated/prisma/client.ts';
import { createLanes } from './lanes.ts';

export type Tx = Prisma.TransactionClient;
export type Sql = Pick<pg.PoolClient, 'query'>;

export interface Database {
	readonly prisma: PrismaClient;
	readonly pool: pg.Pool;
	/**
	 * Runs `work` in a transaction of hand-written SQL; READ COMMITTED, so rows that a rule depends on are locked
	 * in it. Deadlocks and serialisation failures are retried, three times at most.
	 * @param work may call `commit` once it has asked for the last of what it writes: the commit travels with that, and
	 *   nothing is written if any of it failed. Else it comes when `work` is done
	 * @param lanes transactions that share a lane wait for each other in this process instead of on a row lock, where
	 *   each would hold a connection: however much one trader asks for, the others find connections free
	 */
	transaction<T>(work: (sql: Sql, commit: () => void) => Promise<T>, lanes?: readonly string[]): Promise<T>;
	/** Runs `work` in a Prisma transaction with the trader's row locked, one of a trader at a time. */
	traderTransaction<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
	close(): Promise<void>;
}

/** Errors after which PostgreSQL has undone the transaction and asks to try again. */
const RETRYABLE = new Set(['40001', '40P01']);
const MAX_TRIES = 3;
/** How long a request waits for a free connection; then it is refused with 503. */
const CONNECTION_WAIT_MS = 5_000;
const TRANSACTION_MS = 10_000;

export function openDatabase(url: string, poolSize: number, onError: (error: Error) => void): Database {
	const pool = new pg.Pool({
		connectionString: url,
		max: poolSize,
		connectionTimeoutMillis: CONNECTION_WAIT_MS,
		application_name: 'quintet-web',
		// Statements of one transaction that do not need each other's answer go out together.
		pipeline: true
	});
	// Idle connections end when PostgreSQL restarts; the pool replaces them at the next query.
	pool.on('error', onError);
	const prisma = new PrismaClient({
		adapter: new PrismaPg(pool),
		transactionOptions: { maxWait: CONNECTION_WAIT_MS, timeout: TRANSACTION_MS }
	});
	const inLane = createLanes();
	return {
		prisma,
		pool,
		transaction: (work, lanes = []) => inLane(lanes, () => transaction(pool, work)),
		traderTransaction: (userId, work) =>
			inLane([`trader ${userId}`], () =>
				prisma.$transaction(async (tx) => {
					await tx.$executeRaw`SELECT 1 FROM "User" WHERE id = ${userId}::uuid FOR UPDATE`;
					return work(tx);
				})
			),
		close: async () => {
			await prisma.$disconnect();
			if (!pool.ended) await pool.end();
		}
	};
}

async function transaction<T>(pool: pg.Pool, work: (sql: Sql, commit: () => void) => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		const client = await pool.connect();
		let broken: Error | undefined;
		// While it is ours nobody else listens, and an unheard `error` of a lost connection ends the process.
		const onLost = (error: Error) => (broken = error);
		client.on('error', onLost);
		let committed: Promise<pg.QueryResult> | undefined;
		const commit = () => {
			committed ??= client.query('COMMIT');
			// Looked at below, once `work` is done; a lost connection must not be unheard until then.
			committed.catch(() => undefined);
			return committed;
		};
		try {
			// What `work` asks first travels with it.
			const [, result] = await Promise.all([client.query('BEGIN'), work(client, commit)]);
			const { command } = await commit();
			// PostgreSQL's answer to COMMIT after a statement that failed.
			if (command !== 'COMMIT') throw new Error(`a transaction ended with ${command}`);
			return result;
		} catch (error) {
			await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
			if (attempt >= MAX_TRIES || !isRetryable(error)) throw error;
		} finally {
			client.off('error', onLost);
			client.release(broken);
		}
	}
}

function isRetryable(error: unknown): boolean {
	return error instanceof pg.DatabaseError && error.code !== undefined && RETRYABLE.has(error.code);
}
