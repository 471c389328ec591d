/**
 * One PostgreSQL for all integration tests, with a migrated template database that each test file clones. It
 * does not wait for the disk (`fsync=off`): the tests end before the machine does.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import { migrate } from '../../prisma/migrate.ts';
import { buildIfNeeded } from '../../scripts/build.ts';

declare module 'vitest' {
	interface ProvidedContext {
		/** A superuser's connection string with `DATABASE` in the place of the name. */
		databaseUrlPattern: string;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	await buildIfNeeded(console.log);
	const parent = await mkdtemp(join(tmpdir(), 'quintet-test-'));
	// PostgreSQL runs as another user when we are root, and must be let through.
	await chmod(parent, 0o755);
	const postgres = await startEmbeddedPostgres({
		dataDir: join(parent, 'postgres'),
		database: 'template_quintet',
		settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300' }
	});
	await migrate(postgres.url);
	project.provide('databaseUrlPattern', postgres.urlOf('DATABASE'));
	return async () => {
		await postgres.stop();
		await rm(parent, { recursive: true, force: true });
	};
}
