/** Another machine beside the demo's: an agent of its own with simulated terminals, which a test switches off and on. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { ownDemo } from './ownDemo.ts';
import { address, OPERATOR } from './person.ts';

const CLI = join(import.meta.dirname, '..', '..', 'agent', 'src', 'cli.ts');

export interface SecondMachine {
	agentId: string;
	start(): void;
	/** The agent alone; its terminals go on. */
	endAgent(): Promise<void>;
	/** Everything; the operator revokes the agent. */
	remove(): Promise<void>;
}

/** Enrols it and lets the operator, who is signed in on this page, approve it. */
export async function addMachine(operator: Page, name: string): Promise<SecondMachine> {
	const { dataDir } = ownDemo();
	const stateDir = join(dataDir, name);
	const env = { ...process.env, QUINTET_SIM_BROKER_DIR: join(dataDir, 'sim-brokers') };
	const cli = (...args: string[]): ChildProcess =>
		spawn(process.execPath, [CLI, ...args, '--state-dir', stateDir], { env, stdio: 'ignore' });
	const post = async (path: string, data: unknown = {}): Promise<{ code?: string }> => {
		const answer = await operator.request.post(address(path), { data });
		if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
		return answer.status() === 204 ? {} : ((await answer.json()) as { code?: string });
	};

	await post('/api/auth/step-up', { password: OPERATOR.password });
	const { code = '' } = await post('/api/agents/join-codes');
	const enrolment = ['--server', address(''), '--code', code, '--name', name];
	const enrolled = await ended(cli('enrol', ...enrolment, '--terminal', 'simulated', '--capacity', '5'));
	if (enrolled !== 0) throw new Error(`enrol ended with ${enrolled}`);
	const { agentId } = JSON.parse(await readFile(join(stateDir, 'agent.json'), 'utf8')) as { agentId: string };
	await operator.goto(address('/agents'));
	// Until then a button does nothing yet.
	await operator.getByText('Live', { exact: true }).waitFor();
	await operator.getByRole('button', { name: `Approve… ${name}` }).click();
	await operator.getByRole('checkbox', { name: /it is the same/ }).check();
	await operator.getByRole('button', { name: 'Approve agent' }).click();
	await operator.getByRole('dialog').waitFor({ state: 'hidden' });

	let agent: ChildProcess | null = null;
	const endAgent = async (): Promise<void> => {
		agent?.kill('SIGKILL');
		if (agent) await ended(agent);
		agent = null;
	};
	return {
		agentId,
		start: () => void (agent = cli('run')),
		endAgent,
		async remove() {
			await endAgent();
			const { launcher } = simulatedTerminal();
			const instances = join(stateDir, 'instances');
			for (const each of await readdir(instances).catch(() => [])) {
				const terminal = await launcher.find(join(instances, each));
				if (terminal) await launcher.kill(terminal);
			}
			await post('/api/auth/step-up', { password: OPERATOR.password });
			await post(`/api/agents/${agentId}/revoke`);
		}
	};
}

async function ended(child: ChildProcess): Promise<number | null> {
	if (child.exitCode === null && child.signalCode === null)
		await new Promise((done) => child.once('exit', done));
	return child.exitCode;
}
