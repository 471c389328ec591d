/** Child process: the real agent, once per account, each with an instant terminal of its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { createAgent } from '../../agent/src/agent.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import { settingsHash } from '../../agent/src/terminal/template.ts';
import { serveCalls } from './child.ts';
import { type BenchAgent } from './environment.ts';
import { instantTerminal } from './instantTerminal.ts';
import { writeFile } from 'node:fs/promises';

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
		for (const [i, { agentId, privateKey, sealKey }] of agents.entries()) {
			const dir = join(process.env['QUINTET_BENCH_DIR'] ?? '.', `agent-${agentId}`);
			await mkdir(dir, { recursive: true });
			const state = stateDir(dir, {});
			await writeFile(state.privateKey, privateKey, { mode: 0o600 });
			await writeFile(state.sealKey, sealKey, { mode: 0o600 });
			const agent = createAgent({
				config: {
					agentId,
					name: `bench-${i}`,
					server: origin,
					serverKey,
					capacity: 50,
					terminal: 'simulated',
					allowsPlainText: false,
					parallelLaunches: 4
				},
				state,
				identity: await readIdentity(state),
				machine: describeMachine(),
				terminal: instantTerminal(logins, settingsHash(settings)),
				clock: systemClock,
				random: Math.random,
				logger: createLogger(process.env['QUINTET_BENCH_LOG'] ?? 'error')
			});
			void agent.run(new AbortController().signal);
		}
	}
});
