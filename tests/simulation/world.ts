/**
 * One world from one seed: two traders, two machines, one web, a database; people press buttons, everything that
 * can go wrong does, then the faults end and it is seen what became of it all.
 */
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { type LineSocket } from '#lib/protocol/socket.ts';
import { createLogger, type Logger } from '#lib/server/logger.ts';
import { addAgent, populate } from './accounts.ts';
import { AgentNode, type Weakness } from './agentNode.ts';
import { Broker } from './broker.ts';
import { Checker, type Violation } from './checker.ts';
import { startFaults } from './faults.ts';
import { History } from './history.ts';
import { MemoryDatabase } from './memoryDatabase.ts';
import { Network } from './network.ts';
import { keepWatching } from './pages.ts';
import { keepMoving } from './moves.ts';
import { keepPressing, keepTakingBack } from './people.ts';
import { chanceOf, type Chance } from './random.ts';
import { loggerTo } from './readableLog.ts';
import { Servers } from './servers.ts';
import { Machine, type TerminalTemper } from './terminals/machine.ts';
import { EPOCH_MS, Timeline } from './timeline.ts';
import { Verdict } from './verdict.ts';
import { type DatabaseWeather } from './webNode.ts';

export interface WorldOptions {
	seed: number;
	weakness?: Weakness | null;
	/** Keep every line, for a reader. */
	keepsLines?: boolean;
	/** With the real code's own log lines among them. */
	withLogs?: boolean;
}

export interface WorldReport {
	seed: number;
	commands: number;
	violations: Violation[];
	/** Of everything that happened. */
	digest: string;
	lines: string[];
}

const QUIET_MS = 4_000;
const FAULTS_END_MS = 110_000;

export class World {
	readonly timeline = new Timeline();
	readonly chance: Chance;
	readonly history: History;
	readonly checker: Checker;
	readonly database: MemoryDatabase;
	readonly broker: Broker;
	readonly network: Network;
	readonly agents: AgentNode[];
	readonly machines: Machine[];
	readonly temper: TerminalTemper;
	readonly databaseWeather: DatabaseWeather = { isDown: false, latencyMs: 5, unknownCommits: 0 };
	readonly userIds: readonly string[];
	readonly accountIds: readonly string[];
	readonly servers: Servers;
	/** Chance that an effect of the agent, or of the web, is its last. */
	crashes = { agent: 0, web: 0 };
	/** By the key of the press. */
	readonly pressedAtMs = new Map<string, number>();
	/** When an operator last let an agent in again. */
	unlockedAtMs = -Infinity;
	/** When something that a fault had ended came back last, be it long after the faults. */
	cameBackAtMs = 0;
	/** When something last changed that is true of a terminal. */
	changedAtMs = 0;
	readonly #hasSecondThoughts: boolean;
	readonly #verdict: Verdict;
	readonly logger: Logger;
	/** Of every command that an agent took in; the database may not know it yet. */
	readonly #kinds = new Map<string, CommandKind>();
	#numbers = 0;

