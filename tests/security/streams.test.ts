import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_STREAM_QUEUE_BYTES } from '#lib/domain/limits.ts';
import { createApp } from '#lib/server/app.ts';
import { loadConfig } from '#lib/server/config.ts';
import { ensureKeyFile } from '#lib/server/crypto/secretBox.ts';
import { openEventStream } from '#lib/server/live/eventStream.ts';
import { createTestDatabase } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { signedIn, signInAgain } from './people.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const stillOpen = (readers: EventReader[]) => readers.filter(({ isOpen }) => isOpen);

describe('B1: a flood of live streams', () => {
	it('of one session: six are open, the oldest are closed and told so, and nobody else loses one', async () => {
		const bystander = await signedIn(web, 'bystander@example.test');
		const untouched = await EventReader.open(bystander);
		await untouched.next('hello');
		const flooder = await signedIn(web, 'flooder@example.test');
		const readers: EventReader[] = [];
		for (let i = 0; i < 100; i++) readers.push(await EventReader.open(flooder));
		await waitFor('all but six to be closed', () => stillOpen(readers).length === 6);
		expect(stillOpen(readers)).toEqual(readers.slice(-6));
		expect(readers[0]?.of('closed')).toEqual([{ reason: 'too_many_streams' }]);
		expect(untouched.isOpen).toBe(true);
		await bystander.addAccount('6001');
		await untouched.next('accounts');
		for (const reader of [...readers, untouched]) reader.close();
	});

	it('of one user with many sessions: twenty are open', async () => {
		const email = 'sessions@example.test';
		await signedIn(web, email);
		const readers: EventReader[] = [];
		for (let session = 0; session < 5; session++) {
			const client = await signInAgain(web, email);
			for (let i = 0; i < 6; i++) readers.push(await EventReader.open(client));
		}
		await waitFor('all but twenty to be closed', () => stillOpen(readers).length === 20);
		expect(stillOpen(readers)).toEqual(readers.slice(-20));
		for (const reader of readers) reader.close();
	});
});

describe('B2: a reader that does not read', () => {
	it('costs a bounded queue, is told to load everything anew, and then hears the present', async () => {
		const { url, drop } = await createTestDatabase();
		const keyFile = join(await mkdtemp(join(tmpdir(), 'quintet-b2-')), 'keys');
		await ensureKeyFile(keyFile, new Date());
		const app = await createApp(
			loadConfig({ DATABASE_URL: url, QUINTET_KEY_FILE: keyFile, QUINTET_LOG_LEVEL: 'silent' })
		);
		try {
			const userId = randomUUID();
			const open = () => openEventStream(app, { userId, sessionId: randomUUID() }, null).getReader();
			const [slow, attentive] = [open(), open()];
			const heard = read(attentive);
			await waitFor('the beginning', () => heard.text().includes('event: position'));
			// Twenty megabytes that nobody takes off the slow one's hands.
			const message = (reason: string) => ({ name: 'accounts' as const, body: { reason, accountIds: [] } });
			for (let i = 0; i < 2_000; i++) {
				app.hub.publishUnnumbered(userId, message(`${i} ${'x'.repeat(10_000)}`));
				if (i % 20 === 0) await new Promise((done) => setImmediate(done));
			}
			await waitFor('the attentive one to hear them all', () => heard.text().includes('"1999 '));
			expect(heard.text()).not.toContain('event: resync');

			const late = read(slow);
			await waitFor('the slow one to be told', () => late.text().includes('event: resync'));
			app.hub.publishUnnumbered(userId, message('after the silence'));
			await waitFor('the present after it', () => late.text().includes('after the silence'));
			expect(late.text().length).toBeLessThan(2 * MAX_STREAM_QUEUE_BYTES);
			expect(late.text().indexOf('event: resync')).toBeLessThan(late.text().indexOf('after the silence'));
		} finally {
			await app.close();
			await drop();
		}
	});
});

/** Everything that comes from now on, as text. */
function read(reader: ReadableStreamDefaultReader<Uint8Array>): { text: () => string } {
	let text = '';
	const decoder = new TextDecoder();
	void (async () => {
		for (let part = await reader.read(); !part.done; part = await reader.read())
			text += decoder.decode(part.value, { stream: true });
	})();
	return { text: () => text };
}
