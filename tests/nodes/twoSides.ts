/** One trader on two web nodes, and what the tests ask of either node. */
import type { AccountView } from '#lib/domain/views.ts';
import type { Readiness } from '#lib/server/monitoring/readiness.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { enrolAgent, ScriptedAgent, type EnrolledAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import type { NodesRig, TestNode } from './nodesRig.ts';

export const LONG = { timeoutMs: 30_000 };

/** A trader whose agent is connected to node A; the same person also sits before node B. */
export interface TwoSides {
	onA: ApiClient;
	onB: ApiClient;
	enrolled: EnrolledAgent;
	agent: ScriptedAgent;
	accounts: AccountView[];
}

let sceneCount = 0;

export async function arrangeTwoSides(
	rig: NodesRig,
	accountCount = 1,
	capabilities = ['release']
): Promise<TwoSides> {
	const number = ++sceneCount;
	const onA = new ApiClient(rig.a.origin);
	await onA.register(`nodes${number}@example.test`);
	const enrolled = await enrolAgent(onA, rig.databaseUrl, {
		capacity: 50,
		name: `agent-${number}`,
		capabilities
	});
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
export async function settled(
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
export const at = (node: TestNode, enrolled: EnrolledAgent): EnrolledAgent =>
	Object.assign(enrolled, { origin: node.origin });

/** The same person at another node. */
export function beside(client: ApiClient, node: TestNode): ApiClient {
	const other = new ApiClient(node.origin);
	other.cookie = client.cookie;
	return other;
}

export const connectionOn = async (client: ApiClient) =>
	(await client.accounts()).accounts.map((a) => a.connection);

export const statusOf = async (rig: NodesRig, commandId: string) =>
	(
		await query<{ status: string }>(
			rig.databaseUrl,
			`SELECT status FROM "EaCommandResult" WHERE "commandId" = $1`,
			[commandId]
		)
	)[0]?.status;

export const commandOf = async (rig: NodesRig, accountId: string, kind: string) =>
	(
		await query<{ id: string; status: string; errorCode: string | null }>(
			rig.databaseUrl,
			`SELECT c.id, r.status, r."errorCode" FROM "EaCommand" c JOIN "EaCommandResult" r ON r."commandId" = c.id
			 WHERE r."accountId" = $1 AND c.kind = $2::"CommandKind" ORDER BY c."createdAt" DESC LIMIT 1`,
			[accountId, kind]
		)
	)[0];

/** Until either node can speak to the other: one may hear of the other first. */
export async function haveMet({ a, b }: NodesRig): Promise<void> {
	for (const node of [a, b])
		await waitFor('the nodes to find each other', async () => (await health(node)).reachable === 1, LONG);
}

/** The node's own word. */
export async function health(node: TestNode): Promise<{ bus: string; others: number; reachable: number }> {
	const { body } = await new ApiClient(node.origin).get<Readiness>('/readyz');
	return { bus: body.bus, others: body.otherServers, reachable: body.reachableServers };
}
