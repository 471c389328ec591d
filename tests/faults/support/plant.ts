/**
 * The whole product as it runs at a customer's: a web server process, an agent process that enrolled with it,
 * simulated terminals; on request with a bad network between web and agent.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AccountView, CommandView } from '#lib/domain/views.ts';
import { type FaultTestOptions } from '../../../agent/src/faultTests.ts';
import { instanceDirOf, stateDir, type StateDir } from '../../../agent/src/stateDir.ts';
import { type ProcessIdentity } from '../../../agent/src/terminal/ports.ts';
import { simulatedTerminal } from '../../../agent/src/terminal/simulated.ts';
import { QUICK, QUICK_PACE } from '../../support/agentRig.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { makeJoinCode } from '../../support/scriptedAgent.ts';
import { countLoads } from '../../support/terminalJournal.ts';
import { waitFor } from '../../support/waitFor.ts';
import type { WebServer } from '../../support/webServer.ts';
import { FaultProxy } from './faultProxy.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'agent', 'src', 'cli.ts');

type Kind = 'start_ea' | 'pause_ea' | 'stop_ea';
type State = AccountView['state'];
type Result = CommandView['accounts'][number];
type Brokers = Record<string, Record<string, Record<string, unknown>>>;

export interface PlantOptions {
	accounts?: number;
	/** A bad network between web and agent; `proxy` drives it. */
	isBehindProxy?: boolean;
	/** How the simulated brokers behave: brokers.json. */
	brokers?: Brokers;
	/** Where the agent's state lies, in `agent/`; a new folder when left out. */
	stateRoot?: string;
}

let plantCount = 0;

export class Plant {
	readonly web: WebServer;
	readonly trader: ApiClient;
	readonly state: StateDir;
	readonly proxy: FaultProxy;
	/** Ids, in the order of their account numbers. */
	readonly accounts: string[] = [];
	agentId = '';
	agentLog = '';
	#agent: ChildProcess | null = null;
	readonly #brokerDir: string;
	readonly #terminal: ReturnType<typeof simulatedTerminal>;

	private constructor(web: WebServer, state: StateDir, proxy: FaultProxy) {
		this.web = web;
		this.trader = new ApiClient(web.origin);
		this.state = state;
		this.proxy = proxy;
		this.#brokerDir = join(state.instances, '.brokers');
		this.#terminal = simulatedTerminal();
	}

