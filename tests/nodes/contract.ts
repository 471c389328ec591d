/** What two web nodes on one database owe their users (S6), whatever the bus between them is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { decodeWebFrame } from '#lib/protocol/codec.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { enrolAgent, ScriptedAgent, type EnrolledAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig, TestNode } from './nodesRig.ts';

const LONG = { timeoutMs: 30_000 };

/** A trader whose agent is connected to node A; the same person also sits before node B. */
export interface TwoSides {
	onA: ApiClient;
	onB: ApiClient;
	enrolled: EnrolledAgent;
	agent: ScriptedAgent;
	accounts: AccountView[];
}

let sceneCount = 0;

export async function arrangeTwoSides(rig: NodesRig, accountCount = 1): Promise<TwoSides> {
	const number = ++sceneCount;
	const onA = new ApiClient(rig.a.origin);
	await onA.register(`nodes${number}@example.test`);
	const enrolled = await enrolAgent(onA, rig.databaseUrl, { capacity: 50, name: `agent-${number}` });
	const agent = await ScriptedAgent.connect(enrolled);
	const accounts: AccountView[] = [];
	for (let i = 0; i < accountCount; i++) {
		const account = await onA.addAccount(String(number * 1000 + i));
		await onA.enable(account.id);
		accounts.push(account);
	}
	// Which agent gets an account is the server's choice; each scene's agent is to have its own.
	await query(
		rig.databaseUrl,
		`UPDATE "Mt5AccountAssignment" SET "agentId" = $1 WHERE "accountId" = ANY($2::uuid[])`,
		[enrolled.agentId, accounts.map(({ id }) => id)]
	);
	agent.drop();
	return {
		onA,
		onB: beside(onA, rig.b),
		enrolled,
		agent: await settled(rig.a, enrolled, accounts),
		accounts
	};
}

/** Connects and waits until the node has given it all accounts. */
async function settled(
	node: TestNode,
	enrolled: EnrolledAgent,
	accounts: readonly AccountView[]
): Promise<ScriptedAgent> {
	const agent = await ScriptedAgent.connect(at(node, enrolled));
	await waitFor('the agent to hold its accounts', () =>
		accounts.every(({ id }) =>
			agent.framesOf('sync').some((sync) => sync.accounts.some(({ accountId }) => accountId === id))
		)
	);
	for (const { id } of accounts) agent.report(id);
	return agent;
}

/** The same agent, which remembers its connections, at another server. */
const at = (node: TestNode, enrolled: EnrolledAgent): EnrolledAgent =>
	Object.assign(enrolled, { origin: node.origin });

/** The same person at another node. */
function beside(client: ApiClient, node: TestNode): ApiClient {
	const other = new ApiClient(node.origin);
	other.cookie = client.cookie;
	return other;
}

const connectionOn = async (client: ApiClient) => (await client.accounts()).accounts.map((a) => a.connection);

const statusOf = async (rig: NodesRig, commandId: string) =>
	(
		await query<{ status: string }>(
			rig.databaseUrl,
			`SELECT status FROM "EaCommandResult" WHERE "commandId" = $1`,
			[commandId]
		)
	)[0]?.status;

const commandOf = async (rig: NodesRig, accountId: string, kind: string) =>
	(
		await query<{ id: string; status: string; errorCode: string | null }>(
			rig.databaseUrl,
			`SELECT c.id, r.status, r."errorCode" FROM "EaCommand" c JOIN "EaCommandResult" r ON r."commandId" = c.id
			 WHERE r."accountId" = $1 AND c.kind = $2::"CommandKind" ORDER BY c."createdAt" DESC LIMIT 1`,
			[accountId, kind]
		)
	)[0];

