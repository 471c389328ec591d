/**
 * Terminals in memory, behind the agent's own ports: they log in slowly or not at all, crash, hang, fall silent,
 * lose the broker, restart themselves, load an EA late or one that never gets ready, and hold positions. They
 * outlive the agent, and end with the machine.
 */
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { type Residual } from '#lib/protocol/seen.ts';
import { type BridgeStatus, type BridgeVerb } from '../../agent/src/bridge/contract.ts';
import { BridgeRefusal, BridgeTimeout } from '../../agent/src/bridge/errors.ts';
import { type JournalEvent } from '../../agent/src/terminal/journalTail.ts';
import {
	type BridgeChannel,
	type ProcessIdentity,
	type TerminalKind
} from '../../agent/src/terminal/ports.ts';
import { settingsHash } from '../../agent/src/terminal/template.ts';
import { type Broker } from './broker.ts';
import { type Chance } from './random.ts';
import { never, SimProcess, type Timeline } from './timeline.ts';

/** What is true of a terminal, as opposed to what anybody knows. */
export interface Truth {
	isUp: boolean;
	/** Generation of the EA on the chart; null without one. */
	generation: number | null;
	isAlgoOn: boolean;
	isReady: boolean;
	isConnected: boolean;
	login: string;
}

export interface TerminalNews {
	changed(accountId: string, truth: Truth): void;
	/** The bridge carried out a load of this generation. */
	loaded(accountId: string, generation: number): void;
	note(text: string): void;
}

/** How bad terminals are; 0 is faultless. */
export interface TerminalTemper {
	badness: number;
}

interface Request {
	verb: BridgeVerb;
	args: unknown;
	/** Its file was taken away again. */
	isWithdrawn(): boolean;
	/** @param settle what the answer says */
	answer(settle: () => unknown): void;
}

interface Ea {
	generation: number;
	hash: string;
	settings: EaSettings;
	readyAtMs: number | null;
}

const STATUS_MS = 1_000;
const POLL_MS = 30;
const HUNG_AFTER_MS = 5_000;

export class SimTerminal {
	readonly accountId: string;
	readonly dir: string;
	process: { identity: ProcessIdentity; life: SimProcess } | null = null;
	channels = new Set<SimChannel>();
	followers = new Set<(event: JournalEvent) => void>();
	startIni: { login: string; password: string; server: string } | null = null;
	templates = new Map<string, { generation: number; settings: EaSettings }>();
	status: { status: BridgeStatus; atMs: number } | null = null;
	#savedLogin: { login: string; server: string } | null = null;
	#savedEa: Ea | null = null;
	#savedAlgo = false;
	#ea: Ea | null = null;
	#isAlgoOn = false;
	#login: { login: string; server: string } | null = null;
	#isBrokerReached = true;
	#hungUntilMs = 0;
	#hungSinceMs = 0;
	#silentUntilMs = 0;
	#busyUntilMs = 0;
	#appliedAtMs = 0;
	#spokeFirstAtMs: number | null = null;
	#seq = 0;
	#requests: Request[] = [];
	readonly #world: Machine;

	constructor(world: Machine, dir: string) {
		this.#world = world;
		this.dir = dir;
		this.accountId = dir.split('/').at(-1) ?? '';
	}

	get truth(): Truth {
		return {
			isUp: this.process !== null,
			generation: this.#ea?.generation ?? null,
			isAlgoOn: this.#isAlgoOn,
			isReady: this.#ea?.readyAtMs !== null && (this.#ea?.readyAtMs ?? Infinity) <= this.#nowMs,
			isConnected: this.#isBrokerReached,
			login: this.#login?.login ?? '0'
		};
	}

	get isHung(): boolean {
		return this.#nowMs < this.#hungUntilMs && this.#nowMs - this.#hungSinceMs > HUNG_AFTER_MS;
	}

