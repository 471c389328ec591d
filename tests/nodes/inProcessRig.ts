/** Two nodes in this process, on an in-process bus and one database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp, type App } from '#lib/server/app.ts';
import type { Bus } from '#lib/server/bus/bus.ts';
import { createInProcessExchange } from '#lib/server/bus/inProcessBus.ts';
import { loadConfig } from '#lib/server/config.ts';
import { ensureKeyFile } from '#lib/server/crypto/secretBox.ts';
import { createTestDatabase } from '../support/database.ts';
import { portToKeep } from '../support/portToKeep.ts';
import type { NodesRig, TestNode } from './nodesRig.ts';
import { startSmallServer, type SmallServer } from './smallServer.ts';

export interface InProcessNode extends TestNode {
	readonly app: App;
}

export interface InProcessRig extends NodesRig {
	readonly a: InProcessNode;
	readonly b: InProcessNode;
}

/** @param options.isAlone each node believes to be the only one, as without REDIS_URL */
export async function startInProcessRig({ isAlone = false } = {}): Promise<InProcessRig> {
	const database = await createTestDatabase();
	const dir = await mkdtemp(join(tmpdir(), 'quintet-nodes-'));
	const keyFile = join(dir, 'keys');
	await ensureKeyFile(keyFile, new Date());
	const exchange = createInProcessExchange();
	let isMute = false;

	const connect = (): Bus => {
		if (isAlone) return createInProcessExchange('process').connect();
		const bus = exchange.connect();
		return {
			scope: bus.scope,
			get isUp() {
				return bus.isUp;
			},
			open: (nodeId, listener) => bus.open(nodeId, listener),
			publish: (to, text) => {
				if (!isMute) bus.publish(to, text);
			},
			revive: () => bus.revive(),
			close: () => bus.close()
		};
	};

	async function startNode(): Promise<InProcessNode> {
		const port = await portToKeep();
		const lines: string[] = [];
		let app: App;
		let server: SmallServer;
		let bus: Bus;
		const start = async () => {
			bus = connect();
			const config = loadConfig({
				...process.env,
				DATABASE_URL: database.url,
				QUINTET_KEY_FILE: keyFile,
				QUINTET_DB_POOL: '8'
			});
			const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
			app = await createApp(config, { logger, bus });
			server = await startSmallServer(app, port);
		};
		await start();
		return {
			origin: `http://127.0.0.1:${port}`,
			get app() {
				return app;
			},
			log: () => lines.join(''),
			async kill() {
				// First what others could notice of an orderly end, so that there is none.
				await bus.close();
				server.close();
				await app.db.close();
				await app.close().catch(() => undefined);
			},
			async end() {
				await app.close();
				server.close();
			},
			start
		};
	}

	const [a, b] = [await startNode(), await startNode()];
	return {
		databaseUrl: database.url,
		a,
		b,
		cutBus: () => Promise.resolve(exchange.cut()),
		muteBus: () => void (isMute = true),
		healBus: () => {
			isMute = false;
			return Promise.resolve(exchange.heal());
		},
		async stop() {
			for (const node of [a, b]) await node.kill();
			await database.drop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}