export function nodesContract(name: string, startRig: () => Promise<NodesRig>): void {
	describe(`S6: two web nodes on one database, ${name}`, () => {
		let rig: NodesRig;
		beforeAll(async () => {
			rig = await startRig();
			await waitFor('the nodes to find each other', async () => (await health(rig.a)).reachable === 1, LONG);
			await waitFor('the nodes to find each other', async () => (await health(rig.b)).reachable === 1, LONG);
		});
		afterAll(() => rig.stop());

		it('S6: an agent on node A obeys a user on node B, and the pages on both see it', async () => {
			const { onA, onB, agent, accounts } = await arrangeTwoSides(rig);
			const [account] = accounts;
			const pages = [await EventReader.open(onA), await EventReader.open(onB)];
			// A stream without a past begins with what is committed by then.
			for (const page of pages) await page.next('telemetry');
			await waitFor('node B to show what the agent sees', async () =>
				(await onB.accounts()).accounts.every((a) => a.connection === 'connected' && a.state === 'stopped')
			);

			const answer = onB.command('start_ea');
			const command = await agent.next('command');
			expect(command.accountId).toBe(account?.id);
			agent.answer(command);
			expect((await answer).body).toMatchObject({ success: true, successfulAccounts: 1 });
			for (const page of pages) {
				await page.next('command', (body) => body.commandId === command.commandId);
				await page.next('results', (body) => body.commandId === command.commandId && body.success);
			}

			agent.report(command.accountId, { algo: 'running', generation: command.generation });
			for (const page of pages)
				await waitFor('the page to see it run', () =>
					page.of('telemetry').some(({ accounts: news }) => news.some((a) => a.state === 'running'))
				);

			agent.drop();
			for (const page of pages)
				await waitFor('the page to hear that the agent left', () =>
					page
						.of('telemetry')
						.some(({ accounts: news }) => news.some((a) => a.connection === 'agent_offline'))
				);
			for (const page of pages) page.close();
		});

		it('S6: what a trader changes on node B reaches the agent on node A', async () => {
			const { onA, onB, enrolled, agent } = await arrangeTwoSides(rig);
			const page = await EventReader.open(onA);
			await page.next('telemetry');
			const added = await onB.addAccount(`77${sceneCount}`);
			await page.next('accounts', (body) => body.accountIds.includes(added.id));
			const [owner] = await query<{ agentId: string }>(
				rig.databaseUrl,
				`SELECT "agentId" FROM "Mt5AccountAssignment" WHERE "accountId" = $1`,
				[added.id]
			);
			// Only this agent is connected anywhere, so the account is its.
			expect(owner?.agentId).toBe(enrolled.agentId);
			await agent.next('sync', (sync) => sync.accounts.some(({ accountId }) => accountId === added.id));
			agent.report(added.id);
			await waitFor(
				'node B to see it stand still',
				async () => (await onB.accounts()).accounts.find((a) => a.id === added.id)?.state === 'stopped'
			);
			expect((await onB.send('DELETE', `/api/user/mt5-accounts/${added.id}`)).status).toBeLessThan(300);
			await agent.next('sync', (sync) => sync.removed.some(({ accountId }) => accountId === added.id));
			page.close();
			agent.drop();
		});

		it('S6: an agent that dials the other node takes its line along; the older one is closed', async () => {
			const { onA, onB, enrolled, agent, accounts } = await arrangeTwoSides(rig);
			const newer = await settled(rig.b, enrolled, accounts);
			expect((await agent.closed).code).toBe(4001);
			for (const client of [onA, onB])
				await waitFor('both nodes to show it connected', async () =>
					(await connectionOn(client)).every((connection) => connection === 'connected')
				);
			newer.answerEverything();
			expect((await onA.command('start_ea')).body.success).toBe(true);
			expect((await onB.command('stop_ea')).body.success).toBe(true);
			newer.drop();
		});

		it('S6: a node killed while it holds the line loses nothing', async () => {
			const { onA, onB, enrolled, agent, accounts } = await arrangeTwoSides(rig);
			const page = await EventReader.open(onA);
			await page.next('telemetry');
			const answer = onB.command('start_ea');
			const command = await agent.next('command');
			await page.next('command', (body) => body.commandId === command.commandId);
			await rig.a.kill();

			const back = await settled(rig.b, enrolled, accounts);
			const settle = await back.next('settle');
			expect(settle.commands.map(({ commandId }) => commandId)).toEqual([command.commandId]);
			back.answer(command);
			expect((await answer).body).toMatchObject({ success: true });

			// The browser comes back to the other node, with the number it saw last.
			const again = await EventReader.open(onB, page.lastEventId);
			await waitFor('the page to hear of the outcome', () =>
				[...again.of('command'), ...again.of('results')].some(
					(body) => body.commandId === command.commandId && body.success
				)
			);
			expect(again.of('resync')).toEqual([]);
			again.close();
			back.drop();
			await rig.a.start();
			await waitFor(
				'the nodes to find each other again',
				async () => (await health(rig.b)).reachable === 1,
				LONG
			);
		});

		it('S6: a node killed after its commit and before its word arrives loses nothing', async () => {
			const { onB, agent, accounts } = await arrangeTwoSides(rig, 2);
			const [first, second] = accounts;
			if (!first || !second) throw new Error('two accounts were to be made');
			await waitFor('node B to see the agent', async () =>
				(await connectionOn(onB)).every((connection) => connection === 'connected')
			);
			rig.muteBus();
			const lost = [
				onB.command('start_ea', { accountIds: [first.id] }),
				onB.command('stop_ea', { accountIds: [second.id] })
			].map((answer) => answer.catch(() => null));
			for (const [{ id }, kind] of [
				[first, 'START_EA'],
				[second, 'STOP_EA']
			] as const)
				await waitFor(
					`the ${kind} to be committed as sent`,
					async () => (await commandOf(rig, id, kind))?.status === 'dispatched'
				);
			await rig.b.kill();
			await Promise.all(lost);
			expect(agent.framesOf('command')).toEqual([]);

			// The node with the line finds both in the database and asks; the agent knows of neither.
			const asked = async (accountId: string) => {
				const settle = await waitFor(
					'the agent to be asked',
					() =>
						agent.framesOf('settle').find((frame) => frame.commands.some((c) => c.accountId === accountId)),
					LONG
				);
				const [command] = settle.commands.filter((c) => c.accountId === accountId);
				if (!command) throw new Error('not asked');
				const { commandId, generation } = command;
				agent.send({
					type: 'settled',
					answers: [{ commandId, accountId, generation, verdict: 'never_received' }]
				});
			};
			await asked(first.id);
			await asked(second.id);
			const stop = await agent.next('command', (frame) => frame.accountId === second.id);
			agent.answer(stop);
			await waitFor(
				'the Stop to be done',
				async () => (await commandOf(rig, second.id, 'STOP_EA'))?.status === 'success'
			);
			await waitFor(
				'the Start to be known as never run',
				async () => (await commandOf(rig, first.id, 'START_EA'))?.status === 'expired'
			);
			expect(agent.framesOf('command').map(({ kind }) => kind)).toEqual(['stop_ea']);
			agent.drop();
			await rig.healBus();
			await rig.b.start();
			await waitFor(
				'the nodes to find each other again',
				async () => (await health(rig.a)).reachable === 1,
				LONG
			);
		});

		it('S6: without the bus it is shown, each node goes on with what it has, and nothing hangs', async () => {
			const { onA, onB, agent, accounts } = await arrangeTwoSides(rig);
			const [account] = accounts;
			const page = await EventReader.open(onB);
			await page.next('telemetry');
			await waitFor('node B to see the agent', async () =>
				(await connectionOn(onB)).every((connection) => connection === 'connected')
			);
			await rig.cutBus();
			await page.next('servers', ({ notice }) => /lost contact with the other servers/.test(notice ?? ''));
			expect(await health(rig.b)).toMatchObject({ bus: 'away', reachable: 0 });

			// Not offline, which nobody saw: not to be reached from here.
			const [view] = (await onB.accounts()).accounts;
			expect(view).toMatchObject({
				connection: 'unreachable',
				state: 'unknown',
				lastKnownState: 'stopped',
				agent: { isConnected: null }
			});
			await waitFor('the page to show it so', () =>
				page.of('telemetry').some(({ accounts: news }) => news.some((a) => a.connection === 'unreachable'))
			);

			const start = (await onB.command('start_ea')).body.accounts[0];
			expect(start).toMatchObject({ status: 'agent_offline', isFinal: true, errorCode: 'agent_elsewhere' });
			expect(start?.error).toMatch(/another server process/);

			// A Stop is found in the database by the node that has the line, and its outcome by the other one.
			const stop = (await onB.command('stop_ea')).body;
			expect(stop.accounts[0]).toMatchObject({ willApplyLater: true, errorCode: 'agent_elsewhere' });
			const command = await waitFor('the Stop to arrive', () => agent.framesOf('command')[0], LONG);
			expect(command).toMatchObject({ commandId: stop.commandId, kind: 'stop_ea' });
			agent.answer(command);
			await waitFor(
				'the page on node B to hear of the outcome',
				() =>
					[...page.of('command'), ...page.of('results')].some(
						(body) => body.commandId === stop.commandId && body.success
					),
				LONG
			);

			// People and agents of one node do not notice.
			const own = onA.command('start_ea');
			const started = await agent.next('command', (frame) => frame.kind === 'start_ea');
			expect(started.accountId).toBe(account?.id);
			agent.answer(started);
			expect((await own).body.success).toBe(true);

			await rig.healBus();
			await page.next('servers', ({ notice }) => notice === null);
			await waitFor('node B to see the agent again', async () =>
				(await connectionOn(onB)).every((connection) => connection === 'connected')
			);
			const answer = onB.command('pause_ea');
			agent.answer(await agent.next('command', (frame) => frame.kind === 'pause_ea'));
			expect((await answer).body.success).toBe(true);
			page.close();
			agent.drop();
		});

		it('S6: a page that opens while the bus is away for a moment is told of both', async () => {
			const { onB, agent } = await arrangeTwoSides(rig);
			for (let round = 0; round < 3; round++) {
				await rig.cutBus();
				const page = await EventReader.open(onB);
				await page.next('servers', ({ notice }) => notice !== null);
				await rig.healBus();
				await page.next('servers', ({ notice }) => notice === null);
				page.close();
			}
			agent.drop();
		});

		it('S6: a bus that swallows everything is noticed, and the press that went into it gets its answer', async () => {
			const { onB, agent } = await arrangeTwoSides(rig);
			await waitFor('node B to see the agent', async () =>
				(await connectionOn(onB)).every((connection) => connection === 'connected')
			);
			agent.socket.on('message', (bytes: Buffer) => {
				const decoded = decodeWebFrame(bytes.toString());
				if (!decoded.ok || decoded.frame.type !== 'settle') return;
				const answers = decoded.frame.commands.map(({ commandId, accountId, generation }) => ({
					commandId,
					accountId,
					generation,
					verdict: 'never_received' as const
				}));
				agent.send({ type: 'settled', answers });
			});
			rig.muteBus();
			// Not 30 s of silence: the node with the line asks, and this one looks into the database.
			const start = (await onB.command('start_ea')).body.accounts[0];
			expect(start).toMatchObject({ status: 'expired', errorCode: 'never_received' });
			expect(agent.framesOf('command')).toEqual([]);
			await waitFor('node B to notice', async () => (await health(rig.b)).bus === 'away', LONG);
			expect((await onB.command('start_ea')).body.accounts[0]).toMatchObject({
				errorCode: 'agent_elsewhere'
			});

			await rig.healBus();
			await waitFor('node B to see the agent again', async () =>
				(await connectionOn(onB)).every((connection) => connection === 'connected')
			);
			agent.answerEverything();
			expect((await onB.command('start_ea')).body.success).toBe(true);
			agent.drop();
		});

		it('S6: a node does not call an account unknown whose agent is at work on the other node', async () => {
			const { onA, agent, accounts } = await arrangeTwoSides(rig);
			const answer = onA.command('start_ea');
			const command = await agent.next('command');
			const { commandId, accountId, generation, epoch } = command;
			agent.send({ type: 'progress', commandId, accountId, generation, epoch, stage: 'launch', proof: null });
			await waitFor(
				'the account to be at work',
				async () => (await statusOf(rig, commandId)) === 'executing'
			);
			await rig.cutBus();
			// Longer than a lost agent is waited for; B sweeps all the while, and sees no line of its own.
			const beats = accounts.map(({ id }) => id);
			await waitFor(
				'time to pass',
				async () => {
					for (const id of beats) agent.report(id);
					const [row] = await query<{ isOver: boolean }>(
						rig.databaseUrl,
						`SELECT now() - "createdAt" > interval '12 seconds' AS "isOver" FROM "EaCommand" WHERE id = $1`,
						[commandId]
					);
					return row?.isOver;
				},
				LONG
			);
			expect(await statusOf(rig, commandId)).toBe('executing');
			agent.answer(command);
			expect((await answer).body.success).toBe(true);
			await rig.healBus();
			agent.drop();
		});
	});
}

interface Health {
	bus: string;
	others: number;
	reachable: number;
}

/** The node's own word; the shapes of the two kinds of node are made one here. */
export async function health(node: TestNode): Promise<Health> {
	const { body } = await new ApiClient(node.origin).get<Record<string, unknown>>('/api/health');
	return {
		bus: String(body['bus']),
		others: Number(body['otherServers'] ?? body['others']),
		reachable: Number(body['reachableServers'] ?? body['reachable'])
	};
}
