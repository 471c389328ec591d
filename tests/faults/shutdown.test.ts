/** S4: a deploy ends the server in order: nothing hangs, nothing new begins, everybody is told to come back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/client.ts';
import { EventReader } from '../support/eventReader.ts';
import { beginPress } from '../support/press.ts';
import { arrangeScene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

describe('S4: SIGTERM', () => {
	it('ends 100 open streams and all lines within ten seconds, and takes no Start meanwhile', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const deaf = await arrangeScene(web, 1);
		const readers: EventReader[] = [];
		for (let i = 0; i < 20; i++) {
			const watcher = new ApiClient(web.origin);
			await watcher.register(`watcher${i}@example.test`);
			readers.push(...(await Promise.all(Array.from({ length: 5 }, () => EventReader.open(watcher)))));
		}
		// Somebody waits for an account that does not answer, and one agent does not read its close.
		const waiting = trader.command('stop_ea');
		await agent.next('command');
		(deaf.agent.socket as unknown as { _socket: { pause(): void } })._socket.pause();

		// On its way when the server is told to end: a connection that is made later may find it gone.
		const start = beginPress(trader, 'start_ea');
		const startedAt = performance.now();
		const ended = web.end('SIGTERM');
		await waitFor('the server to begin with it', () => web.log().includes('shutting down'));
		const refusal = await start.finish();
		expect(refusal).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
		expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
		await Promise.all(readers.map((reader) => waitFor('the end of a stream', () => !reader.isOpen)));
		expect(agent.framesOf('command')).toHaveLength(1);

		expect(await ended).toBe(0);
		expect(performance.now() - startedAt).toBeLessThan(10_000);
		expect(await agent.closed).toMatchObject({ code: 1012 });
		// The one who waited was told what is open, not cut off.
		expect((await waiting).body.accounts).toMatchObject([{ status: 'pending' }]);
		deaf.agent.drop();
		await web.restart();
	});
});
