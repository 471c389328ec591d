/** Child process: the real agent, once per account, each with an instant terminal of its own. */
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { settingsHash } from '../../agent/src/terminal/template.ts';
import { benchDir, createBenchAgent } from './benchAgent.ts';
import { serveCalls } from './child.ts';
import { type BenchAgent } from './environment.ts';
import { instantTerminal } from './instantTerminal.ts';

interface Order {
	origin: string;
	serverKey: string;
	agents: BenchAgent[];
	accounts: { accountId: string; accountNumber: string; serverName: string }[];
	settings: EaSettings;
}

serveCalls({
	async start({ origin, serverKey, agents, accounts, settings }: Order) {
		const logins = new Map(accounts.map((account) => [account.accountId, account]));
		for (const own of agents) {
			const agent = await createBenchAgent({
				dir: benchDir(`agent-${own.agentId}`),
				origin,
				serverKey,
				agent: own,
				terminal: instantTerminal(logins, settingsHash(settings))
			});
			void agent.run(new AbortController().signal);
		}
	}
});
