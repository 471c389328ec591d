/** Who counts as being where: PostgreSQL and the memory of the simulation give the same answers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import type { AgentStore, Arrival } from '#lib/server/agents/agentDirectory.ts';
import { createSqlAgentStore } from '#lib/server/agents/sqlAgentStore.ts';
import type { NodeStore } from '#lib/server/bus/nodeStore.ts';
import { createSqlNodeStore } from '#lib/server/bus/sqlNodeStore.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { MemoryDatabase } from '../../simulation/memoryDatabase.ts';
import { memoryNodeStore } from '../../simulation/memoryNodes.ts';
import { SimProcess, Timeline } from '../../simulation/timeline.ts';
import { createTestDatabase } from '../../support/database.ts';

const ARRIVAL: Omit<Arrival, 'agentId' | 'connSeqSeen'> = {
	version: '1',
	machine: { hostname: 'vps', platform: 'win32', release: '10', cpus: 2, memoryMb: 4096 },
	capacity: 10,
	capabilities: []
};

interface Scene {
	agentId: string;
	node(nodeId: string): { store: NodeStore; agents: AgentStore };
	/** The agent was seen last so long ago that a node which stood still may take it for gone, and no lease holds. */
	standStill(): Promise<void>;
	/** To a node whose lease holds. */
	isConnected(): Promise<boolean>;
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Database;

beforeAll(async () => {
	database = await createTestDatabase();
	db = openDatabase(database.url, 5, () => undefined);
});
afterAll(async () => {
	await db.close();
	await database.drop();
});

async function inPostgres(): Promise<Scene> {
	const id = randomUUID();
	await db.prisma.agent.create({
		data: { id, name: id, publicKey: id, machine: {}, version: '1', capacity: 10 }
	});
	return {
		agentId: id,
		node: (nodeId) => ({
			store: createSqlNodeStore(db, { nodeId, isOnBus: true }),
			agents: createSqlAgentStore(db, nodeId)
		}),
		async standStill() {
			await db.pool.query(`UPDATE "Agent" SET "lastSeenAt" = now() - interval '1 minute' WHERE id = $1`, [
				id
			]);
			await db.pool.query(`UPDATE "ServerNode" SET "aliveAt" = now() - interval '1 minute'`);
		},
		async isConnected() {
			const { rows } = await db.pool.query(
				`SELECT 1 FROM "Agent" g JOIN "ServerNode" n ON n.id = g."nodeId"
				 WHERE g.id = $1 AND n."aliveAt" > now() - make_interval(secs => $2)`,
				[id, NODE_LEASE_MS / 1_000]
			);
			return rows.length > 0;
		}
	};
}

async function inMemory(): Promise<Scene> {
	let nowMs = 1_000_000;
	const memory = new MemoryDatabase(() => nowMs);
	const id = randomUUID();
	memory.agents.set(id, {
		id,
		name: id,
		publicKey: id,
		previousPublicKey: null,
		isApproved: true,
		lockReason: null,
		counter: { accepted: 0, confirmed: 0 },
		nodeId: null,
		lastSeenAtMs: 0
	});
	const process = new SimProcess(new Timeline(), () => 0);
	return {
		agentId: id,
		node: (nodeId) => ({
			store: memoryNodeStore(memory, { nodeId, isOnBus: true, process, areNeighbours: false }),
			agents: memory.agentStore(nodeId)
		}),
		standStill: async () => void (nowMs += 60_000),
		isConnected: async () => memory.isConnected(id)
	};
}

describe.each([
	['PostgreSQL', inPostgres],
	['the memory of the simulation', inMemory]
])('S6: which node has an agent, in %s', (_, arrange) => {
	const [a, b] = [randomUUID(), randomUUID()];

	async function come(agents: AgentStore, agentId: string, connSeqSeen: number): Promise<number> {
		const [admission] = await agents.arrive([{ ...ARRIVAL, agentId, connSeqSeen }]);
		if (admission?.verdict !== 'accepted') throw new Error(`not accepted: ${admission?.verdict}`);
		return admission.connSeq;
	}

	async function heldBy(scene: Scene): Promise<string | null> {
		const held = await scene.node(randomUUID()).store.agentsOf([a, b]);
		return held.find(({ agentId }) => agentId === scene.agentId)?.nodeId ?? null;
	}

	it('counts an agent out that has no line, and in again when its line is in use after all', async () => {
		const scene = await arrange();
		const { agentId } = scene;
		const { store, agents } = scene.node(a);
		const connSeq = await come(agents, agentId, 0);
		await store.keepOwn([]);
		expect(await heldBy(scene), 'it came a moment ago').toBe(a);

		await scene.standStill();
		await store.keepOwn([]);
		expect(await heldBy(scene)).toBeNull();

		expect(await agents.confirm([{ agentId, connSeq }])).toEqual([true]);
		await store.keepOwn([{ agentId, connSeq }]);
		expect(await heldBy(scene)).toBe(a);
	});

	it('a node that stood still holds its lease again with the first agent that it takes in', async () => {
		const scene = await arrange();
		const { store, agents } = scene.node(a);
		await store.renew();
		const connSeq = await come(agents, scene.agentId, 0);
		await agents.confirm([{ agentId: scene.agentId, connSeq }]);
		expect(await scene.isConnected()).toBe(true);
		await scene.standStill();
		expect(await scene.isConnected()).toBe(false);
		await come(agents, scene.agentId, connSeq);
		expect(await scene.isConnected()).toBe(true);
	});

	it('leaves an agent alone that came to another node with a newer connection', async () => {
		const scene = await arrange();
		const { agentId } = scene;
		const older = await come(scene.node(a).agents, agentId, 0);
		await scene.node(a).agents.confirm([{ agentId, connSeq: older }]);
		await come(scene.node(b).agents, agentId, older);
		await scene.standStill();
		await scene.node(a).store.keepOwn([{ agentId, connSeq: older }]);
		expect(await heldBy(scene)).toBe(b);
		await scene.node(a).store.keepOwn([]);
		expect(await heldBy(scene)).toBe(b);
	});
});