	/** A trader with accounts that are switched on, and an enrolled agent that is not started yet. */
	static async build(web: WebServer, options: PlantOptions = {}): Promise<Plant> {
		const { accounts = 1, isBehindProxy = false, brokers = {} } = options;
		const root = options.stateRoot ?? (await mkdtemp(join(tmpdir(), 'quintet-plant-')));
		const state = stateDir(join(root, 'agent'), {});
		const proxy = await FaultProxy.listen(() => Number(new URL(web.origin).port));
		const plant = new Plant(web, state, proxy);
		const number = ++plantCount;
		await plant.trader.register(`plant${number}-${randomUUID().slice(0, 8)}@example.test`);
		const code = await makeJoinCode(web.databaseUrl);
		const server = isBehindProxy ? proxy.url : web.origin;
		const args = ['--server', server, '--code', code, '--name', `plant-${number}`];
		const enrolled = await plant.runCli('enrol', ...args, '--terminal', 'simulated');
		if (enrolled.code !== 0) throw new Error(`enrol: ${enrolled.output}`);
		plant.agentId = JSON.parse(await readFile(state.config, 'utf8')).agentId;
		const approve = 'UPDATE "Agent" SET "approvedAt" = now() WHERE id = $1';
		await query(web.databaseUrl, approve, [plant.agentId]);
		await mkdir(plant.#brokerDir, { recursive: true });
		await plant.brokers(brokers);
		for (let i = 1; i <= accounts; i++) {
			const account = await plant.trader.addAccount(String(7_000_000 + number * 100 + i));
			await plant.trader.enable(account.id);
			plant.accounts.push(account.id);
		}
		return plant;
	}

	get account(): string {
		return this.accounts[0] ?? '';
	}

	/** Changes how the brokers behave; running terminals follow. */
	async brokers(brokers: Brokers): Promise<void> {
		const quiet = { '*': { '*': { eaOpenEveryMs: 0 } } };
		await writeFile(join(this.#brokerDir, 'brokers.json'), JSON.stringify({ ...quiet, ...brokers }));
	}

	/** Starts the agent's process; `crashAt` as agent/src/crashpoint.ts names it. */
	startAgent({ crashAt = '', ...options }: FaultTestOptions & { crashAt?: string } = {}): ChildProcess {
		const { pace, timings } = options;
		const child = spawn(process.execPath, [CLI, 'run', '--state-dir', this.state.root], {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				...process.env,
				QUINTET_SIM_BROKER_DIR: this.#brokerDir,
				QUINTET_SIM_STATUS_MS: '150',
				QUINTET_FAULT_TESTS: 'true',
				QUINTET_FAULT_OPTIONS: JSON.stringify({
					pace: { ...QUICK_PACE, ...pace },
					timings: { ...QUICK, ...timings }
				}),
				...(crashAt ? { QUINTET_CRASH_AT: crashAt } : {})
			}
		});
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => (this.agentLog += text));
		this.#agent = child;
		return child;
	}

	/** When the agent said this last, by its own clock. @param texts that stand in one line of its log */
	saidAtMs(...texts: string[]): Promise<number> {
		return waitFor(`the agent to say “${texts.join(' ')}”`, () => {
			const lines = this.agentLog.split('\n').slice(0, -1);
			const line = lines.findLast((each) => texts.every((text) => each.includes(text)));
			return line === undefined ? null : (JSON.parse(line) as { time: number }).time;
		});
	}

	/** Waits until the agent has noted of all outcomes so far that the server has them. */
	async acknowledged(): Promise<void> {
		const journal = new DatabaseSync(this.state.journal, { readOnly: true });
		try {
			const open = journal.prepare(`SELECT 1 FROM command WHERE state = 'done'`);
			await waitFor('every outcome to be acknowledged', () => open.get() === undefined);
		} finally {
			journal.close();
		}
	}

	get agentPid(): number {
		return this.#agent?.pid ?? 0;
	}

	async endAgent(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
		this.#agent?.kill('SIGCONT');
		this.#agent?.kill(signal);
		await this.agentEnded();
	}

	/** Waits for the agent to end by itself, as at a crash point. */
	async agentEnded(): Promise<void> {
		const child = this.#agent;
		if (child && child.exitCode === null && child.signalCode === null)
			await new Promise((done) => child.once('exit', done));
	}

	async runCli(verb: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
		const child = spawn(process.execPath, [CLI, verb, '--state-dir', this.state.root, ...args], {
			stdio: ['ignore', 'pipe', 'pipe']
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => (output += text));
		return new Promise((done) => child.once('close', (code) => done({ code, output })));
	}

	/** What the trader's page would show of an account. */
	async view(accountId = this.account): Promise<AccountView> {
		const { accounts } = await this.trader.accounts();
		const view = accounts.find(({ id }) => id === accountId);
		if (!view) throw new Error(`no account ${accountId}`);
		return view;
	}

	shows(state: State, accountId = this.account): Promise<AccountView> {
		return waitFor(
			`the page to show ${state}`,
			async () => {
				const view = await this.view(accountId);
				if (view.state === state) return view;
				throw new Error(`it shows ${view.state}, ${view.connection}, ${JSON.stringify(view.fault)}`);
			},
			{ timeoutMs: 60_000 }
		);
	}

	/** Terminals logged in, agent connected. */
	async ready(): Promise<void> {
		for (const id of this.accounts)
			await waitFor(
				'the login',
				async () => {
					const view = await this.view(id);
					if (view.connection === 'connected') return true;
					throw new Error(JSON.stringify(view) + this.agentLog.slice(-2_000));
				},
				{ timeoutMs: 60_000 }
			);
	}

	/** Presses a button; the answer is not waited for. @returns the command's id once it is stored */
	async press(command: Kind, more: Record<string, unknown> = {}): Promise<string> {
		const key = randomUUID();
		let refused: string | null = null;
		this.trader.command(command, more, { 'idempotency-key': key }).then(
			({ status, body }) => (refused = status === 200 ? null : `${status} ${JSON.stringify(body)}`),
			// The server was killed in between: the database knows.
			() => undefined
		);
		const stored = await waitFor('the command to be stored', async () => {
			const sql = `SELECT id FROM "EaCommand" WHERE "idempotencyKey" = $1`;
			const [row] = await query<{ id: string }>(this.web.databaseUrl, sql, [key]);
			return row ?? (refused === null ? null : { refused });
		});
		if ('refused' in stored) throw new Error(stored.refused);
		return stored.id;
	}

	async command(commandId: string): Promise<CommandView> {
		return (await this.trader.get<CommandView>(`/api/user/ea/command/${commandId}`)).body;
	}

	/** The command's results once all are final. */
	async settled(commandId: string): Promise<Result[]> {
		return waitFor(
			`command ${commandId} to be final`,
			async () => {
				const { accounts } = await this.command(commandId);
				if (accounts.every(({ isFinal: is }) => is)) return accounts;
				throw new Error(
					JSON.stringify(accounts.map(({ status, stage, error }) => ({ status, stage, error })))
				);
			},
			{ timeoutMs: 90_000 }
		);
	}

	/** Presses a button and waits for the outcome of the (first) account. */
	async carryOut(command: Kind, more: Record<string, unknown> = {}): Promise<Result> {
		const [result] = await this.settled(await this.press(command, more));
		if (!result) throw new Error('a command without accounts');
		return result;
	}

	/** How often an EA was put on a chart of this account's terminal: the effects of Starts. */
	loads(accountId = this.account): Promise<number> {
		return countLoads(this.dirOf(accountId));
	}

	dirOf(accountId = this.account): string {
		return instanceDirOf(this.state.instances, accountId);
	}

	terminalOf(accountId = this.account): Promise<ProcessIdentity | null> {
		return this.#terminal.launcher.find(this.dirOf(accountId));
	}

	async killTerminal(accountId = this.account): Promise<void> {
		const identity = await this.terminalOf(accountId);
		if (identity) await this.#terminal.launcher.kill(identity);
	}

	/** Ends agent and terminals, and removes every file; the web server goes on. */
	async dispose(): Promise<void> {
		await this.endAgent();
		await this.proxy.close();
		// An agent that is away may be given accounts too: not those of the next plant.
		const revoke = `UPDATE "Agent" SET "revokedAt" = now() WHERE id = $1`;
		await query(this.web.databaseUrl, revoke, [this.agentId]);
		for (const name of await readdir(this.state.instances).catch(() => [])) {
			const identity = await this.#terminal.launcher.find(join(this.state.instances, name));
			if (identity) await this.#terminal.launcher.kill(identity);
		}
		await rm(this.state.root, { recursive: true, force: true, maxRetries: 5 });
	}
}
