import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import type { Readiness } from '#lib/server/monitoring/readiness.ts';
import { ApiClient } from '../../support/client.ts';
import { arrangeScene } from '../../support/scene.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const TOKEN = 'a-token-of-the-monitor';
let dir: string;
let postgres: EmbeddedPostgres;
let web: WebServer;
let monitor: ApiClient;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-monitoring-'));
	await chmod(dir, 0o755);
	postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres') });
	web = await startWebServer({ DATABASE_URL: postgres.url, QUINTET_METRICS_TOKEN: TOKEN });
	monitor = new ApiClient(web.origin);
});
afterAll(async () => {
	await web.stop();
	await postgres.stop();
	await rm(dir, { recursive: true, force: true });
});

const scrape = async () => {
	const answer = await monitor.send<string>('GET', '/metrics', undefined, {
		authorization: `Bearer ${TOKEN}`
	});
	expect(answer.status).toBe(200);
	expect(answer.headers.get('content-type')).toContain('text/plain');
	return answer.body;
};
const value = (text: string, series: string): number | undefined => {
	const line = text.split('\n').find((each) => each.startsWith(`${series} `));
	return line === undefined ? undefined : Number(line.slice(series.length));
};

describe('S5: metrics', () => {
	it('are not there for anybody without the token', async () => {
		for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }])
			expect((await monitor.send('GET', '/metrics', undefined, headers)).status).toBe(404);
	});

	it('are not there at all when no token is set', async () => {
		const plain = await startWebServer();
		try {
			const answer = await new ApiClient(plain.origin).send('GET', '/metrics', undefined, {
				authorization: 'Bearer undefined'
			});
			expect(answer.status).toBe(404);
		} finally {
			await plain.stop();
		}
	});

	it('count agents, accounts and requests by route, and never by what was asked for', async () => {
		const { agent, trader } = await arrangeScene(web, 2);
		const secret = 'no-such-page-4711';
		await trader.send('GET', `/${secret}`);
		await trader.send('BREW' as string, '/dashboard').catch(() => undefined);
		const text = await scrape();
		expect(value(text, 'quintet_agents_connected')).toBe(1);
		expect(value(text, 'quintet_accounts_held')).toBe(2);
		expect(
			value(
				text,
				'quintet_http_request_duration_seconds_count{method="POST",route="/api/user/mt5-accounts",status="201"}'
			)
		).toBe(2);
		expect(text).not.toContain(secret);
		expect(text).not.toContain('BREW');
		agent.drop();
	});
});

describe('S5: health and readiness', () => {
	it('says that it is ready, and how it stands with the other servers', async () => {
		expect((await monitor.get('/healthz')).body).toEqual({ status: 'ok' });
		// A database that takes longer than two seconds for an answer counts as away, if only this once.
		const body = await waitFor('the server to be ready', async () => {
			const answer = await monitor.get<Readiness>('/readyz');
			return answer.status === 200 && answer.body;
		});
		expect(body).toMatchObject({ status: 'ready', database: 'up', isDraining: false, bus: 'none' });
	});

	it('is alive but not ready without the database', async () => {
		const port = Number(new URL(postgres.url).port);
		await postgres.stop();
		const { status, body } = await monitor.get<Readiness>('/readyz');
		expect(status).toBe(503);
		expect(body).toMatchObject({ status: 'not_ready', database: 'away' });
		expect((await monitor.get('/healthz')).status).toBe(200);
		postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), port });
		await waitFor(
			'the server to be ready again',
			async () => (await monitor.get<Readiness>('/readyz')).body.status === 'ready'
		);
	});
});
