import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../support/client.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let dir: string;
let postgres: EmbeddedPostgres;
let web: WebServer;
let trader: ApiClient;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-away-'));
	await chmod(dir, 0o755);
	postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres') });
	web = await startWebServer({ DATABASE_URL: postgres.url });
	trader = new ApiClient(web.origin);
	await trader.register('away@example.test');
});
afterAll(async () => {
	await web.stop();
	await postgres.stop();
	await rm(dir, { recursive: true, force: true });
});

describe('a database that is away', () => {
	it('is a 503 with a sentence on the API and an error page for people, and all is well when it is back', async () => {
		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		const refusal = await trader.refusal('POST', '/api/user/ea/command', { command: 'stop_ea' });
		expect(refusal).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
		expect(refusal.error?.message).toContain('look first whether it was done');

		const page = await trader.send<string>('GET', '/dashboard', undefined, { accept: 'text/html' });
		expect(page.status).toBe(500);
		expect(page.headers.get('content-type')).toContain('text/html');
		expect(page.body).toContain('The database cannot be reached just now');
		expect(page.body).toContain('Your accounts are not touched by this');
		expect(page.body).not.toMatch(/ECONNREFUSED|at .*\.js/);

		postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), port });
		await waitFor('the server to find its database again', async () => {
			return (await trader.get('/api/user/mt5-accounts')).status === 200;
		});
	});
});
