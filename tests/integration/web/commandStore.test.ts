/**
 * One contract for both command stores: whatever is done in whatever order, PostgreSQL and the memory of the
 * simulation give the same answers. Else the simulation would prove something about another product.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_KINDS, RESULT_STATUSES } from '#lib/domain/commandLifecycle.ts';
import { systemClock } from '#lib/server/clock.ts';
import { DB_KIND } from '#lib/server/commands/commandRows.ts';
import { type CommandStore, type OpenResult } from '#lib/server/commands/commandStore.ts';
import { OpenCommands } from '#lib/server/commands/openCommands.ts';
import { planCommand } from '#lib/server/commands/planCommand.ts';
import { type ResultChange } from '#lib/server/commands/resultStore.ts';
import { createSqlCommandStore } from '#lib/server/commands/sqlCommandStore.ts';
import { ResultWriter } from '#lib/server/commands/resultWriter.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { EventHub } from '#lib/server/live/eventHub.ts';
import { createLogger } from '#lib/server/logger.ts';
import { MemoryDatabase } from '../../simulation/memoryDatabase.ts';
import { createTestDatabase } from '../../support/database.ts';

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

const index = fc.nat({ max: 20 });
const step = fc.oneof(
	fc.record({
		do: fc.constant('issue' as const),
		kind: fc.constantFrom(...COMMAND_KINDS),
		closes: fc.boolean(),
		connected: fc.tuple(fc.boolean(), fc.boolean())
	}),
	fc.record({
		do: fc.constant('result' as const),
		command: index,
		account: index,
		agent: fc.nat({ max: 1 }),
		status: fc.constantFrom(...RESULT_STATUSES),
		/** What the other agent says at the same time. */
		other: fc.option(fc.constantFrom(...RESULT_STATUSES), { nil: null })
	}),
	fc.record({
		do: fc.constant('dispatch' as const),
		command: index,
		account: index,
		agent: fc.nat({ max: 1 })
	})
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Scene {
	userId: string;
	agentIds: string[];
	accountIds: string[];
	stores: CommandStore[];
}

/** A trader with three accounts on two agents, in PostgreSQL, and the same rows in memory. */
async function arrange(): Promise<Scene> {
	const userId = randomUUID();
	const agentIds = [randomUUID(), randomUUID()];
	const accountIds = [randomUUID(), randomUUID(), randomUUID()];
	await db.prisma.user.create({
		data: { id: userId, email: `${userId}@example.test`, name: 'Trader', passwordHash: 'none' }
	});
	for (const id of agentIds)
		await db.prisma.agent.create({
			data: { id, name: id, publicKey: id, machine: {}, version: '1', capacity: 10 }
		});
	for (const [i, id] of accountIds.entries())
		await db.prisma.mt5Account.create({
			data: {
				id,
				userId,
				accountNumber: `${500_001 + i}`,
				serverName: 'Contract-Demo',
				broker: 'Contract',
				name: `Account ${i + 1}`,
				isEnabledForTrading: true,
				sealedPassword: 'sealed',
				state: { create: {} },
				assignment: { create: { agentId: agentIds[i % 2] ?? '' } }
			}
		});
	const sql = createSqlCommandStore(db);
	const memory = new MemoryDatabase(() => Date.now());
	memory.users.set(userId, { eventSeq: 0n });
	for (const row of await sql.assignedAccounts({ accountIds })) memory.accounts.set(row.id, row);
	return { userId, agentIds, accountIds, stores: [sql, memory.connect({})] };
}

async function issue(
	store: CommandStore,
	{ userId, agentIds }: Scene,
	{ kind, closes, connected }: Extract<Step, { do: 'issue' }>,
	commandId: string,
	createdAt: Date
) {
	return store.transaction([userId], 'halt', async ({ accountsOf, store: write }) => {
		const sorted = [...accountsOf(userId)].sort((a, b) => a.name.localeCompare(b.name));
		const plan = planCommand({ command: kind }, sorted, (agentId) =>
			connected[agentIds.indexOf(agentId)] ? 'here' : 'none'
		);
		const [stored] = await write([
			{
				command: {
					id: commandId,
					userId,
					kind: DB_KIND[kind],
					closePositions: closes,
					createdAt,
					deadlineAt: null,
					readAt: null,
					issuedBy: null
				},
				idempotencyKey: `key-${commandId}`,
				requestHash: 'hash',
				plan,
				closeOf: () => closes,
				caller: { userId, origin: { ip: null, userAgent: null }, session: null }
			}
		]);
		return { ...stored, supersededCommandIds: stored?.supersededCommandIds.toSorted() };
	});
}

const plain = (rows: readonly OpenResult[]) =>
	rows
		.map(({ ageMs: _ageMs, ...row }) => row)
		.sort((a, b) => `${a.commandId}${a.accountId}`.localeCompare(`${b.commandId}${b.accountId}`));

