/** Child process: the real agent with the real timings on simulated terminals that are processes of their own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgent } from '../../agent/src/agent.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';

const ending = new AbortController();
let running: Promise<void> = Promise.resolve();

interface Order {
	origin: string;
	serverKey: string;
	agent: BenchAgent;
}

serveCalls({
	async start({ origin, serverKey, agent: { agentId, privateKey, sealKey } }: Order) {
		const dir = join(process.env['QUINTET_BENCH_DIR'] ?? '.', 'pool-agent');
		await mkdir(dir, { recursive: true });
		const state = stateDir(dir, {});
		await writeFile(state.privateKey, privateKey, { mode: 0o600 });
		await writeFile(state.sealKey, sealKey, { mode: 0o600 });
		const agent = createAgent({
			config: {
				agentId,
				name: 'pool',
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
			terminal: simulatedTerminal({ brokerDir: join(dir, 'brokers') }),
			clock: systemClock,
			random: Math.random,
			logger: createLogger(process.env['QUINTET_BENCH_LOG'] ?? 'error'),
			closesTerminals: true
		});
		running = agent.run(ending.signal);
	},
	cpuMs: () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1_000;
	},
	/** Ends the terminals too. */
	async end() {
		ending.abort(new Error('the bench ends'));
		await running;
	}
});
