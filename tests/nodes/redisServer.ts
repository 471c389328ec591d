/**
 * A Redis of the test's own, behind a proxy that can be cut and muted. Uses `redis-server` from the PATH, or the
 * one that REDIS_URL names.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { portToKeep } from '../support/portToKeep.ts';
import { waitFor } from '../support/waitFor.ts';

export interface TestRedis {
	readonly url: string;
	cut(): void;
	mute(): void;
	heal(): void;
	stop(): Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
	const given = process.env['REDIS_URL'] ? new URL(process.env['REDIS_URL']) : null;
	const own = given ? null : await spawnRedis();
	const target = given
		? { host: given.hostname, port: Number(given.port || 6379) }
		: { host: '127.0.0.1', port: own?.port ?? 0 };

	const pairs = new Set<[Socket, Socket]>();
	let state: 'open' | 'cut' | 'mute' = 'open';
	const proxy = createServer((near) => {
		near.on('error', () => near.destroy());
		if (state === 'cut') return void near.destroy();
		const far = connect(target);
		const pair: [Socket, Socket] = [near, far];
		pairs.add(pair);
		far.on('error', () => near.destroy());
		far.on('close', () => near.destroy());
		near.on('close', () => {
			far.destroy();
			pairs.delete(pair);
		});
		// What comes while mute is gone, as on a link that lost its other end.
		near.on('data', (bytes) => state !== 'mute' && far.write(bytes));
		far.on('data', (bytes) => state !== 'mute' && near.write(bytes));
	});
	await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
	const { port } = proxy.address() as AddressInfo;
	const dropAll = () => {
		for (const [near] of pairs) near.destroy();
	};
	const url = new URL(given?.href ?? 'redis://127.0.0.1');
	url.hostname = '127.0.0.1';
	url.port = String(port);
	return {
		url: url.href,
		cut() {
			state = 'cut';
			dropAll();
		},
		mute: () => void (state = 'mute'),
		heal() {
			// Bytes are missing in the middle of what was muted: such a connection is of no use.
			if (state === 'mute') dropAll();
			state = 'open';
		},
		async stop() {
			dropAll();
			proxy.close();
			await own?.stop();
		}
	};
}

async function spawnRedis(): Promise<{ port: number; stop: () => Promise<void> }> {
	const port = await portToKeep();
	let output = '';
	const child: ChildProcess = spawn(
		'redis-server',
		['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
		{ stdio: ['ignore', 'pipe', 'pipe'] }
	);
	let failure: Error | null = null;
	child.once('error', (error) => (failure = error));
	for (const stream of [child.stdout, child.stderr])
		stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
	await waitFor('redis-server to listen', () => {
		if (failure) throw failure;
		if (child.exitCode !== null) throw new Error(`redis-server ended:\n${output.slice(-1000)}`);
		return /Ready to accept connections/.test(output);
	});
	return {
		port,
		stop: () =>
			new Promise((done) => {
				child.once('exit', () => done());
				child.kill('SIGKILL');
			})
	};
}
