/** The usual scene of a server test: one trader with enabled accounts on one scripted agent. */
import type { AccountView } from '#lib/domain/views.ts';
import { ApiClient } from './client.ts';
import { enrolAgent, ScriptedAgent, type EnrolledAgent } from './scriptedAgent.ts';
import { waitFor } from './waitFor.ts';
import type { WebServer } from './webServer.ts';

export interface Scene {
	trader: ApiClient;
	enrolled: EnrolledAgent;
	agent: ScriptedAgent;
	accounts: AccountView[];
}

let sceneCount = 0;

/**
 * @param accountCount at most five, since all are switched on
 * @param options.capacity more than the scene's accounts only where a test adds some
 */
export async function arrangeScene(
	web: WebServer,
	accountCount: number,
	{
		capacity = Math.max(1, accountCount),
		capabilities = ['release']
	}: { capacity?: number; capabilities?: string[] } = {}
): Promise<Scene> {
	const number = ++sceneCount;
	const trader = new ApiClient(web.origin);
	await trader.register(`trader${number}@example.test`);
	// Room for these accounts alone, so that each scene's accounts go to its own agent.
	const enrolled = await enrolAgent(trader, web.databaseUrl, {
		capacity,
		name: `agent-${number}`,
		capabilities
	});
	const agent = await ScriptedAgent.connect(enrolled);
	const accounts: AccountView[] = [];
	for (let i = 0; i < accountCount; i++) {
		const account = await trader.addAccount(String(number * 1000 + i + 1));
		await trader.enable(account.id);
		accounts.push(account);
	}
	await waitFor('the agent to hold all accounts', () =>
		accounts.every((account) =>
			agent.framesOf('sync').some((sync) => sync.accounts.some((a) => a.accountId === account.id))
		)
	);
	return { trader, enrolled, agent, accounts };
}
