/** The real agent in a directory of its own, as the children of the bench run it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgent, type AgentOptions } from '../../agent/src/agent.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import type { BenchAgent } from './environment.ts';

export interface BenchAgentOrder extends Pick<AgentOptions, 'terminal' | 'closesTerminals'> {
	/** Below the bench's directory. */
	dir: string;
	origin: string;
	serverKey: string;
	agent: BenchAgent;
}

/** Not running yet. */
export async function createBenchAgent({ dir, origin, serverKey, agent, ...rest }: BenchAgentOrder) {
	const { agentId, privateKey, sealKey } = agent;
	await mkdir(dir, { recursive: true });
	const state = stateDir(dir, {});
	await writeFile(state.privateKey, privateKey, { mode: 0o600 });
	await writeFile(state.sealKey, sealKey, { mode: 0o600 });
	return createAgent({
		config: {
			agentId,
			name: 'bench',
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
		clock: systemClock,
		random: Math.random,
		logger: createLogger(process.env['QUINTET_BENCH_LOG'] ?? 'error'),
		...rest
	});
}

export const benchDir = (name: string): string => join(process.env['QUINTET_BENCH_DIR'] ?? '.', name);
