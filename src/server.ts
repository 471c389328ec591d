/**
 * The production entry: one HTTP server for SvelteKit's handler and the agents' WebSocket. Owns the process:
 * database when none is given, migrations, start, and an end within ten seconds that loses nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { migrate } from '../prisma/migrate.ts';
import { MAX_UPLOAD_BODY_BYTES } from './lib/domain/limits.ts';
import { ensureKeyFile } from './lib/server/crypto/secretBox.ts';
import { startEmbeddedPostgres } from './lib/server/embeddedPostgres.ts';
import { runningApp } from './lib/server/running.ts';

const SHUTDOWN_MS = 9_000;
const HEADER_OF_SCHEME = 'x-quintet-scheme';

const dataDir = process.env['QUINTET_DATA_DIR'] ?? '.data';
const port = Number(process.env['PORT'] ?? 3000);
const host = process.env['HOST'] ?? '127.0.0.1';

const embedded = process.env['DATABASE_URL']
	? null
	: await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
if (embedded) process.env['DATABASE_URL'] = embedded.url;
if (!process.env['QUINTET_KEY_FILE']) {
	process.env['QUINTET_KEY_FILE'] = join(dataDir, 'keys');
	await ensureKeyFile(process.env['QUINTET_KEY_FILE'], new Date());
}
await migrate(process.env['DATABASE_URL'] ?? '');

// Without ORIGIN the page is served over plain http at whatever name it is asked for; adapter-node assumes
// https unless a header says otherwise. The header is ours: what a client sends under its name is overwritten.
const isOriginKnown = process.env['ORIGIN'] !== undefined;
if (!isOriginKnown) process.env['PROTOCOL_HEADER'] = HEADER_OF_SCHEME;

// For the one route that takes uploads. Everything else reads less by itself: readJson (MAX_BODY_BYTES), and readForm.
process.env['BODY_SIZE_LIMIT'] ??= String(MAX_UPLOAD_BODY_BYTES);

// The specifier is not a literal, so that types are checked before the first build too.
const built = new URL('../build/handler.js', import.meta.url).href;
const { handler } = (await import(built)) as {
	handler: (request: IncomingMessage, response: ServerResponse) => void;
};
const app = runningApp();
if (!app) throw new Error('The server was built from other sources: run npm run build.');

// Looked at every two seconds, so that the limits below hold to about that.
const server = createServer({ connectionsCheckingInterval: 2_000 }, (request, response) => {
	if (!isOriginKnown) request.headers[HEADER_OF_SCHEME] = 'http';
	handler(request, response);
});
server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
	socket.on('error', () => socket.destroy());
	app.endpoint.handleUpgrade(request, socket, head);
});
// Whole headers within this, so that a client that dribbles them holds no place for long.
server.headersTimeout = 10_000;
server.maxHeadersCount = 100;
server.requestTimeout = 45_000;

server.on('error', (error: NodeJS.ErrnoException) => {
	const reason =
		error.code === 'EADDRINUSE'
			? `Port ${port} is in use. Stop what listens there, or set PORT to another one.`
			: error.message;
	console.error(reason);
	process.exit(1);
});
server.listen(port, host, () => {
	app.logger.info({ port, host }, 'listening');
	process.send?.({ type: 'listening', port });
});

let isEnding = false;
async function end(reason: string): Promise<void> {
	if (isEnding) return;
	isEnding = true;
	app?.logger.info({ reason }, 'shutting down');
	setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
	// Requests are still taken while agents and pages are sent away: what may wait is stored, a Start is refused.
	await app?.core.drain();
	const closed = new Promise<void>((done) => server.close(() => done()));
	server.closeIdleConnections();
	await Promise.race([closed, new Promise((done) => setTimeout(done, 3_000))]);
	server.closeAllConnections();
	await app?.close();
	await embedded?.stop();
	process.exit(0);
}
process.on('SIGTERM', () => void end('SIGTERM'));
process.on('SIGINT', () => void end('SIGINT'));
// Started by another program with a channel: its end is ours.
process.on('disconnect', () => void end('the parent process ended'));
