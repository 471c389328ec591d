/** One life of the web server's command core: the real one, on simulated time, line and database. */
import { type AgentDirectory, createAgentDirectory } from '#lib/server/agents/agentDirectory.ts';
import { createCommandCore, type CommandCore } from '#lib/server/commandCore.ts';
import { type MoveStore } from '#lib/server/moves/moveStore.ts';
import { type CommandStore } from '#lib/server/commands/commandStore.ts';
import { type Logger } from '#lib/server/logger.ts';
import { startLoop } from '#lib/server/loop.ts';
import { type Bus } from '#lib/server/bus/bus.ts';
import { type MessageSeal } from '#lib/server/bus/messageSeal.ts';
import { Nodes } from '#lib/server/bus/nodes.ts';
import { type NodeStore } from '#lib/server/bus/nodeStore.ts';
import {
	LINE_DEAD_MS,
	NODE_BEAT_MS,
	NODE_RENEW_MS,
	PING_INTERVAL_MS,
	TELEMETRY_INTERVAL_MS
} from '#lib/domain/limits.ts';
import { type MemoryDatabase } from './memoryDatabase.ts';
import { memoryNodeStore, saveMove } from './memoryNodes.ts';
import { adoptGeneration, recordEmergency } from './memoryEmergency.ts';
import { memoryMoves } from './memoryMoves.ts';
import { type Chance } from './random.ts';
import { simKey } from './signing.ts';
import { never, SimProcess, type Timeline } from './timeline.ts';

/** What the database is like just now. */
export interface DatabaseWeather {
	isDown: boolean;
	latencyMs: number;
	/** Chance that an operation is carried out and reported as failed. */
	unknownCommits: number;
}

export interface WebParts {
	timeline: Timeline;
	database: MemoryDatabase;
	weather: DatabaseWeather;
	chance: Chance;
	/** Of its wall clock against the true time. */
	skewMs: number;
	nodeId: string;
	connectBus: (process: SimProcess) => Bus;
	areNeighbours: boolean;
	newId: () => string;
	logger: Logger;
	/** Called at every effect; the process may be dead after it. */
	mayCrash: (process: SimProcess, point: string) => void;
	/** Something was written. */
	onWritten: () => void;
}

export interface WebNode {
	process: SimProcess;
	core: CommandCore;
	/** Ends at once, in the middle of whatever it was doing. */
	kill(): void;
	close(): Promise<void>;
}

export function startWeb(parts: WebParts): WebNode {
	const { timeline, database, chance, logger } = parts;
	const process = new SimProcess(timeline, () => parts.skewMs);
	const session = {};
	const store = withWeather(database.connect(session), process, parts);
	const agents = database.agentStore(parts.nodeId);
	const moves = movesWithWeather(memoryMoves(database, session), process, parts);
	const call = <T>(work: () => Promise<T>) => statement(process, parts, null, work);
	const directory: AgentDirectory = createAgentDirectory({
		agents: {
			find: (ids) => call(() => agents.find(ids)),
			arrive: (arrivals) => call(() => agents.arrive(arrivals)),
			confirm: (ready) => call(() => agents.confirm(ready))
		},
		accounts: store,
		moves,
		passwordFor: (row) => row.sealedPassword,
		clock: process.clock
	});
	const bus = parts.connectBus(process);
	const nodes = new Nodes({
		bus,
		seal: OPEN,
		store: nodeStoreOf(bus, process, parts),
		nodeId: parts.nodeId,
		clock: process.clock,
		logger
	});
	let nonces = 0;
	const core = createCommandCore({
		store,
		moves,
		directory,
		proof: {
			newNonce: () => `nonce-of-web-${++nonces}-${Math.floor(chance.next() * 1e12)}`.padEnd(32, '_'),
			isSignedBy: async (publicKey, message, signature) => simKey(publicKey).verify(message, signature)
		},
		signer: { publicKey: 'the server', sign: simKey('the server').sign },
		rhythm: {
			pingIntervalMs: PING_INTERVAL_MS,
			lineDeadMs: LINE_DEAD_MS,
			telemetryIntervalMs: TELEMETRY_INTERVAL_MS
		},
		systemLog: { add: () => undefined },
		incidents: { add: () => undefined },
		connections: { note: () => undefined, noteAgentLost: () => undefined },
		deals: { add: () => undefined },
		experts: { answer: () => undefined },
		loads: { add: () => undefined },
		startLimit: { consume: async () => undefined, forget: async () => undefined },
		clock: process.clock,
		newId: parts.newId,
		logger,
		recordEmergency: (emergency) =>
			statement(process, parts, 'emergency', async () => recordEmergency(database, emergency)),
		adoptGeneration: (commanded) =>
			statement(process, parts, 'adoption', async () => adoptGeneration(database, commanded)),
		onPresence: (presence) =>
			// As app.ts does it, in a loop of its own.
			void process.after(1_000, () => {
				call(async () => saveMove(database, parts.nodeId, presence)).catch(() => undefined);
			}),
		joinOthers: (own) => nodes.join(own)
	});
	const loops = { clock: process.clock, logger };
	const stops = [
		startLoop('be one of several servers', NODE_BEAT_MS, loops, () => nodes.beat()),
		startLoop('renew the lease of this server', NODE_RENEW_MS, loops, () => nodes.refresh())
	];
	nodes.refresh().catch(() => undefined);
	return {
		process,
		core,
		kill() {
			process.isDead = true;
			database.disconnect(session);
		},
		async close() {
			await core.drain();
			await core.close();
			await Promise.all(stops.map((stop) => stop()));
			await nodes.close();
			process.isDead = true;
			database.disconnect(session);
		}
	};
}