	get #isMute(): boolean {
		return this.#nowMs < Math.max(this.#hungUntilMs, this.#silentUntilMs);
	}

	get #nowMs(): number {
		return this.#world.timeline.nowMs;
	}

	/** A second copy in the same directory ends by itself, as MetaTrader's does. */
	launch(args: readonly string[], isAlgoOn: boolean | null = false): ProcessIdentity {
		const { timeline, chance, temper } = this.#world;
		const pid = this.#world.nextPid();
		const identity = { pid, createdAt: `${timeline.nowMs}`, instanceDir: this.dir };
		if (this.process) return identity;
		const life = new SimProcess(timeline, () => 0);
		this.process = { identity, life };
		this.#ea = this.#savedEa;
		this.#isAlgoOn = isAlgoOn ?? this.#savedAlgo;
		this.#login = null;
		this.#isBrokerReached = true;
		this.#hungUntilMs = this.#silentUntilMs = 0;
		this.#busyUntilMs = 0;
		this.#spokeFirstAtMs = null;
		this.#seq = 0;
		this.#changed(`terminal up, pid ${pid}`);
		const { badness } = temper;
		const isSlow = chance.hits(0.1 * badness);
		const loginMs = isSlow ? chance.between(8_000, 75_000) : chance.between(300, 3_000);
		if (chance.hits(0.03 * badness)) life.after(chance.between(0, loginMs), () => this.end('crashed', false));
		const credentials = args.some((arg) => arg.startsWith('/config:')) ? this.startIni : null;
		const asked = credentials ?? this.#savedLogin;
		life.after(loginMs, () => this.#logIn(asked, credentials?.password ?? null));
		return identity;
	}

	end(how: string, isClean: boolean): void {
		if (!this.process) return;
		if (isClean) {
			this.#savedEa = this.#ea;
			this.#savedAlgo = this.#isAlgoOn;
		}
		this.process.life.isDead = true;
		this.process = null;
		this.#ea = null;
		this.#isAlgoOn = false;
		this.#login = null;
		this.#changed(`terminal ${how}`);
	}

	hang(ms: number): void {
		if (this.#nowMs >= this.#hungUntilMs) this.#hungSinceMs = this.#nowMs;
		this.#hungUntilMs = Math.max(this.#hungUntilMs, this.#nowMs + ms);
	}

	fallSilent(ms: number): void {
		this.#silentUntilMs = Math.max(this.#silentUntilMs, this.#nowMs + ms);
	}

	loseBroker(ms: number): void {
		if (!this.process) return;
		this.#isBrokerReached = false;
		this.process.life.after(ms, () => {
			this.#isBrokerReached = true;
		});
	}

	hasSpokenFor(ms: number): boolean {
		return this.#spokeFirstAtMs !== null && this.#nowMs - this.#spokeFirstAtMs >= ms;
	}

	/** The bridge's folder is emptied. */
	forgetFiles(): void {
		this.status = null;
		this.forgetRequests();
	}

	/** Those that were not read yet. */
	forgetRequests(): void {
		this.#requests = [];
	}

	/** Nothing is wrong with it any more, if it lives. */
	recover(): void {
		this.#hungUntilMs = this.#silentUntilMs = 0;
		this.#isBrokerReached = true;
		this.#readRequests();
	}

	/** As after an update of the program: it comes back by itself, as it was. */
	restartItself(): void {
		if (!this.process) return;
		this.end('restarts itself', true);
		this.#world.timeline.after(this.#world.chance.between(300, 3_000), () => {
			if (!this.process) this.launch([], null);
		});
	}

	toggle(): void {
		const { process } = this;
		if (!process) return;
		// A window that hangs takes the message when it goes on.
		const waitMs = Math.max(0, this.#hungUntilMs - this.#nowMs) + this.#world.chance.between(5, 200);
		process.life.after(waitMs, () => {
			this.#isAlgoOn = !this.#isAlgoOn;
			this.#changed(`Algo Trading ${this.#isAlgoOn ? 'on' : 'off'}`);
		});
	}

	requestClose(): void {
		const { chance, temper } = this.#world;
		if (chance.hits(0.1 * temper.badness)) return;
		const waitMs = Math.max(0, this.#hungUntilMs - this.#nowMs) + chance.between(100, 3_000);
		this.process?.life.after(waitMs, () => this.end('closed', true));
	}

	/** A request lies in its folder until the bridge reads it; what was read is carried out, soon or a bit later. */
	receive(request: Request): void {
		this.#requests.push(request);
		this.#readRequests();
	}

	#readRequests(): void {
		const { process } = this;
		if (!process || this.#requests.length === 0) return;
		const { chance, temper } = this.#world;
		if (this.#isMute)
			return void process.life.after(Math.max(this.#hungUntilMs, this.#silentUntilMs) - this.#nowMs, () =>
				this.#readRequests()
			);
		const request = this.#requests.shift();
		if (!request || request.isWithdrawn()) return this.#readRequests();
		const isSlow = chance.hits(0.03 * temper.badness);
		const workMs = isSlow ? chance.between(1_000, 12_000) : chance.between(5, 150);
		// One after the other: the bridge is one thread.
		this.#busyUntilMs = Math.max(this.#busyUntilMs, this.#nowMs) + workMs;
		process.life.after(this.#busyUntilMs - this.#nowMs, () => {
			const settle = this.#carryOut(request.verb, request.args);
			process.life.after(chance.between(5, 50), () => request.answer(settle));
			this.#readRequests();
		});
	}

	#carryOut(verb: BridgeVerb, args: unknown): () => unknown {
		const refuse = (code: string) => () => {
			throw new BridgeRefusal(verb, code, `refused: ${code}`);
		};
		if (!this.#login) return refuse('not_logged_in');
		switch (verb) {
			case 'load_ea':
				return this.#load((args as { template: string }).template);
			case 'unload_ea':
				this.#ea = null;
				this.#changed('EA off its chart');
				return () => ({});
			case 'list_open':
				return this.#listOpen((args as { magic: number | null }).magic);
			case 'close_pass':
				return this.#closePass((args as { magic: number | null }).magic);
		}
	}

	#load(name: string): () => unknown {
		const { chance, temper, news } = this.#world;
		const template = this.templates.get(name);
		if (!template)
			return () => {
				throw new BridgeRefusal('load_ea', 'template_missing', 'no such template');
			};
		const { generation, settings } = template;
		news.loaded(this.accountId, generation);
		const { badness } = temper;
		if (chance.hits(0.03 * badness)) {
			return () => {
				throw new BridgeRefusal('load_ea', 'unknown_symbol', 'no such symbol');
			};
		}
		const lateMs = chance.hits(0.2 * badness) ? chance.between(800, 4_000) : chance.between(50, 500);
		// A chart takes its templates one after the other.
		this.#appliedAtMs = Math.max(this.#appliedAtMs, this.#nowMs + lateMs);
		this.process?.life.after(this.#appliedAtMs - this.#nowMs, () => {
			const isNeverReady = chance.hits(0.05 * badness);
			const readyAtMs = isNeverReady ? null : this.#nowMs + chance.between(50, 3_000);
			this.#ea = { generation, hash: settingsHash(settings), settings, readyAtMs };
			this.#changed(`EA of generation ${generation} on its chart`);
		});
		return () => ({});
	}

	#listOpen(magic: number | null): () => unknown {
		const items = this.#world.broker.open(this.accountId, magic).map((position) => residual(position, null));
		return () => ({ items });
	}

	#closePass(magic: number | null): () => unknown {
		const { broker } = this.#world;
		const code = !this.#isAlgoOn ? 10027 : broker.isClosed(this.accountId) ? 10018 : null;
		if (code === null) {
			const closedPositions = broker.close(this.accountId, magic);
			return () => ({ closedPositions, deletedOrders: 0, residuals: [] });
		}
		const residuals = broker.open(this.accountId, magic).map((position) => residual(position, code));
		return () => ({ closedPositions: 0, deletedOrders: 0, residuals });
	}

	#logIn(asked: { login: string; server: string } | null, password: string | null): void {
		const { broker, chance, temper } = this.#world;
		const server = asked?.server ?? '';
		if (!asked || !broker.accepts(this.accountId, asked.login, password)) {
			for (const tell of [...this.followers])
				tell({ kind: 'refused', login: asked?.login ?? '', server, reason: 'Invalid account' });
			return;
		}
		this.#login = { login: asked.login, server };
		this.#savedLogin = this.#login;
		const isMuteBridge = chance.hits(0.02 * temper.badness);
		if (isMuteBridge) return;
		this.#tick();
		this.#readRequests();
	}

	#tick(): void {
		const { process } = this;
		if (!process) return;
		process.life.after(STATUS_MS, () => this.#tick());
		if (this.#isMute) return;
		const { truth } = this;
		const { chance, broker } = this.#world;
		const isTrading = truth.isAlgoOn && truth.isReady && this.#ea;
		if (isTrading && chance.hits(0.05)) broker.trade(this.accountId, isTrading.settings.expert.magic);
		this.#spokeFirstAtMs ??= this.#nowMs;
		this.status = { status: this.#statusNow(truth), atMs: this.#nowMs };
		for (const channel of [...this.channels]) channel.poll();
	}

	#statusNow(truth: Truth): BridgeStatus {
		const ea = this.#ea;
		const open = this.#world.broker.open(this.accountId, null).length;
		return {
			...STILL,
			seq: ++this.#seq,
			login: truth.login,
			server: this.#login?.server ?? '',
			isConnected: truth.isConnected,
			isTerminalTradeAllowed: truth.isAlgoOn,
			isMqlTradeAllowed: truth.isAlgoOn,
			openPositions: open,
			eaPositions: open,
			ea: ea && {
				path: ea.settings.expert.path,
				symbol: ea.settings.expert.symbol,
				timeframe: ea.settings.expert.timeframe,
				magic: ea.settings.expert.magic,
				generation: ea.generation,
				settingsHash: ea.hash,
				readyAgeMs: truth.isReady ? this.#nowMs - (ea.readyAtMs ?? 0) : null,
				heartbeatAgeMs: truth.isReady ? 500 : null,
				errors: []
			}
		};
	}

	#changed(what: string): void {
		this.#world.news.note(`${this.#world.nameOf(this.accountId)}: ${what}`);
		this.#world.news.changed(this.accountId, this.truth);
	}
}