/** Everything that can be read. */
async function read(store: CommandStore, { userId, agentIds, accountIds }: Scene, commandIds: string[]) {
	const views = await store.readCommands(userId, commandIds);
	const ours = (rows: OpenResult[]) => plain(rows.filter(({ accountId }) => accountIds.includes(accountId)));
	const wanted = await store.transaction([userId], 'halt', async ({ accountsOf, findByKey }) => ({
		accounts: accountsOf(userId).map(({ id, wanted: state, wantedGeneration }) => ({
			id,
			state,
			wantedGeneration
		})),
		byKey: await findByKey(userId, `key-${commandIds.at(-1)}`)
	}));
	wanted.accounts.sort((a, b) => a.id.localeCompare(b.id));
	return {
		views: views.sort((a, b) => a.commandId.localeCompare(b.commandId)),
		foreign: await store.readCommands(randomUUID(), commandIds),
		wanted,
		open: ours(await store.allOpen()),
		ofAgents: ours(await store.openOfAgents(agentIds)),
		ofCommands: ours(await store.openOfCommands(agentIds[0] ?? '', commandIds))
	};
}

const NOTHING_MORE = {
	stage: null,
	errorCode: null,
	error: null,
	eaStatus: null,
	proof: null,
	durationMs: 7
};

/** Does one step on one store. @returns what it answered */
async function take(store: CommandStore, scene: Scene, each: Step, commandIds: string[], at: Date) {
	if (each.do === 'issue') return issue(store, scene, each, commandIds.at(-1) ?? '', at);
	const commandId = commandIds[each.command % Math.max(1, commandIds.length)] ?? randomUUID();
	const accountId = scene.accountIds[each.account % scene.accountIds.length] ?? '';
	const agentId = scene.agentIds[each.agent] ?? '';
	if (each.do === 'dispatch') return store.markDispatched({ commandId, accountId }, { agentId, epoch: 1 });
	const change: ResultChange = {
		commandId,
		accountId,
		agentId,
		status: each.status,
		...NOTHING_MORE,
		settledAt: at
	};
	const changes = [change];
	if (each.other !== null)
		changes.push({ ...change, agentId: scene.agentIds[1 - each.agent] ?? '', status: each.other });
	const changed = await store.storeResults(changes);
	return changed.map(({ command, results, changedAccountIds, eventSeq }) => ({
		id: command.id,
		changedAccountIds,
		eventSeq,
		statuses: results.map(({ accountId: id, status }) => ({ id, status }))
	}));
}

describe('the command store', () => {
	it('S14: PostgreSQL and the memory of the simulation answer alike, whatever is done in whatever order', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
				const scene = await arrange();
				const commandIds: string[] = [];
				for (const [i, each] of steps.entries()) {
					if (each.do === 'issue') commandIds.push(randomUUID());
					// Years ago: what stays open for long must not break what is read of all.
					const at = new Date(1_700_000_000_000 + i);
					const [sql, memory] = scene.stores;
					if (!sql || !memory) throw new Error('two stores');
					const expected = await take(sql, scene, each, commandIds, at);
					expect(await take(memory, scene, each, commandIds, at), `step ${i}`).toEqual(expected);
					const known = await read(sql, scene, commandIds);
					expect(await read(memory, scene, commandIds), `after step ${i}`).toEqual(known);
				}
			}),
			{ numRuns: 25 }
		);
	});
});

describe('the writer of results', () => {
	it('X7: takes nothing of what another agent says at the same time, and loses nothing by it', async () => {
		const scene = await arrange();
		const [store] = scene.stores;
		const [right = '', foreign = ''] = scene.agentIds;
		const [accountId = ''] = scene.accountIds;
		if (!store) throw new Error('a store');
		const commandId = randomUUID();
		const pressed = {
			do: 'issue' as const,
			kind: 'stop_ea' as const,
			closes: false,
			connected: [true, true] as [boolean, boolean]
		};
		await issue(store, scene, pressed, commandId, new Date());
		const hub = new EventHub();
		const writer = new ResultWriter({
			store,
			recordFirst: () => Promise.resolve(),
			hub,
			open: new OpenCommands(store, hub, systemClock),
			clock: systemClock,
			logger: createLogger('silent')
		});
		const word = { ...NOTHING_MORE, commandId, accountId, settledAt: new Date() };
		writer.add({ ...word, agentId: foreign, status: 'failed', errorCode: 'FOREIGN' });
		await new Promise<void>((done) => writer.add({ ...word, agentId: right, status: 'success' }, done));
		writer.close();
		const [view] = await store.readCommands(scene.userId, [commandId]);
		expect(view?.accounts.find((each) => each.accountId === accountId)).toMatchObject({ status: 'success' });
	});
});
