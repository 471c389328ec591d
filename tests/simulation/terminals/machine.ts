/** A machine with its terminals, and the agent's ports to them. */
import { type JournalEvent } from '../../../agent/src/terminal/journalTail.ts';
import { type TerminalKind } from '../../../agent/src/terminal/ports.ts';
import { type Broker } from '../broker.ts';
import { type Chance } from '../random.ts';
import { never, type SimProcess, type Timeline } from '../timeline.ts';
import { POLL_MS, SimChannel } from './channel.ts';
import { SimTerminal } from './terminal.ts';
import { type Truth } from './truth.ts';

export interface TerminalNews {
	changed(accountId: string, truth: Truth): void;
	/** The bridge carried out a load of this generation. */
	loaded(accountId: string, generation: number): void;
	note(text: string): void;
	/** One went, or came back, by itself. */
	restartsItself(): void;
}

/** How bad terminals are; 0 is faultless. */
export interface TerminalTemper {
	badness: number;
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

	/** Accounts that ever had a terminal here. */
	get accountIds(): string[] {
		return [...this.terminals.values()].map(({ accountId }) => accountId);
	}

	nextPid(): number {
		return ++this.#pids;
	}

	of(dir: string): SimTerminal {
		const known = this.terminals.get(dir) ?? new SimTerminal(this, dir);
		this.terminals.set(dir, known);
		return known;
	}

	/** The account's terminal runs here. */
	isUp(accountId: string): boolean {
		return [...this.terminals.values()].some((each) => each.accountId === accountId && each.process !== null);
	}

	/** The account's terminal runs here, and its bridge has not spoken all of these last `ms`. */
	isMute(accountId: string, ms: number): boolean {
		return [...this.terminals.values()].some(
			(terminal) =>
				terminal.accountId === accountId && terminal.process !== null && !terminal.bridge.hasSpokenFor(ms)
		);
	}

	/** The account's terminal runs here, and nothing kept it from obeying all of these last `ms`. */
	canObey(accountId: string, ms: number): boolean {
		const sinceMs = this.timeline.nowMs - ms;
		return [...this.terminals.values()].some(
			({ accountId: id, process, bridge, muteUntilMs }) =>
				id === accountId &&
				process !== null &&
				bridge.hasSpokenFor(ms) &&
				Math.max(muteUntilMs, process.life.stalledUntilMs) <= sinceMs
		);
	}

	/** Its terminals stand still with it; what was to happen meanwhile happens when it goes on. */
	suspend(untilMs: number): void {
		for (const { process } of this.terminals.values()) if (process) process.life.stalledUntilMs = untilMs;
	}

	/** The power goes: no terminal saves anything. */
	reboot(): void {
		for (const terminal of this.terminals.values()) terminal.losePower();
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
				isUpdating: async (dir) => (process.isDead ? never() : this.of(dir).isUpdating),
				kill: ({ instanceDir, pid }) =>
					call('kill', () => {
						if (this.of(instanceDir).process?.identity.pid === pid) this.of(instanceDir).end('killed', false);
					}),
				resources: () => call(null, () => null)
			},
			window: {
				toggleAlgoTrading: ({ instanceDir }) => call('toggle', () => this.of(instanceDir).toggle()),
				requestClose: ({ instanceDir }) => call('close', () => this.of(instanceDir).requestClose()),
				isHung: ({ instanceDir }) => call(null, () => this.of(instanceDir).isHung),
				closeDialogs: () => call(null, () => [])
			},
			files: {
				list: () => call(null, () => [...this.terminals.keys()].map((dir) => dir.split('/').at(-1) ?? '')),
				remove: (dir) =>
					call('remove', () => {
						// As Windows does it: the files of a running program stay.
						if (this.of(dir).process) throw new Error('the files are in use');
						this.of(dir).removeFiles();
						this.terminals.delete(dir);
					}),
				writeCommonIni: () => call(null, () => undefined),
				writeStartIni: (dir, values) =>
					call(null, () => {
						this.of(dir).startIni = values;
						return `${dir}/start.ini`;
					}),
				writeLaunchIni: (dir) => call(null, () => `${dir}/launch.ini`),
				wipeStartIni: (dir) =>
					call(null, () => {
						const wasThere = this.of(dir).startIni !== null;
						this.of(dir).startIni = null;
						return wasThere;
					}),
				hasSavedLogin: (dir) => call(null, () => this.of(dir).hasSavedLogin),
				writeEaTemplate: (dir, name, settings, generation) =>
					call(null, () => void this.of(dir).templates.set(name, { generation, settings })),
				// Nobody uploads an EA here.
				findExpert: async () => null,
				putExpert: async () => {},
				journalBytes: () => call(null, () => 0),
				followJournal: (dir, onEvent) => {
					const tell = (event: JournalEvent): void => void process.after(POLL_MS, () => onEvent(event));
					this.of(dir).followers.add(tell);
					return { poll: () => {}, close: () => void this.of(dir).followers.delete(tell) };
				}
			},
			openChannel: (dir) => new SimChannel(this.of(dir).bridge, process, mayCrash),
			install: async () => {},
			beforeLaunch: async () => {}
		};
	}
}
