/**
 * (g) An agent is lost: from its end (kill -9), or from the moment its line carries nothing any more (black hole),
 * until the live stream of the page says that its account is unknown. The floor is a bare `ws` server that notices the
 * same with the same rhythm of pings.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountListView } from '#lib/domain/views.ts';
import { LINE_DEAD_MS, PING_INTERVAL_MS } from '#lib/domain/limits.ts';
import WebSocket, { WebSocketServer } from 'ws';
import { FaultProxy } from '../faults/support/faultProxy.ts';
import { ApiClient } from '../support/client.ts';
import { EventReader } from '../support/eventReader.ts';
import { startChild, type Child } from './child.ts';
import type { Bench } from './environment.ts';
import { row, type Row } from './report.ts';

const ACCOUNTS = 5;

export async function lostAgent(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const trader = await bench.makeTrader(ACCOUNTS);
	const client = new ApiClient(bench.origin);
	client.cookie = trader.cookie;
	const proxy = await FaultProxy.listen(() => Number(new URL(bench.origin).port));
	const page = await EventReader.open(client);
	const rows: Row[] = [];
	try {
		let agents = await startAgents(bench, proxy.url, trader.agents, client);
		const killedAtMs = Date.now();
		await agents.end();
		const killedMs = (await unknownAtMs(page, trader.accountIds, killedAtMs)) - killedAtMs;
		rows.push(row('lost-agent', 'killed, until the page says unknown', 'ms', killedMs, await bareKill()));

		agents = await startAgents(bench, proxy.url, trader.agents, client);
		const bare = await bareBlackHole();
		// Somewhere between two pings, as it happens.
		await sleep(Math.random() * PING_INTERVAL_MS);
		const silentAtMs = Date.now();
		proxy.up.isBlackHole = proxy.down.isBlackHole = true;
		const [silentMs, floorMs] = await Promise.all([
			unknownAtMs(page, trader.accountIds, silentAtMs).then((atMs) => atMs - silentAtMs),
			bare.noticed()
		]);
		rows.push(row('lost-agent', 'black hole, until the page says unknown', 'ms', silentMs, floorMs));
		await agents.end();
	} finally {
		page.close();
		await proxy.close();
	}
	return rows;
}

async function startAgents(
	bench: Bench,
	url: string,
	agents: Awaited<ReturnType<Bench['makeTrader']>>['agents'],
	client: ApiClient
): Promise<Child> {
	const child = startChild('instantAgents.ts', { QUINTET_BENCH_DIR: bench.dir });
	const { accounts } = (await client.get<AccountListView>('/api/user/mt5-accounts')).body;
	const logins = accounts.map(({ id, accountNumber, serverName }) => ({
		accountId: id,
		accountNumber,
		serverName
	}));
	const { serverKey } = bench;
	await child.call('start', {
		origin: url,
		serverKey,
		agents,
		accounts: logins,
		settings: accounts[0]?.settings
	});
	for (;;) {
		const { accounts: now } = await client.accounts();
		if (now.every(({ state }) => state !== 'unknown')) return child;
		await sleep(100);
	}
}

/** @returns when the stream first said of the last of these accounts that it is unknown */
async function unknownAtMs(
	page: EventReader,
	accountIds: readonly string[],
	sinceMs: number
): Promise<number> {
	for (;;) {
		const said = page.of('telemetry').filter(({ serverTime }) => Date.parse(serverTime) >= sinceMs);
		const isUnknown = (id: string) =>
			said.some(({ accounts }) => accounts.some((a) => a.id === id && a.state === 'unknown'));
		if (accountIds.every(isUnknown)) return Date.now();
		if (Date.now() - sinceMs > 60_000) throw new Error('the page never said unknown');
		await sleep(10);
	}
}

/** A bare server hears that a bare client was killed. */
async function bareKill(): Promise<number> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
	await once(server, 'listening');
	const address = server.address();
	const client = startChild('lineAgents.ts');
	const closed = new Promise<void>((done) =>
		server.on('connection', (socket) => {
			socket.on('message', (bytes) => socket.send(bytes));
			socket.once('close', () => done());
		})
	);
	const port = typeof address === 'object' ? address?.port : 0;
	await client.call('connectBare', { url: `ws://127.0.0.1:${port}`, count: 1 });
	const killedAtMs = performance.now();
	await Promise.all([client.end(), closed]);
	server.close();
	return performance.now() - killedAtMs;
}

/** A bare server with the product's pings, behind a proxy that swallows everything from the call of `noticed` on. */
async function bareBlackHole(): Promise<{ noticed(): Promise<number> }> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
	await once(server, 'listening');
	const address = server.address();
	const proxy = await FaultProxy.listen(() => (typeof address === 'object' ? (address?.port ?? 0) : 0));
	const connected = once(server, 'connection') as Promise<[WebSocket]>;
	const client = new WebSocket(proxy.url.replace('http', 'ws'));
	const [socket] = await connected;
	let heardAtMs = performance.now();
	socket.on('pong', () => (heardAtMs = performance.now()));
	const pings = setInterval(() => socket.ping(), PING_INTERVAL_MS);
	return {
		async noticed() {
			const startedAtMs = performance.now();
			proxy.up.isBlackHole = proxy.down.isBlackHole = true;
			for (let leftMs = LINE_DEAD_MS; leftMs > 0; leftMs = LINE_DEAD_MS - (performance.now() - heardAtMs))
				await sleep(leftMs);
			clearInterval(pings);
			const ms = performance.now() - startedAtMs;
			client.terminate();
			socket.terminate();
			await proxy.close();
			server.close();
			return ms;
		}
	};
}
