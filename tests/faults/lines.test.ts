/** N11–N14: many lines, long-lived lines, old lines, and what is no Quintet server at all. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullJitter } from '#lib/domain/backoff.ts';
import { PING_INTERVAL_MS } from '#lib/domain/limits.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { AgentRig } from '../support/agentRig.ts';
import { query } from '../support/database.ts';
import { arrangeScene } from '../support/scene.ts';
import { ScriptedAgent, type EnrolledAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { FaultProxy } from './support/faultProxy.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

describe('N11: a reconnect storm', () => {
	/** Straight into the table: enrolling is bounded to some thirty a minute. */
	async function fleet(count: number, one: EnrolledAgent): Promise<EnrolledAgent[]> {
		const keys = Array.from({ length: count }, () => generateKeyPairSync('ed25519'));
		const rows = await query<{ id: string; publicKey: string }>(
			web.databaseUrl,
			`INSERT INTO "Agent" (id, name, "publicKey", machine, version, capacity, "approvedAt")
			 SELECT gen_random_uuid(), 'fleet', x, '{}', '0', 1, now() FROM unnest($1::text[]) AS t(x) RETURNING id, "publicKey"`,
			[keys.map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x)]
		);
		return rows.map(({ id, publicKey }) => {
			const pair = keys.find((each) => each.publicKey.export({ format: 'jwk' }).x === publicKey);
			if (!pair) throw new Error('a key was not stored');
			return { ...one, agentId: id, privateKey: pair.privateKey, connSeq: 0 };
		});
	}

	/** Dials as the agent does, with its back-off, until it is let in. */
	async function dialUntilIn(agent: EnrolledAgent): Promise<ScriptedAgent> {
		for (let attempt = 0; ; attempt++) {
			await sleep(fullJitter(attempt, 500, 30_000, Math.random));
			const line = await ScriptedAgent.connect(agent).catch(() => null);
			if (line) return line;
		}
	}

	it('two hundred agents are all back after the server was killed', async () => {
		const { enrolled, agent: first } = await arrangeScene(web, 0);
		first.drop();
		const agents = await fleet(200, enrolled);
		const lines = await Promise.all(agents.map((agent) => dialUntilIn(agent)));
		await web.restart('SIGKILL');
		await Promise.all(lines.map((line) => line.closed));
		const upAt = performance.now();
		// As after an outage of no time: one that was away for longer finds them spread wider by their back-off.
		const back = await Promise.all(agents.map((agent) => dialUntilIn(agent)));
		for (const line of back) line.drop();
		// The aim is 15 s with 2,000 agents on an idle machine.
		expect(performance.now() - upAt).toBeLessThan(30_000);
	});
});

describe('N12: something else answers instead of the server', () => {
	it('a captive portal’s page is no server: the agent keeps asking, and is in once the portal is gone', async () => {
		const rig = await AgentRig.create();
		let isPortal = true;
		const portal = createServer((_request, response) => response.end('<html>Please sign in</html>'));
		portal.on('upgrade', (request, socket, head) => {
			socket.on('error', () => {});
			if (isPortal)
				return socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Please sign in</html>');
			const to = connect(rig.web.port, '127.0.0.1');
			to.on('error', () => {});
			const headers = request.rawHeaders.map((text, i) => text + (i % 2 ? '\r\n' : ': ')).join('');
			to.write(`GET ${request.url} HTTP/1.1\r\n${headers}\r\n`);
			to.write(head);
			socket.pipe(to).pipe(socket);
		});
		await new Promise<void>((done) => portal.listen(0, '127.0.0.1', done));
		try {
			const server = `http://127.0.0.1:${(portal.address() as AddressInfo).port}`;
			rig.startAgent({ server });
			await waitFor(
				'some refused dials',
				() => rig.log.filter((line) => line.includes('Unexpected server response: 200')).length >= 3
			);
			expect(rig.agent?.isConnected).toBe(false);
			isPortal = false;
			await rig.web.connected();
		} finally {
			await rig.dispose();
			portal.close();
		}
	});
});

describe('N13: a proxy that cuts idle connections', () => {
	it('finds the line never idle, though nobody has anything to say', async () => {
		// Proxies cut after 60 s, some after 30: two pings must fit.
		expect(2 * PING_INTERVAL_MS).toBeLessThan(30_000);
		const rig = await AgentRig.create({ rhythm: { pingIntervalMs: 500, lineDeadMs: 30_000 } });
		const proxy = await FaultProxy.listen(() => rig.web.port);
		proxy.idleTimeoutMs = 3_000;
		try {
			rig.startAgent({ server: proxy.url });
			await rig.web.connected();
			const connectedAt = performance.now();
			await waitFor('three idle limits to pass', () => performance.now() - connectedAt > 9_000);
			expect(proxy.dialled).toBe(1);
			expect(rig.web.connSeq).toBe(1);
		} finally {
			await rig.dispose();
			await proxy.close();
		}
	});
});

describe('N14: the old line still delivers after a new one is up', () => {
	it('its outcomes count, what it saw does not', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		agent.drop();
		const accountId = accounts[0]?.id ?? '';
		const proxy = await FaultProxy.listen(() => Number(new URL(web.origin).port));
		enrolled.origin = proxy.url;
		const old = await ScriptedAgent.connect(enrolled);
		const answer = trader.command('pause_ea');
		const command = await old.next('command');
		proxy.up.hold();
		old.report(accountId, { algo: 'running' });
		old.answer(command, 'success');

		enrolled.origin = web.origin;
		const newer = await ScriptedAgent.dial(enrolled);
		// At once: what was taken over is heard for one second more. The newer line's word comes first.
		newer.socket.on('message', (bytes: Buffer) => {
			if (!proxy.up.isHeld || !bytes.includes('"type":"sync"')) return;
			newer.report(accountId, { algo: 'paused' });
			proxy.up.release();
		});
		await newer.shake();
		const state = async () => (await trader.accounts()).accounts[0]?.state;
		// Its report went before its outcome, so it was read when the outcome counts.
		const settled = async () =>
			(await trader.get<CommandView>(`/api/user/ea/command/${command.commandId}`)).body.success;
		await waitFor('the outcome', settled);
		await waitFor('the newer line’s word', async () => (await state()) === 'paused');
		expect((await answer).body.accounts).toMatchObject([{ status: 'success' }]);
		newer.drop();
		await proxy.close();
	});
});