	constructor({ seed, weakness = null, keepsLines = false, withLogs = false }: WorldOptions) {
		this.chance = chanceOf(`quintet ${seed}`);
		this.#hasSecondThoughts = seed % 10 === 7;
		const nowMs = () => this.timeline.nowMs;
		this.history = new History(nowMs, keepsLines);
		this.checker = new Checker({
			nowMs,
			nameOf: (accountId) => this.nameOf(accountId),
			resumesByItself: (accountId) => this.database.accounts.get(accountId)?.resumesByItself ?? true
		});
		this.database = new MemoryDatabase(() => EPOCH_MS + nowMs());
		this.broker = new Broker(nowMs);
		this.network = new Network(this.timeline, this.chance.fork('network'), this.history);
		this.temper = { badness: 0 };
		this.logger = withLogs ? loggerTo((line) => this.history.remark(line)) : createLogger('silent');
		this.machines = [1, 2].map((n) => this.#machine(n));
		this.agents = this.machines.map((machine, i) => this.#agent(machine, i + 1, weakness));
		const { userIds, accountIds } = populate(this.database, this.broker, this.chance.fork('accounts'), () =>
			this.newId()
		);
		this.userIds = userIds;
		this.accountIds = accountIds;
		this.#verdict = new Verdict(this);
		this.servers = new Servers(this, {
			logger: this.logger,
			onWritten: () => this.#verdict.lookAtResults()
		});
		this.network.findServer = () => this.#findServer();
	}

	async run(): Promise<WorldReport> {
		this.servers.startAll();
		for (const agent of this.agents) agent.start();
		await this.timeline.runUntil(QUIET_MS);
		const stopFaults = startFaults(this, FAULTS_END_MS);
		keepPressing(this, FAULTS_END_MS);
		if (this.#hasSecondThoughts) keepTakingBack(this, FAULTS_END_MS);
		keepMoving(this, FAULTS_END_MS);
		keepWatching(this);
		await this.timeline.runUntil(FAULTS_END_MS);
		stopFaults();
		this.history.note('── the faults end ──');
		await this.#verdict.decide();
		for (const { invariant, what } of this.checker.violations)
			this.history.note(`VIOLATION ${invariant}: ${what}`);
		return {
			seed: 0,
			commands: this.#verdict.commands,
			violations: this.checker.violations,
			digest: this.history.digest(),
			lines: this.history.lines
		};
	}

	nameOf(accountId: string): string {
		return `account ${this.accountIds.indexOf(accountId) + 1}`;
	}

	isOwn(userId: string, accountId: string): boolean {
		return this.database.accounts.get(accountId)?.userId === userId;
	}

	newId(): string {
		return `00000000-0000-7000-8000-${this.nextNumber().toString(16).padStart(12, '0')}`;
	}

	nextNumber(): number {
		this.#numbers += 1;
		return this.#numbers;
	}

	noteComeBack(): void {
		this.cameBackAtMs = this.timeline.nowMs;
	}

	killAgent(agent: AgentNode, how: string): void {
		if (!agent.process) return;
		agent.kill(how, this.chance.hits(0.8));
		this.timeline.after(this.chance.between(500, 10_000), () => agent.start());
	}

	#findServer() {
		const web = this.servers.pick(this.chance);
		if (!web) return null;
		const { process, core } = web;
		return {
			process,
			accept(socket: LineSocket): boolean {
				if (!core.gateway.takesLines) return false;
				core.gateway.accept(socket);
				return true;
			}
		};
	}

	#machine(n: number): Machine {
		const nowMs = () => this.timeline.nowMs;
		return new Machine({
			timeline: this.timeline,
			chance: this.chance.fork(`machine ${n}`),
			temper: this.temper,
			broker: this.broker,
			nameOf: (accountId) => this.nameOf(accountId),
			news: {
				note: (text) => this.history.note(text),
				loaded: (accountId, generation) => this.checker.loaded(accountId, generation),
				restartsItself: () => this.noteComeBack(),
				changed: (accountId, truth) => {
					this.changedAtMs = nowMs();
					const terminals = this.machines.flatMap(({ terminals: all }) => [...all.values()]);
					const live = terminals.filter((each) => each.accountId === accountId && each.process).length;
					this.checker.changed(accountId, truth, live);
				}
			}
		});
	}

	#agent(machine: Machine, n: number, weakness: Weakness | null): AgentNode {
		const id = this.newId();
		const name = `agent ${n}`;
		addAgent(this.database, id, name);
		return new AgentNode({
			id,
			name,
			timeline: this.timeline,
			network: this.network,
			machine,
			chance: this.chance.fork(name),
			logger: this.logger,
			weakness,
			note: (text) => this.history.note(text),
			onStart: () => this.noteComeBack(),
			onStopAll: {
				// What runs on another machine by now is no business of this one.
				read: () =>
					this.checker.stopAllRead(
						machine.accountIds.filter((each) => this.database.accounts.get(each)?.agentId === id)
					),
				answered: (accountIds) => this.checker.stopAllDone(accountIds)
			},
			mayCrash: (agent, point) => {
				if (this.chance.hits(this.crashes.agent)) this.killAgent(agent, `crashes ${point}`);
			},
			news: {
				accepted: ({ commandId, kind, accountId, generation }) => {
					this.#kinds.set(commandId, kind);
					this.history.note(`${name}: ${kind} ${generation} of ${this.nameOf(accountId)} is journalled`);
					this.checker.accepted(kind, accountId, generation);
				},
				done: ({ commandId, accountId, generation, outcome }) => {
					const kind = this.#kinds.get(commandId);
					this.history.note(`${name}: generation ${generation} of ${this.nameOf(accountId)} ${outcome}`);
					if (kind) this.checker.ended(kind, accountId, generation, outcome as 'success', 'agent');
				}
			}
		});
	}
}

export async function runWorld(options: WorldOptions): Promise<WorldReport> {
	const report = await new World(options).run();
	return { ...report, seed: options.seed };
}