const residual = (position: { ticket: string }, brokerCode: number | null): Residual => ({
	ticket: position.ticket,
	type: 'position',
	symbol: 'EURUSD',
	side: 'buy',
	lots: '0.10',
	profit: '0.00',
	hasStopLoss: false,
	brokerCode,
	brokerText: null
});

/** The parts of a status that never change here. */
const STILL = {
	build: 5830,
	bridgeVersion: 'sim',
	isAccountTradeAllowed: true,
	isAccountExpertAllowed: true,
	isHedging: true,
	currency: 'USD',
	currencyDigits: 2,
	balance: '10000.00',
	equity: '10000.00',
	margin: '0.00',
	freeMargin: '10000.00',
	marginLevel: null,
	floatingProfit: '0.00',
	dayClosedProfit: '0.00',
	openLots: '0.00',
	unprotectedPositions: 0,
	pendingOrders: 0,
	eaOrders: 0,
	tickAgeMs: 0,
	isMarketOpen: true,
	serverTime: 0,
	gmtOffsetMin: 120
} as const;

/** The agent's end of a bridge channel; ends with the agent's process. */
class SimChannel implements BridgeChannel {
	newest: { status: BridgeStatus; readAtMs: number } | null = null;
	readonly #terminal: SimTerminal;
	readonly #process: SimProcess;
	readonly #callbacks = new Set<(status: BridgeStatus) => void>();
	readonly #pending = new Set<(error: Error) => void>();
	readonly #mayCrash: (point: string) => void;
	#isClosed = false;

