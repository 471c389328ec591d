/** Child process: the real agent with the real timings on simulated terminals that are processes of their own. */
import { join } from 'node:path';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { benchDir, createBenchAgent, type BenchAgentOrder } from './benchAgent.ts';
import { serveCalls } from './child.ts';

const ending = new AbortController();
let running: Promise<void> = Promise.resolve();

serveCalls({
	async start(order: Pick<BenchAgentOrder, 'origin' | 'serverKey' | 'agent'>) {
		const dir = benchDir('pool-agent');
		const terminal = simulatedTerminal({ brokerDir: join(dir, 'brokers') });
		const agent = await createBenchAgent({ dir, ...order, terminal, closesTerminals: true });
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
