import { defineConfig } from 'prisma/config';

// `prisma generate` only wants the path of a schema engine to exist; migrations run through the
// WebAssembly engine in prisma/migrate.ts, so no binary is ever downloaded.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
	schema: 'prisma/schema.prisma',
	migrations: { path: 'prisma/migrations' }
});
