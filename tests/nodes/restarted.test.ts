/** A server that was killed and starts again is not taken for two. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostname } from 'node:os';
import { query } from '../support/database.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { health } from './twoSides.ts';

describe('S12: one server that is started again after it was killed', () => {
	let web: WebServer;
	const node = () => ({
		...web,
		kill: async () => undefined,
		end: async () => undefined,
		start: async () => undefined
	});
	beforeAll(async () => {
		web = await startWebServer();
	});
	afterAll(() => web.stop());

	it('S12: believes at once that it is alone, its old lease notwithstanding', async () => {
		await web.restart('SIGKILL');
		const leases = await query(web.databaseUrl, `SELECT 1 FROM "ServerNode"`);
		expect(leases).toHaveLength(2);
		expect((await health(node())).others).toBe(0);
		expect(web.log()).not.toMatch(/another server process/);
	});

	it('S12: a lease of another machine is believed', async () => {
		await query(
			web.databaseUrl,
			`INSERT INTO "ServerNode" (id, host, pid, "isOnBus", "aliveAt")
			 VALUES (gen_random_uuid(), $1, 1, false, now() + interval '1 minute')`,
			[`not-${hostname()}`]
		);
		await web.restart('SIGKILL');
		expect((await health(node())).others).toBe(1);
	});
});