/** Messages between nodes go unsealed: that nobody forges them is proven elsewhere, with real keys. */
const OPEN: MessageSeal = { seal: (text) => text, open: (sealed) => sealed };

function nodeStoreOf(bus: Bus, process: SimProcess, parts: WebParts): NodeStore {
	const { database, nodeId, areNeighbours } = parts;
	const isOnBus = bus.scope === 'servers';
	const store = memoryNodeStore(database, { nodeId, isOnBus, process, areNeighbours });
	const call = <T>(work: () => Promise<T>) => statement(process, parts, null, work);
	return {
		renew: () => call(() => store.renew()),
		agentsOf: (nodeIds) => call(() => store.agentsOf(nodeIds)),
		keepOwn: (lines) => call(() => store.keepOwn(lines)),
		end: () => call(() => store.end()),
		changedAccounts: (agentIds, heldIds, withinMs) =>
			call(() => store.changedAccounts(agentIds, heldIds, withinMs)),
		eventNumbers: (userIds) => call(() => store.eventNumbers(userIds))
	};
}

/** As the driver says it: whether a commit under way went through is not known. */
export class DatabaseAway extends Error {
	readonly code = 'ECONNREFUSED';

	constructor() {
		super('the database cannot be reached');
	}
}

/** One round trip: the answer takes time, may be a failure, and may be a failure although it was done. */
async function statement<T>(
	process: SimProcess,
	{ weather, chance, mayCrash, onWritten }: WebParts,
	write: string | null,
	work: () => Promise<T>
): Promise<T> {
	await process.delay(weather.latencyMs * chance.between(0.2, 1));
	if (weather.isDown) throw new DatabaseAway();
	if (write !== null) mayCrash(process, `before ${write}`);
	if (process.isDead) return never();
	const result = await work();
	if (write !== null) {
		onWritten();
		mayCrash(process, `after ${write}`);
	}
	if (process.isDead) return never();
	await process.delay(weather.latencyMs * chance.between(0.2, 1));
	if (weather.isDown || (write !== null && chance.hits(weather.unknownCommits))) throw new DatabaseAway();
	return result;
}

function movesWithWeather(store: MoveStore, process: SimProcess, parts: WebParts): MoveStore {
	const read = <T>(work: () => Promise<T>) => statement(process, parts, null, work);
	const write = <T>(name: string, work: () => Promise<T>) => statement(process, parts, name, work);
	return {
		begin: (order) => write('move', () => store.begin(order)),
		cancel: (accountId, operator) => write('cancel of a move', () => store.cancel(accountId, operator)),
		openMoves: () => read(() => store.openMoves()),
		askRelease: (move) => write('release', () => store.askRelease(move)),
		arrivedLately: () => read(() => store.arrivedLately()),
		openReleases: (agentIds) => read(() => store.openReleases(agentIds)),
		noteReleased: (release) => write('proof of release', () => store.noteReleased(release)),
		finish: (move) => write('end of a move', () => store.finish(move))
	};
}

function withWeather(store: CommandStore, process: SimProcess, parts: WebParts): CommandStore {
	const read = <T>(work: () => Promise<T>) => statement(process, parts, null, work);
	const write = <T>(name: string, work: () => Promise<T>) => statement(process, parts, name, work);
	return {
		transaction: (userIds, lane, work) =>
			read(() =>
				store.transaction(userIds, lane, (transaction) =>
					work({
						...transaction,
						findByKey: (userId, key) => read(() => transaction.findByKey(userId, key)),
						store: (commands) => write('commit', () => transaction.store(commands))
					})
				)
			),
		readCommands: (userId, ids) => read(() => store.readCommands(userId, ids)),
		storeResults: (changes) => write('results', () => store.storeResults(changes)),
		openOfAgents: (ids) => read(() => store.openOfAgents(ids)),
		openOfCommands: (agentId, ids) => read(() => store.openOfCommands(agentId, ids)),
		allOpen: () => read(() => store.allOpen()),
		markDispatched: (result, to) => write('dispatched', () => store.markDispatched(result, to)),
		assignedAccounts: (by) => read(() => store.assignedAccounts(by)),
		saveReports: (reports) => read(() => store.saveReports(reports))
	};
}