	constructor(terminal: SimTerminal, process: SimProcess, mayCrash: (point: string) => void) {
		this.#terminal = terminal;
		this.#process = process;
		this.#mayCrash = mayCrash;
		terminal.channels.add(this);
		terminal.forgetRequests();
		this.poll();
	}

	/** There may be a new status to read. */
	poll(): void {
		if (this.#process.isDead) this.#terminal.channels.delete(this);
		this.#process.after(POLL_MS, () => this.#read());
	}

	onStatus(callback: (status: BridgeStatus) => void): () => void {
		this.#callbacks.add(callback);
		return () => this.#callbacks.delete(callback);
	}

	async request(
		verb: BridgeVerb,
		args: unknown,
		{ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }
	): Promise<never> {
		signal?.throwIfAborted();
		if (this.#isClosed) throw new BridgeTimeout(verb, 'the channel is closed');
		if (verb === 'load_ea') {
			this.#mayCrash('before load');
			this.#process.after(2 * POLL_MS, () => this.#mayCrash('after load'));
		}
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		promise.catch(() => {});
		let isWithdrawn = false;
		const forgetLimit = this.#process.after(timeoutMs, () => reject(new BridgeTimeout(verb, 'no answer')));
		const forgetWrite = this.#process.after(POLL_MS, () => {
			if (isWithdrawn) return;
			this.#terminal.receive({
				verb,
				args,
				isWithdrawn: () => isWithdrawn,
				answer: (settle) =>
					void this.#process.after(POLL_MS, () => {
						try {
							resolve(settle());
						} catch (error) {
							reject(error);
						}
					})
			});
		});
		const onAbort = (): void => reject(signal?.reason);
		signal?.addEventListener('abort', onAbort, { once: true });
		this.#pending.add(reject);
		try {
			return (await promise) as never;
		} finally {
			isWithdrawn = true;
			forgetLimit();
			forgetWrite();
			this.#pending.delete(reject);
			signal?.removeEventListener('abort', onAbort);
		}
	}

	async reset(): Promise<void> {
		this.newest = null;
		this.#terminal.forgetFiles();
		for (const fail of [...this.#pending]) fail(new BridgeTimeout('load_ea', 'the terminal ended'));
	}

	close(): void {
		this.#isClosed = true;
		this.#terminal.channels.delete(this);
		this.#callbacks.clear();
	}

	#read(): void {
		const file = this.#terminal.status;
		if (!file || this.#isClosed) return;
		if (this.newest && file.status.seq <= this.newest.status.seq) return;
		const ageMs = this.#process.timeline.nowMs - file.atMs;
		this.newest = { status: file.status, readAtMs: this.#process.clock.monotonicMs() - ageMs };
		for (const callback of [...this.#callbacks]) callback(file.status);
	}
}

/** One VPS: its terminals, their disk, and what they tell. */
export class Machine {
	readonly timeline: Timeline;
	readonly chance: Chance;
	readonly temper: TerminalTemper;
	readonly broker: Broker;
	readonly news: TerminalNews;
	readonly nameOf: (accountId: string) => string;
	readonly terminals = new Map<string, SimTerminal>();
	#pids = 1_000;

	constructor(parts: Pick<Machine, 'timeline' | 'chance' | 'temper' | 'broker' | 'news' | 'nameOf'>) {
		this.timeline = parts.timeline;
		this.chance = parts.chance;
		this.temper = parts.temper;
		this.broker = parts.broker;
		this.news = parts.news;
		this.nameOf = parts.nameOf;
	}

	nextPid(): number {
		return ++this.#pids;
	}

	of(dir: string): SimTerminal {
		const known = this.terminals.get(dir) ?? new SimTerminal(this, dir);
		this.terminals.set(dir, known);
		return known;
	}

	/** The account's terminal runs here, and its bridge has not spoken all of these last `ms`. */
	isMute(accountId: string, ms: number): boolean {
		return [...this.terminals.values()].some(
			(terminal) =>
				terminal.accountId === accountId && terminal.process !== null && !terminal.hasSpokenFor(ms)
		);
	}

	/** The power goes: no terminal saves anything. */
	reboot(): void {
		for (const terminal of this.terminals.values()) terminal.end('lost its power', false);
	}

	/** @param mayCrash called at every effect; the agent's process may be dead after it */
	kindFor(process: SimProcess, mayCrash: (point: string) => void): TerminalKind {
		const { chance } = this;
		/** One call to the operating system: takes a moment, and its answer is lost on a dead process. */
		const call = async <T>(point: string | null, work: () => T): Promise<T> => {
			if (process.isDead) return never();
			if (point !== null) mayCrash(`before ${point}`);
			if (process.isDead) return never();
			const result = work();
			if (point !== null) mayCrash(`after ${point}`);
			await process.delay(chance.between(0, 30));
			return result;
		};
		return {
			name: 'simulated',
			launcher: {
				launch: (dir, args) => call('launch', () => this.of(dir).launch(args)),
				find: (dir) => call(null, () => this.of(dir).process?.identity ?? null),
				isAlive: ({ instanceDir, pid }) =>
					call(null, () => this.of(instanceDir).process?.identity.pid === pid),
				kill: ({ instanceDir, pid }) =>
					call('kill', () => {
						if (this.of(instanceDir).process?.identity.pid === pid) this.of(instanceDir).end('killed', false);
					})
			},
			window: {
				toggleAlgoTrading: ({ instanceDir }) => call('toggle', () => this.of(instanceDir).toggle()),
				requestClose: ({ instanceDir }) => call('close', () => this.of(instanceDir).requestClose()),
				isHung: ({ instanceDir }) => call(null, () => this.of(instanceDir).isHung)
			},
			files: {
				list: () => call(null, () => [...this.terminals.keys()].map((dir) => dir.split('/').at(-1) ?? '')),
				remove: (dir) => call('remove', () => void this.terminals.delete(dir)),
				writeCommonIni: () => call(null, () => undefined),
				writeStartIni: (dir, values) =>
					call(null, () => {
						this.of(dir).startIni = values;
						return `${dir}/start.ini`;
					}),
				wipeStartIni: (dir) => call(null, () => void (this.of(dir).startIni = null)),
				writeEaTemplate: (dir, name, settings, generation) =>
					call(null, () => void this.of(dir).templates.set(name, { generation, settings })),
				followJournal: (dir, onEvent) => {
					const tell = (event: JournalEvent): void => void process.after(POLL_MS, () => onEvent(event));
					this.of(dir).followers.add(tell);
					return { poll: () => {}, close: () => void this.of(dir).followers.delete(tell) };
				}
			},
			openChannel: (dir) => new SimChannel(this.of(dir), process, mayCrash),
			install: async () => {}
		};
	}
}
