/** A real agent on real simulated terminals, in this process, against a fake web. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createAgent, type Agent } from '../../agent/src/agent.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { createIdentity, type Identity } from '../../agent/src/identity.ts';
import { type LinkPace } from '../../agent/src/link/linkPorts.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { instanceDirOf, stateDir, type StateDir } from '../../agent/src/stateDir.ts';
import { type Timings } from '../../agent/src/supervisor/timings.ts';
import { type ProcessIdentity, type TerminalKind } from '../../agent/src/terminal/ports.ts';
import { replaceFile } from '../../agent/src/terminal/replaceFile.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { FakeWeb, type FakeWebOptions } from './fakeWeb.ts';
import { countLoads } from './terminalJournal.ts';
import { waitFor } from './waitFor.ts';

/** Short ones, so that tests wait for nothing but the work itself. */
export const QUICK: Partial<Timings> = {
	observeMs: 200,
	retryBaseMs: 200,
	retryCapMs: 1_000,
	convergeMs: 500,
	closeMs: 5_000,
	selfRestartMs: 1_000
};
export const QUICK_PACE: Partial<LinkPace> = {
	retryBaseMs: 100,
	retryCapMs: 500,
	unauthorisedMs: 2_000,
	resendMs: 500
};

export interface AgentRigOptions {
	timings?: Partial<Timings>;
	pace?: Partial<LinkPace>;
	terminal?: (brokerDir: string) => TerminalKind;
	/** How the simulated brokers behave: brokers.json. */
	brokers?: Record<string, Record<string, Record<string, unknown>>>;
	/** How far the web's clock is ahead of the agent's. */
	clockOffsetMs?: number;
	/** The rhythm that the fake web dictates. */
	rhythm?: Pick<FakeWebOptions, 'pingIntervalMs' | 'lineDeadMs' | 'telemetryIntervalMs'>;
}

export class AgentRig {
	readonly web: FakeWeb;
	readonly state: StateDir;
	readonly identity: Identity;
	readonly terminal: TerminalKind;
	readonly brokerDir: string;
	readonly log: string[] = [];
	agent: Agent | null = null;
	readonly #agentId = randomUUID();
	readonly #options: AgentRigOptions;
	#end: AbortController | null = null;
	#running: Promise<void> | null = null;

	private constructor(
		parts: Pick<AgentRig, 'web' | 'state' | 'identity' | 'terminal' | 'brokerDir'>,
		options: AgentRigOptions
	) {
		this.web = parts.web;
		this.state = parts.state;
		this.identity = parts.identity;
		this.terminal = parts.terminal;
		this.brokerDir = parts.brokerDir;
		this.#options = options;
	}

	static async create(options: AgentRigOptions = {}): Promise<AgentRig> {
		const root = await mkdtemp(join(tmpdir(), 'quintet-agent-'));
		const state = stateDir(root, {});
		const brokerDir = join(root, 'brokers');
		await mkdir(brokerDir, { recursive: true });
		const identity = await createIdentity(state);
		const web = await FakeWeb.listen({
			publicKey: identity.publicKey,
			sealKey: identity.sealKey,
			...options.rhythm
		});
		const terminal =
			options.terminal?.(brokerDir) ?? simulatedTerminal({ brokerDir, statusMs: 150, pollMs: 30 });
		web.clockOffsetMs = options.clockOffsetMs ?? 0;
		const rig = new AgentRig({ web, state, identity, terminal, brokerDir }, options);
		await rig.brokers(options.brokers ?? {});
		return rig;
	}

	/** Changes how the brokers behave; running terminals follow. */
	async brokers(behaviour: AgentRigOptions['brokers']): Promise<void> {
		// At once: of half a file, a terminal that starts just now would believe nothing.
		await replaceFile(join(this.brokerDir, 'brokers.json'), Buffer.from(JSON.stringify(behaviour)));
	}

	/** Starts the agent, also again after `stopAgent`. */
	startAgent({ closesTerminals = false, server = this.web.url, serverKey = this.web.serverKey } = {}): Agent {
		this.#end = new AbortController();
		const { state, identity, terminal } = this;
		const lines = { write: (line: string) => void this.log.push(line) };
		this.agent = createAgent({
			config: {
				agentId: this.#agentId,
				name: 'test',
				server,
				serverKey,
				capacity: 50,
				terminal: 'simulated',
				allowsPlainText: false,
				parallelLaunches: 4
			},
			state,
			identity,
			machine: describeMachine(),
			terminal,
			clock: systemClock,
			random: Math.random,
			logger: createLogger('debug', lines),
			timings: { ...QUICK, ...this.#options.timings },
			pace: { ...QUICK_PACE, ...this.#options.pace },
			closesTerminals
		});
		this.#running = this.agent.run(this.#end.signal);
		return this.agent;
	}

	/** Ends the agent, and hears all that it said; its terminals go on. */
	async stopAgent(): Promise<void> {
		if (!this.#running) return;
		this.#end?.abort(new Error('the test ends the agent'));
		await this.#running;
		this.#running = null;
		this.agent = null;
		await this.web.disconnected();
	}

	dirOf(accountId: string): string {
		return instanceDirOf(this.state.instances, accountId);
	}

	processOf(accountId: string): Promise<ProcessIdentity | null> {
		return this.terminal.launcher.find(this.dirOf(accountId));
	}

	/** How often an EA was loaded in its terminal. */
	loadsOf(accountId: string): Promise<number> {
		return countLoads(this.dirOf(accountId));
	}

	/** Resolves when the agent has noted that the outcome of this command arrived, and repeats it no more. */
	async acknowledged(commandId: string): Promise<void> {
		const journal = new DatabaseSync(this.state.journal, { readOnly: true });
		try {
			const isNoted = journal.prepare(`SELECT 1 FROM command WHERE commandId = ? AND state = 'acked'`);
			await waitFor('the acknowledgement to be noted', () => isNoted.get(commandId));
		} finally {
			journal.close();
		}
	}

	/** Ends agent, terminals and web, and removes every file. */
	async dispose(): Promise<void> {
		await this.stopAgent();
		await this.web.close();
		const names = await readdir(this.state.instances).catch(() => []);
		for (const name of names) {
			const process = await this.terminal.launcher.find(join(this.state.instances, name));
			if (process) await this.terminal.launcher.kill(process);
		}
		await rm(this.state.root, { recursive: true, force: true, maxRetries: 5 });
	}
}
