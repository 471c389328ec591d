/** P1–P4, X2 of the wire: whatever comes over a line, no process ends, and nothing is believed. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { decodeAgentFrame, decodeWebFrame } from '#lib/protocol/codec.ts';
import { AGENT_SOCKET_PATH, agentFrames, webFrames } from '#lib/protocol/frames.ts';
import { arrangeScene, type Scene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

describe('P2, P4: the codec', () => {
	const decoders = [decodeAgentFrame, decodeWebFrame];
	const types = [
		...Object.keys(agentFrames),
		...Object.keys(webFrames),
		'__proto__',
		'constructor',
		'toString'
	];

	it('never throws, and takes nothing for a frame that is none', () => {
		const anything = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.json(),
			fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
			fc.record({ v: fc.anything(), id: fc.anything(), type: fc.constantFrom(...types) }).map(stringify)
		);
		fc.assert(
			fc.property(anything, (text) => {
				for (const decode of decoders) {
					const decoded = decode(text);
					if (decoded.ok) expect(types).toContain(decoded.frame.type);
					else expect(decoded.detail.length).toBeLessThan(2_000);
				}
			}),
			{ numRuns: 3_000 }
		);
	});

	it('takes no frame with a field of another kind', () => {
		const valid = JSON.stringify({
			v: 1,
			id: 'a',
			type: 'progress',
			commandId: '00000000-0000-4000-8000-000000000001',
			accountId: '00000000-0000-4000-8000-000000000002',
			generation: 3,
			epoch: 1,
			stage: 'at work',
			proof: null
		});
		expect(decodeAgentFrame(valid).ok).toBe(true);
		const fields = Object.keys(JSON.parse(valid)).filter((name) => name !== 'id');
		const wrong = fc.oneof(
			fc.constantFrom<unknown>([], {}, true, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, 'x'.repeat(70_000)),
			fc.array(fc.anything())
		);
		fc.assert(
			fc.property(fc.constantFrom(...fields), wrong, (name, value) => {
				const text = stringify({ ...JSON.parse(valid), [name]: value });
				if (text === valid) return;
				expect(decodeAgentFrame(text).ok).toBe(false);
			})
		);
	});

	it.each([
		['a tower of arrays', '['.repeat(30_000)],
		['a tower within a frame', `{"type":"hello","machine":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`],
		['a prototype key', '{"type":"hello","__proto__":{"agentId":"x"}}'],
		['a number beyond all bounds', '{"type":"progress","generation":1e400}'],
		['a frame of the future', '{"v":2,"id":"1","type":"from_the_future","x":1}']
	])('survives %s', (_name, text) => {
		for (const decode of decoders) expect(decode(text).ok).toBe(false);
		expect(({} as Record<string, unknown>)['agentId']).toBeUndefined();
	});

	it('lets the later of two equal keys count, as JSON does, and checks that one', () => {
		const text = '{"v":1,"id":"1","type":"progress","type":"auth","signature":"s"}';
		expect(decodeAgentFrame(text)).toMatchObject({ ok: true, frame: { type: 'auth' } });
	});
});

describe('P1–P3: bytes at the socket', () => {
	let web: WebServer;
	let scene: Scene;
	beforeAll(async () => {
		web = await startWebServer();
		scene = await arrangeScene(web, 1);
	});
	afterAll(async () => {
		scene.agent.drop();
		await web.stop();
	});

	/** A socket after the upgrade, so that any bytes can be sent as frames. */
	async function upgraded(): Promise<{ socket: Socket; closed: Promise<number> }> {
		const { port } = new URL(web.origin);
		const socket = connect(Number(port), '127.0.0.1');
		const key = randomBytes(16).toString('base64');
		socket.on('error', () => {});
		socket.write(
			`GET ${AGENT_SOCKET_PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
				`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
		);
		let received = Buffer.alloc(0);
		const closed = new Promise<number>((done) => socket.once('close', () => done(closeCodeOf(received))));
		await new Promise<void>((done) =>
			socket.on('data', (bytes: Buffer) => {
				received = Buffer.concat([received, bytes]);
				if (received.includes('\r\n\r\n')) done();
			})
		);
		return { socket, closed };
	}
	/** The server's last frame is its close frame. */
	function closeCodeOf(received: Buffer): number {
		for (let at = received.length - 4; at >= 0; at--)
			if (received[at] === 0x88) return received.readUInt16BE(at + 2);
		return 0;
	}
	const MASK = Buffer.alloc(4);
	/** One masked frame (with a mask of zeros, so the payload is as it is). */
	function frame(first: number, payload: Buffer): Buffer {
		const length = payload.length;
		const head =
			length < 126
				? Buffer.from([first, 0x80 | length])
				: Buffer.from([first, 0x80 | 126, length >> 8, length & 0xff]);
		return Buffer.concat([head, MASK, payload]);
	}
	const memoryMb = async () =>
		Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${web.pid}/status`, 'utf8'))?.[1]) / 1024;
	const serves = async () => {
		expect((await scene.trader.get('/api/user/mt5-accounts')).status).toBe(200);
		expect(scene.agent.socket.readyState).toBe(WebSocket.OPEN);
	};

	it('P1: 65 KiB are refused with 1009', async () => {
		const { socket, closed } = await upgraded();
		const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 4, 0]);
		socket.write(Buffer.concat([head, MASK, Buffer.alloc(65 * 1024, 'x')]));
		expect(await closed).toBe(1009);
		await serves();
	});

	it('P1: an announced gigabyte is refused with 1009 before it comes', async () => {
		const before = await memoryMb();
		const { socket, closed } = await upgraded();
		const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0]);
		socket.write(Buffer.concat([head, MASK]));
		expect(await closed).toBe(1009);
		expect((await memoryMb()) - before).toBeLessThan(100);
		await serves();
	});

	it('P3: two hundred thousand empty fragments end the line and cost no memory', async () => {
		const before = await memoryMb();
		const { socket, closed } = await upgraded();
		socket.write(frame(0x01, Buffer.from('{')));
		const empty = Buffer.concat(Array.from({ length: 10_000 }, () => frame(0x00, Buffer.alloc(0))));
		for (let i = 0; i < 20 && !socket.destroyed; i++) socket.write(empty);
		await closed;
		expect((await memoryMb()) - before).toBeLessThan(50);
		await serves();
	});

	it.each([
		['invalid UTF-8', 0x81, Buffer.from([0xc3, 0x28]), 1007],
		['a binary frame', 0x82, Buffer.from('{}'), 1008],
		['a reserved opcode', 0x83, Buffer.from('{}'), 1002],
		['an unmasked frame', -1, Buffer.from('{}'), 1002]
	])('P2: %s ends the line with its code', async (_name, first, payload, code) => {
		const { socket, closed } = await upgraded();
		socket.write(
			first === -1 ? Buffer.concat([Buffer.from([0x81, payload.length]), payload]) : frame(first, payload)
		);
		expect(await closed).toBe(code);
		await serves();
	});

	it('P2: random bytes as frames end the line, never the server', async () => {
		for (let i = 0; i < 40; i++) {
			const { socket, closed } = await upgraded();
			socket.write(randomBytes(1 + Math.floor(Math.random() * 5_000)));
			socket.end();
			await closed;
		}
		await serves();
	});

	it('P4: an agent that says what this server does not know keeps its line', async () => {
		for (let i = 0; i < 50; i++) scene.agent.socket.send('{"v":9,"id":"1","type":"from_the_future","x":{}}');
		scene.agent.report(scene.accounts[0]?.id ?? '', { algo: 'paused' });
		await waitFor(
			'the report behind them',
			async () => (await scene.trader.accounts()).accounts[0]?.state === 'paused'
		);
		await serves();
	});
});

/** JSON of whatever fast-check makes, bigints and cycles included. */
function stringify(value: unknown): string {
	try {
		return (
			JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}` : part)) ?? ''
		);
	} catch {
		return '';
	}
}
