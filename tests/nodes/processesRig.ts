/** Two real server processes on one database, with a Redis between them or without. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKeyFile } from '#lib/server/crypto/secretBox.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import type { NodesRig, TestNode } from './nodesRig.ts';
import { startTestRedis, type TestRedis } from './redisServer.ts';

export interface ProcessesRig extends NodesRig {
	/** Of the two servers. */
	pids(): { a: number; b: number };
}

export const startRedisRig = async (): Promise<ProcessesRig> => startProcessesRig(await startTestRedis());

/** @param redis left out, the two do not know of each other */
export async function startProcessesRig(redis?: TestRedis): Promise<ProcessesRig> {
	const dir = await mkdtemp(join(tmpdir(), 'quintet-nodes-'));
	const keyFile = join(dir, 'keys');
	await ensureKeyFile(keyFile, new Date());
	const env = { REDIS_URL: redis?.url, QUINTET_KEY_FILE: keyFile };
	const webA = await startWebServer(env);
	const webB = await startWebServer({ ...env, DATABASE_URL: webA.databaseUrl });
	const node = (web: WebServer): TestNode => ({
		origin: web.origin,
		log: () => web.log(),
		end: async () => void (await web.end()),
		kill: async () => void (await web.end('SIGKILL')),
		start: () => web.restart('SIGKILL')
	});
	return {
		databaseUrl: webA.databaseUrl,
		a: node(webA),
		b: node(webB),
		pids: () => ({ a: webA.pid, b: webB.pid }),
		cutBus: () => Promise.resolve(redis?.cut()),
		muteBus: () => redis?.mute(),
		healBus: () => Promise.resolve(redis?.heal()),
		async stop() {
			await webB.stop();
			await webA.stop();
			await redis?.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}
