import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/client.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { signedIn } from './people.ts';

let web: WebServer;
let trader: ApiClient;
/** Another server on this machine, which nobody molests, and somebody there. */
let quiet: WebServer;
let undisturbed: ApiClient;
beforeAll(async () => {
	web = await startWebServer();
	quiet = await startWebServer();
	trader = await signedIn(web, 'limits@example.test');
	undisturbed = await signedIn(quiet, 'limits@example.test');
});
afterAll(async () => {
	await web.stop();
	await quiet.stop();
});

/** A raw connection, with what came back so far. */
async function raw(): Promise<{ socket: Socket; text: () => string; isClosed: () => boolean }> {
	const { hostname, port } = new URL(web.origin);
	const socket = connect({ host: hostname, port: Number(port) });
	let text = '';
	let isClosed = false;
	socket.on('error', () => undefined);
	socket.setEncoding('utf8').on('data', (part: string) => (text += part));
	socket.once('close', () => (isClosed = true));
	await new Promise<void>((done) => socket.once('connect', () => done()));
	return { socket, text: () => text, isClosed: () => isClosed };
}

/** On a connection of its own: one that was kept may be the server's to close in this very moment. */
async function isServed(): Promise<void> {
	const response = await new Promise<IncomingMessage>((done, fail) => {
		const url = `${web.origin}/api/user/mt5-accounts`;
		get(url, { agent: false, headers: { cookie: trader.cookie } }, done).once('error', fail);
	});
	response.resume();
	expect(response.statusCode).toBe(200);
}

async function timeOf(client: ApiClient): Promise<number> {
	const startedAt = performance.now();
	expect((await client.get('/api/user/mt5-accounts')).status).toBe(200);
	return performance.now() - startedAt;
}
/** Of all but one in a hundred. */
const slowest = (times: number[]): number =>
	times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Infinity;

describe('X16: requests that only cost', () => {
	it('dribbled headers are cut off, and others are served meanwhile', async () => {
		const slow = await Promise.all(Array.from({ length: 200 }, () => raw()));
		for (const { socket } of slow) socket.write('GET /api/user/mt5-accounts HTTP/1.1\r\nHost: x\r\nX-A: ');
		const drip = setInterval(() => {
			for (const { socket, isClosed } of slow) if (!isClosed()) socket.write('a');
		}, 500);
		try {
			const [times, elsewhere]: [number[], number[]] = [[], []];
			const deadline = performance.now() + 40_000;
			while (slow.some(({ isClosed }) => !isClosed()) && performance.now() < deadline) {
				times.push(await timeOf(trader));
				elsewhere.push(await timeOf(undisturbed));
			}
			expect(slow.filter(({ isClosed }) => !isClosed()).length).toBe(0);
			// Where the machine is slow, it is so for both.
			expect(slowest(times) - slowest(elsewhere)).toBeLessThan(500);
		} finally {
			clearInterval(drip);
			for (const { socket } of slow) socket.destroy();
		}
	});

	it.each([
		['a JSON body', '/api/user/ea/command', 'application/json', 70_000],
		['an upload', '/api/user/experts', 'application/json', 3_500_000],
		['a form', '/login', 'application/x-www-form-urlencoded', 200_000]
	])('%s that is too large is refused', async (_what, path, type, bytes) => {
		const answer = await trader.send<unknown>('POST', path, 'x'.repeat(bytes), { 'content-type': type });
		expect(answer.status).toBe(413);
	});

	it('a body without an end is cut off as soon as it is too large', async () => {
		const { socket, text, isClosed } = await raw();
		const { host } = new URL(web.origin);
		socket.write(
			`POST /api/user/ea/command HTTP/1.1\r\nHost: ${host}\r\nCookie: ${trader.cookie}\r\n` +
				'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
		);
		const chunk = `${(4096).toString(16)}\r\n${'x'.repeat(4096)}\r\n`;
		for (let i = 0; i < 1_000 && text() === '' && !isClosed(); i++) {
			socket.write(chunk);
			await new Promise((done) => setImmediate(done));
		}
		// An answer may find no reader any more: what counts is that nothing more is taken.
		await waitFor('the end', () => text().includes(' 413 ') || isClosed());
		socket.destroy();
		await isServed();
	});

	it('headers that are too large are refused', async () => {
		const { socket, text } = await raw();
		socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
		await waitFor('the refusal', () => text().startsWith('HTTP/1.1 431'));
		socket.destroy();
	});

	it('garbage is no request, and hurts nobody', async () => {
		for (const garbage of ['\0\0\0\0', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\x16\x03\x01\x02\x00']) {
			const { socket, isClosed } = await raw();
			socket.write(garbage);
			socket.end();
			await waitFor('the connection to be closed', isClosed);
		}
		await isServed();
	});
});
