/** S11, S13: a server that stands still for a while, and a peer that does not read. */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { type AddressInfo } from 'node:net';
import { AgentLine, type LineDependencies } from '#lib/server/agents/agentLine.ts';
import { systemClock } from '#lib/server/clock.ts';
import { createLogger } from '#lib/server/logger.ts';
import { lineSocket } from '#lib/protocol/webSocket.ts';
import { pressOnNewConnection } from '../support/press.ts';
import { arrangeScene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

describe('S11: the server’s event loop stands still for five seconds', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer();
	});
	afterAll(() => web.stop());

	it('no line is cut by either end, what was pressed meanwhile is done, and the log says so', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.answerEverything();
		process.kill(web.pid, 'SIGSTOP');
		const stoppedAt = performance.now();
		const answer = trader.command('stop_ea');
		agent.report(accounts[0]?.id ?? '', { algo: 'paused' });
		await waitFor('five seconds', () => performance.now() - stoppedAt > 5_000);
		process.kill(web.pid, 'SIGCONT');
		expect((await answer).body.success).toBe(true);
		await waitFor('the report', async () => (await trader.accounts()).accounts[0]?.state === 'paused');
		expect(agent.socket.readyState).toBe(WebSocket.OPEN);
		await waitFor('the alarm', () => web.log().includes('the event loop stood still'));
		agent.drop();
	});
});

describe('S11: a Start that lay unread in a server that stood still', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer();
	});
	afterAll(() => web.stop());

	it('is refused when the server goes on, nothing is sent, and the next one is carried out', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		process.kill(web.pid, 'SIGSTOP');
		const stoppedAt = performance.now();
		const answer = pressOnNewConnection(trader, 'start_ea');
		await waitFor('so long that nobody waits any more', () => performance.now() - stoppedAt > 7_000);
		process.kill(web.pid, 'SIGCONT');
		const refusal = await answer;
		expect(refusal).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
		expect(refusal.body.error.message).toContain('Nothing was started');
		expect(agent.framesOf('command')).toEqual([]);
		await waitFor('a Start to be taken again', async () => {
			return (await pressOnNewConnection(trader, 'start_ea')).status === 200;
		});
		expect(agent.framesOf('command').map(({ kind }) => kind)).toEqual(['start_ea']);
		agent.drop();
	});
});

describe('S13: an agent that does not read', () => {
	let server: WebSocketServer;
	beforeEach(async () => {
		server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
		await new Promise((done) => server.once('listening', done));
	});
	afterEach(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});

	it('is cut off before what waits for it costs memory', async () => {
		const accepted = new Promise<WebSocket>((done) => server.once('connection', done));
		const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
		client.on('error', () => {});
		client.write(
			'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
				`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`
		);
		const socket = await accepted;
		client.pause();
		let isClosed = false;
		const line = new AgentLine(
			lineSocket(socket),
			{
				onReady: () => undefined,
				onCopy: () => undefined,
				onFrame: () => undefined,
				onClose: () => (isClosed = true)
			},
			// Only the handshake, which never comes, would ask the others.
			{
				clock: systemClock,
				logger: createLogger('silent'),
				proof: { newNonce: () => 'n'.repeat(32) },
				signer: {}
			} as unknown as LineDependencies
		);
		const id = '00000000-0000-4000-8000-000000000000';
		const results = Array.from({ length: 40 }, () => ({ commandId: id, accountId: id }));
		let sent = 0;
		let mostWaiting = 0;
		for (let i = 0; i < 10_000; i++) {
			if (line.send({ type: 'ack', results })) sent += 1;
			mostWaiting = Math.max(mostWaiting, socket.bufferedAmount);
		}
		await waitFor('the end of the line', () => isClosed);
		expect(sent).toBeLessThan(10_000);
		// What waits, and not the memory of this process, which grows and shrinks as its collector finds the time.
		expect(mostWaiting / 1024 / 1024).toBeGreaterThan(0);
		expect(mostWaiting / 1024 / 1024).toBeLessThan(2);
		client.destroy();
	});
});
