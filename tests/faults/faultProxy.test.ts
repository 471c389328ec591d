/** The proxy itself: a fault that it does not make would prove nothing. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { waitFor } from '../support/waitFor.ts';
import { FaultProxy } from './support/faultProxy.ts';

describe('FaultProxy on plain bytes', () => {
	let target: Server;
	let proxy: FaultProxy;
	let client: Socket;
	/** Of this test alone: a socket of the one before may still be closing. */
	let seen: { isTargetClosed: boolean; isClientClosed: boolean; answer: string; pieces: number };

	beforeEach(async () => {
		const mine = { isTargetClosed: false, isClientClosed: false, answer: '', pieces: 0 };
		seen = mine;
		target = createServer((socket) => {
			socket.on('data', (bytes) => socket.write(bytes));
			socket.on('error', () => {});
			socket.on('close', () => (mine.isTargetClosed = true));
		});
		await new Promise<void>((done) => target.listen(0, '127.0.0.1', done));
		proxy = await FaultProxy.listen(() => (target.address() as AddressInfo).port);
		client = connect(proxy.port, '127.0.0.1').setNoDelay(true);
		client.on('data', (bytes) => {
			mine.answer += bytes.toString();
			mine.pieces += 1;
		});
		client.on('error', () => {});
		client.on('close', () => (mine.isClientClosed = true));
	});
	afterEach(async () => {
		client.destroy();
		await proxy.close();
		await new Promise((done) => target.close(done));
	});
	const echoed = (text: string) => waitFor(`“${text.slice(0, 20)}”`, () => seen.answer === text);
	const roundTrip = async (text: string) => {
		const before = seen.answer;
		client.write(text);
		await echoed(before + text);
	};

	it('passes everything, and the end of either side', async () => {
		const text = 'x'.repeat(500_000);
		client.write(text);
		await echoed(text);
		client.destroy();
		await waitFor('the end at the target', () => seen.isTargetClosed);
		await waitFor('no connection', () => proxy.open === 0);
	});

	it('delays, and lets less than so many bytes a second through', async () => {
		proxy.up.latencyMs = 300;
		let startedAt = performance.now();
		await roundTrip('late');
		expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
		proxy.up.latencyMs = 0;
		proxy.down.bytesPerSecond = 1_000;
		startedAt = performance.now();
		await roundTrip('y'.repeat(500));
		expect(performance.now() - startedAt).toBeGreaterThanOrEqual(450);
	});

	it('cuts into slices', async () => {
		proxy.down.sliceBytes = 1;
		proxy.down.bytesPerSecond = 500;
		client.write('sliced');
		await echoed('sliced');
		expect(seen.pieces).toBeGreaterThan(1);
	});

	it('holds without losing, and releases in order', async () => {
		await roundTrip('a');
		proxy.up.hold();
		client.write('b');
		client.write('c');
		proxy.down.latencyMs = 0;
		await expect(waitFor('silence', () => seen.answer !== 'a', { timeoutMs: 300 })).rejects.toThrow();
		proxy.up.release();
		await echoed('abc');
	});

	it('loses what falls into the black hole, and the end of the connection too', async () => {
		await roundTrip('a');
		proxy.up.isBlackHole = true;
		client.write('lost');
		client.destroy();
		await waitFor('the client to be gone', () => seen.isClientClosed);
		await expect(waitFor('an end', () => seen.isTargetClosed, { timeoutMs: 300 })).rejects.toThrow();
		expect(seen.answer).toBe('a');
	});

	it('resets after so many bytes, on demand, and whoever dials while nobody is let in', async () => {
		proxy.up.resetAfterBytes = 3;
		client.write('abcd');
		await waitFor('the reset', () => seen.isClientClosed && seen.isTargetClosed);
		proxy.accepts = false;
		const refused = connect(proxy.port, '127.0.0.1');
		refused.on('error', () => {});
		await new Promise((done) => refused.once('close', done));
		expect(proxy.dialled).toBe(1);
	});
});

describe('FaultProxy on WebSocket messages', () => {
	let server: WebSocketServer;
	let proxy: FaultProxy;
	let client: WebSocket;
	const received: string[] = [];
	const big = 'b'.repeat(70_000);

	beforeEach(async () => {
		received.length = 0;
		server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
		await new Promise((done) => server.once('listening', done));
		server.on('connection', (socket) => {
			socket.on('message', (bytes: Buffer) => received.push(bytes.toString()));
			socket.on('error', () => {});
		});
		proxy = await FaultProxy.listen(() => (server.address() as AddressInfo).port);
	});
	afterEach(async () => {
		client.terminate();
		for (const socket of server.clients) socket.terminate();
		await proxy.close();
		await new Promise((done) => server.close(done));
	});
	async function dial() {
		client = new WebSocket(proxy.url.replace('http', 'ws'), { perMessageDeflate: false });
		client.on('error', () => {});
		await new Promise((done) => client.once('open', done));
	}
	const send = (...texts: string[]) => texts.forEach((text) => client.send(text));
	const arrived = (...texts: string[]) =>
		waitFor('the messages', () => JSON.stringify(received) === JSON.stringify(texts));

	it('reads masked messages of every length, and counts them', async () => {
		const seen: number[] = [];
		proxy.up.judge = ({ text, number }) => {
			seen.push(number, text.length);
			return 'pass';
		};
		proxy.up.sliceBytes = 10_000;
		await dial();
		send('a', 'm'.repeat(300), big);
		await arrived('a', 'm'.repeat(300), big);
		expect(seen).toEqual([1, 1, 2, 300, 3, 70_000]);
	});

	it('drops, repeats and reorders single messages', async () => {
		const verdicts = ['drop', 'twice', 'after_next', 'aside', 'pass'] as const;
		proxy.up.judge = ({ number }) => verdicts[number - 1] ?? 'pass';
		await dial();
		send('dropped', 'twice', 'third', 'aside', 'fourth');
		await arrived('twice', 'twice', 'aside', 'fourth', 'third');
	});

	it('holds from one message on until released', async () => {
		proxy.up.judge = ({ text }) => (text === 'hold' ? 'hold' : 'pass');
		await dial();
		// Also when all of it comes in one packet.
		const packet = (client as never as { _socket: Socket })._socket;
		packet.cork();
		send('before', 'hold', 'after');
		packet.uncork();
		await waitFor('the hold', () => proxy.up.isHeld);
		await arrived('before');
		proxy.up.release();
		await arrived('before', 'hold', 'after');
	});

	it('freezes from one message on, with both ends open', async () => {
		proxy.up.judge = ({ number }) => (number === 2 ? 'freeze' : 'pass');
		await dial();
		send('first', 'second', 'third');
		await arrived('first');
		client.ping();
		await expect(waitFor('more', () => received.length > 1, { timeoutMs: 300 })).rejects.toThrow();
		expect(client.readyState).toBe(WebSocket.OPEN);
	});

	it('resets at one message', async () => {
		proxy.up.judge = ({ text }) => (text === 'last' ? 'reset' : 'pass');
		await dial();
		const closed = new Promise((done) => client.once('close', done));
		send('first', 'last');
		expect(await closed).toBe(1006);
		await arrived('first');
	});
});
