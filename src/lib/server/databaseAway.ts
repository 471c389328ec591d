/** Tells a database that cannot be used just now from everything else that may be wrong. */
import pg from 'pg';

const AWAY = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'57P01',
	'57P02',
	'57P03',
	// Full disk or memory, no connection left, read-only: nothing can be written.
	'53100',
	'53200',
	'53300',
	'25006',
	'P1001',
	'P1002',
	'P1017',
	// No connection, or no end of a transaction, in time.
	'P2028'
]);

/** No answer from the database: whether a commit under way went through is not known. */
export function isDatabaseAway(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const { code, meta } = error as {
		code?: unknown;
		meta?: { driverAdapterError?: { cause?: { originalCode?: string } } };
	};
	// Prisma keeps PostgreSQL's own code inside its error.
	const inner = meta?.driverAdapterError?.cause?.originalCode;
	if ([code, inner].some((each) => typeof each === 'string' && AWAY.has(each))) return true;
	if (error instanceof pg.DatabaseError) return false;
	return /Connection terminated|timeout exceeded when trying to connect|Can't reach database/.test(
		error.message
	);
}
