/** Which database is meant: DATABASE_URL, or the PostgreSQL of our own in QUINTET_DATA_DIR, running or not. */
import { join } from 'node:path';
import { runningPostgresUrl, startEmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';

export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
	const given = process.env['DATABASE_URL'];
	if (given) return work(given);
	const dataDir = join(process.env['QUINTET_DATA_DIR'] ?? '.data', 'postgres');
	// A web server has it up; a second one on the same files would end that.
	const running = await runningPostgresUrl(dataDir);
	if (running) return work(running);
	const postgres = await startEmbeddedPostgres({ dataDir });
	try {
		return await work(postgres.url);
	} finally {
		await postgres.stop();
	}
}
