/**
 * One world from one seed: two traders, two machines, one web, a database; people press buttons, everything that
 * can go wrong does, then the faults end and it is seen what became of it all.
 */
import { isFinal, type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { livePart } from '#lib/server/accounts/accountView.ts';
import { KIND_OF_DB } from '#lib/server/commands/commandRows.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { createLogger, type Logger } from '#lib/server/logger.ts';
import { AgentNode, type Weakness } from './agentNode.ts';
import { Broker } from './broker.ts';
import { Checker, type Violation } from './checker.ts';
import { startFaults } from './faults.ts';
import { History } from './history.ts';
import { MemoryDatabase, type MemoryAccount } from './memoryDatabase.ts';
import { Network } from './network.ts';
import { chanceOf, type Chance } from './random.ts';
import { Machine, type TerminalTemper } from './terminals.ts';
import { EPOCH_MS, Timeline } from './timeline.ts';
import { startWeb, type DatabaseWeather, type WebNode } from './webNode.ts';

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

/** An agent that was locked as a copy asks again only so much later. */
const LOCKED_OUT_MS = 65_000;
const QUIET_MS = 4_000;
const FAULTS_END_MS = 110_000;
/** From the end of the faults: back-off of a line or a terminal, then a whole deployment. */
const FINAL_WITHIN_MS = 60_000;
/** A Start given last thing: its deadline, its deployment, its undoing. */
const START_WITHIN_MS = 100_000;
const VIEW_WITHIN_MS = 20_000;
const SETTINGS = {
	defaultMaxLotSize: '1.00',
	defaultMaxLoss: '500.00',
	defaultSafetyMode: 'GREEN',
	defaultClosePositionsOnStop: false
} as const;

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
	readonly accountIds: string[] = [];
	web: WebNode | null = null;
	/** Chance that an effect of the agent, or of the web, is its last. */
	crashes = { agent: 0, web: 0 };
	readonly #userIds: string[] = [];
	readonly #finals = new Set<string>();
	readonly #logger: Logger;
	#unlockedAtMs = -Infinity;
	#ids = 0;
	#commands = 0;

	constructor({ seed, weakness = null, keepsLines = false, withLogs = false }: WorldOptions) {
		this.chance = chanceOf(`quintet ${seed}`);
		const nowMs = () => this.timeline.nowMs;
		this.history = new History(nowMs, keepsLines);
		this.checker = new Checker(nowMs, (accountId) => this.nameOf(accountId));
		this.database = new MemoryDatabase(() => EPOCH_MS + nowMs());
		this.broker = new Broker(nowMs);
		this.network = new Network(this.timeline, this.chance.fork('network'), this.history);
		this.temper = { badness: 0 };
		this.#logger = withLogs ? loggerTo((line) => this.history.remark(line)) : createLogger('silent');
		this.machines = [1, 2].map((n) => this.#machine(n));
		this.agents = this.machines.map((machine, i) => this.#agent(machine, i + 1, weakness));
		this.#people();
	}

	async run(): Promise<WorldReport> {
		this.startWeb();
		for (const agent of this.agents) agent.start();
		await this.timeline.runUntil(QUIET_MS);
		const stopFaults = startFaults(this, FAULTS_END_MS);
		this.#keepPressing();
		this.#keepWatching();
		await this.timeline.runUntil(FAULTS_END_MS);
		stopFaults();
		this.history.note('── the faults end ──');
		await this.#untilFinal(FINAL_WITHIN_MS);
		this.#checkFinal(START_WITHIN_MS);
		await this.#untilFinal(START_WITHIN_MS);
		this.#checkFinal(0);
		await this.timeline.runUntil(this.timeline.nowMs + VIEW_WITHIN_MS);
		this.#checkEnd();
		for (const { invariant, what } of this.checker.violations)
			this.history.note(`VIOLATION ${invariant}: ${what}`);
		return {
			seed: 0,
			commands: this.#commands,
			violations: this.checker.violations,
			digest: this.history.digest(),
			lines: this.history.lines
		};
	}

	nameOf(accountId: string): string {
		return `account ${this.accountIds.indexOf(accountId) + 1}`;
	}

	startWeb(): void {
		if (this.web) return;
		this.history.note('web: the server starts');
		const web = startWeb({
			timeline: this.timeline,
			database: this.database,
			weather: this.databaseWeather,
			chance: this.chance.fork(`web ${this.#ids}`),
			newId: () => this.#newId(),
			logger: this.#logger,
			mayCrash: (process, point) => {
				if (!process.isDead && this.chance.hits(this.crashes.web)) this.killWeb(`crashes ${point}`);
			},
			onWritten: () => this.#lookAtResults()
		});
		this.web = web;
		this.network.listener = {
			process: web.process,
			accept: (socket) => {
				if (!web.core.gateway.takesLines) return false;
				web.core.gateway.accept(socket);
				return true;
			}
		};
		for (const userId of this.#userIds) this.#watchStream(web, userId);
	}

	killWeb(how: string): void {
		const { web } = this;
		if (!web) return;
		this.history.note(`web: the server ${how}`);
		this.web = null;
		web.kill();
		this.network.processEnded(web.process, this.chance.hits(0.8));
		this.timeline.after(this.chance.between(500, 8_000), () => this.startWeb());
	}

	killAgent(agent: AgentNode, how: string): void {
		if (!agent.process) return;
		agent.kill(how, this.chance.hits(0.8));
		this.timeline.after(this.chance.between(500, 10_000), () => agent.start());
	}

	#machine(n: number): Machine {
		return new Machine({
			timeline: this.timeline,
			chance: this.chance.fork(`machine ${n}`),
			temper: this.temper,
			broker: this.broker,
			nameOf: (accountId) => this.nameOf(accountId),
			news: {
				note: (text) => this.history.note(text),
				loaded: (accountId, generation) => this.checker.loaded(accountId, generation),
				changed: (accountId, truth) => {
					const terminals = this.machines.flatMap(({ terminals: all }) => [...all.values()]);
					const live = terminals.filter((each) => each.accountId === accountId && each.process).length;
					this.checker.changed(accountId, truth, live);
				}
			}
		});
	}

	#agent(machine: Machine, n: number, weakness: Weakness | null): AgentNode {
		const id = this.#newId();
		const name = `agent ${n}`;
		this.database.agents.set(id, {
			id,
			name,
			publicKey: name,
			previousPublicKey: null,
			isApproved: true,
			lockReason: null,
			counter: { accepted: 0, confirmed: 0 }
		});
		return new AgentNode({
			id,
			name,
			timeline: this.timeline,
			network: this.network,
			machine,
			chance: this.chance.fork(name),
			logger: this.#logger,
			weakness,
			note: (text) => this.history.note(text),
			mayCrash: (agent, point) => {
				if (this.chance.hits(this.crashes.agent)) this.killAgent(agent, `crashes ${point}`);
			},
			news: {
				accepted: ({ kind, accountId, generation }) => {
					this.history.note(`${name}: ${kind} ${generation} of ${this.nameOf(accountId)} is journalled`);
					this.checker.accepted(kind, accountId, generation);
				},
				done: ({ commandId, accountId, generation, outcome }) => {
					const kind = this.database.commands.get(commandId)?.kind;
					this.history.note(`${name}: generation ${generation} of ${this.nameOf(accountId)} ${outcome}`);
					if (kind)
						this.checker.ended(KIND_OF_DB[kind], accountId, generation, outcome as 'success', 'agent');
				}
			}
		});
	}

	/** Trader 1 has two accounts, one on each machine; trader 2 has one, beside trader 1's. */
	#people(): void {
		const [first, second] = [...this.database.agents.keys()];
		const users = [this.#newId(), this.#newId()];
		for (const userId of users) this.database.users.set(userId, { eventSeq: 0n });
		this.#userIds.push(...users);
		for (const [owner, agentId] of [
			[users[0], first],
			[users[0], second],
			[users[1], first]
		])
			if (owner !== undefined && agentId !== undefined) this.#account(owner, agentId);
	}

	#account(userId: string, agentId: string): void {
		const id = this.#newId();
		const accountNumber = `${500_001 + this.accountIds.length}`;
		this.accountIds.push(id);
		const account: MemoryAccount = {
			...SETTINGS,
			id,
			userId,
			accountNumber,
			name: `Account ${this.accountIds.length}`,
			broker: 'Simulated',
			serverName: 'Sim-Demo',
			currency: 'USD',
			kind: 'DEMO',
			status: 'ACTIVE',
			isEnabledForTrading: true,
			isPrimary: false,
			maxLotSize: null,
			maxLoss: null,
			safetyMode: null,
			closePositionsOnStop: null,
			resumesByItself: true,
			pauseAfterLossMinutes: null,
			expertPath: 'Quintet\\EATemplate',
			expertSymbol: 'EURUSD',
			expertTimeframe: 'M15',
			expertMagic: 505_001,
			wanted: 'STOPPED',
			wantedGeneration: '0',
			wantedAt: null,
			seen: null,
			seenAt: null,
			agentId,
			epoch: 1,
			agentName: this.database.agents.get(agentId)?.name ?? '',
			agentLastSeenAt: null,
			needsPassword: false,
			sealedPassword: 'right-password',
			agentSealKey: null
		};
		this.database.accounts.set(id, account);
		this.broker.register(id, accountNumber, 'right-password');
	}

	#newId(): string {
		this.#ids += 1;
		return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
	}

	#keepPressing(): void {
		const chance = this.chance.fork('people');
		const next = (): void => {
			this.timeline.after(chance.exponential(9_000), () => {
				if (this.timeline.nowMs > FAULTS_END_MS) return;
				this.#press(chance);
				// Now and then two at once, or one right after the other.
				if (chance.hits(0.3))
					this.timeline.after(chance.between(0, chance.pick([5, 1_500])), () => this.#press(chance));
				next();
			});
		};
		next();
	}

	#press(chance: Chance, again: { userId: string; kind: CommandKind; key: string } | null = null): void {
		const { web } = this;
		const userId = again?.userId ?? chance.pick(this.#userIds);
		const kind =
			again?.kind ?? chance.pick(['start_ea', 'start_ea', 'start_ea', 'pause_ea', 'stop_ea'] as const);
		const closes = kind === 'stop_ea' && chance.hits(0.4);
		const key = again?.key ?? `key-of-press-${++this.#ids}`;
		if (!web || this.timeline.nowMs > FAULTS_END_MS) return;
		this.history.note(`trader ${this.#userIds.indexOf(userId) + 1} presses ${kind}${again ? ' again' : ''}`);
		const input = { command: kind, ...(closes && !again ? { closePositions: true } : {}) };
		issueCommand(web.core, { userId, origin: { ip: null, userAgent: null }, session: null }, input, key).then(
			(view) => {
				for (const account of view.accounts)
					if (this.database.accounts.get(account.accountId)?.userId !== userId)
						this.checker.leaked('a trader', `account ${account.accountId}`);
			},
			(error: unknown) => {
				this.history.note(`refused: ${error instanceof Error ? error.message : String(error)}`);
				if (!again && chance.hits(0.5))
					this.timeline.after(chance.between(500, 5_000), () => this.#press(chance, { userId, kind, key }));
			}
		);
	}

	/** After every write: what became final, and what was given. */
	#lookAtResults(): void {
		for (const [key, result] of this.database.results) {
			const command = this.database.commands.get(result.commandId);
			if (!command) continue;
			const kind = KIND_OF_DB[command.kind];
			const { accountId, generation, status } = result;
			if (!this.#finals.has(`given ${key}`)) {
				this.#finals.add(`given ${key}`);
				this.#commands += 1;
				const notAfterMs = (command.deadlineAt?.getTime() ?? EPOCH_MS) - EPOCH_MS;
				this.history.note(`web: ${kind} ${generation} of ${this.nameOf(accountId)} is ${status}`);
				this.checker.issued(command.id, kind, accountId, generation, notAfterMs);
			}
			if (!isFinal(status) || this.#finals.has(key)) continue;
			this.#finals.add(key);
			const why = result.errorCode === null ? '' : ` (${result.errorCode})`;
			this.history.note(`web: ${kind} ${generation} of ${this.nameOf(accountId)} ended: ${status}${why}`);
			if (generation > 0) this.checker.ended(kind, accountId, generation, status, 'web');
		}
	}

	#watchStream({ core }: WebNode, userId: string): void {
		const own = (accountId: string): boolean => this.database.accounts.get(accountId)?.userId === userId;
		const check = (accountIds: Iterable<string>): void => {
			for (const accountId of accountIds) if (!own(accountId)) this.checker.leaked('a trader', accountId);
		};
		core.hub.subscribe(userId, {
			onStored: ({ messages }) => {
				for (const { name, body } of messages)
					if (name !== 'accounts') check(body.accounts.map(({ accountId }) => accountId));
			},
			onUnnumbered: ({ name, body }) => {
				if (name !== 'accounts') check(body.accounts.map(({ accountId }) => accountId));
			},
			onTelemetry: check,
			onReached: () => undefined,
			onServersChanged: () => undefined,
			onEnd: () => undefined
		});
	}

	/** Looks at the page every few seconds. */
	#keepWatching(): void {
		const look = (): void => {
			this.timeline.after(3_000, () => {
				for (const accountId of this.accountIds) {
					const state = this.#shown(accountId);
					if (state !== null) this.checker.shown(accountId, state);
				}
				this.checker.tick();
				this.#unlock();
				look();
			});
		};
		look();
	}

	/** An agent that lost the number of its connection with a full disk is locked; an operator looks, and lets it in. */
	#unlock(): void {
		for (const agent of this.database.agents.values()) {
			if (agent.lockReason === null) continue;
			this.history.note(`operator: unlocks ${agent.name}, ${agent.lockReason}`);
			agent.lockReason = null;
			agent.counter.confirmed = 0;
			this.#unlockedAtMs = this.timeline.nowMs;
		}
	}

	#shown(accountId: string): string | null {
		const account = this.database.accounts.get(accountId);
		return account && this.web ? livePart(account, this.web.core.reports).state : null;
	}

	/** Stops early when everything is decided, and those who wait for nothing have had time to come back. */
	async #untilFinal(ms: number): Promise<void> {
		const endMs = (): number => Math.max(FAULTS_END_MS, this.#unlockedAtMs + LOCKED_OUT_MS) + ms;
		const isOpen = (): boolean => [...this.database.results.values()].some(({ status }) => !isFinal(status));
		const isAway = (): boolean =>
			this.agents.some(({ id, process }) => !process || !this.web?.core.gateway.isConnected(id));
		while (this.timeline.nowMs < endMs() && (isOpen() || isAway()))
			await this.timeline.runUntil(Math.min(endMs(), this.timeline.nowMs + 5_000));
	}

	/** @param youngMs commands given so shortly before the end of the faults may go on for a while */
	#checkFinal(youngMs: number): void {
		for (const result of this.database.results.values()) {
			const command = this.database.commands.get(result.commandId);
			if (!command || isFinal(result.status)) continue;
			const ageMs = EPOCH_MS + this.timeline.nowMs - result.createdAtMs;
			if (ageMs < youngMs) continue;
			this.checker.unfinished(result.accountId, KIND_OF_DB[command.kind], result.generation, result.status);
			this.#finals.add(`unfinished ${result.commandId}`);
		}
	}

	#checkEnd(): void {
		for (const accountId of this.accountIds) {
			const state = this.#shown(accountId) ?? 'no page';
			// A terminal that is just logging in, or whose bridge is mute, cannot be seen: that is said, and is right.
			const canBeSeen = !this.machines.some((machine) => machine.isMute(accountId, VIEW_WITHIN_MS / 2));
			if (canBeSeen || state !== 'unknown') this.checker.settledView(accountId, state);
			this.checker.settledTruth(accountId, this.database.accounts.get(accountId)?.wanted ?? 'STOPPED');
		}
		for (const { commandId, accountId, status, generation } of this.database.results.values()) {
			const rows = this.database.audit.filter((row) => row.commandId === commandId);
			if (!rows.some((row) => row.targetId === commandId)) this.checker.unaudited(`command ${commandId}`);
			const wasSent = this.database.results.get(`${commandId}|${accountId}`)?.dispatchedAtMs !== null;
			if (wasSent && isFinal(status) && !rows.some((row) => row.targetId === accountId))
				this.checker.unaudited(`generation ${generation} of ${this.nameOf(accountId)}`);
		}
	}
}

export async function runWorld(options: WorldOptions): Promise<WorldReport> {
	const report = await new World(options).run();
	return { ...report, seed: options.seed };
}

/** The real code's log, as lines for a reader. */
function loggerTo(onLog: (line: string) => void): Logger {
	const log =
		(level: string) =>
		(fields: unknown, message?: string): void => {
			const text = typeof fields === 'string' ? fields : `${message} ${JSON.stringify(fields, readable)}`;
			onLog(`${level}: ${text}`);
		};
	const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
	return Object.fromEntries(levels.map((level) => [level, log(level)])) as unknown as Logger;
}

const readable = (_key: string, value: unknown): unknown =>
	value instanceof Error ? `${value.name}: ${value.message}` : value;
