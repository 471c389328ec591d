/** One machine with its agent: the real one, life after life, on simulated time, line, disk and terminals. */
import { createAgent, type Agent } from '../../agent/src/agent.ts';
import { type AgentFiles } from '../../agent/src/agentFiles.ts';
import { COMMAND_RULES, type CommandRules } from '../../agent/src/link/commandRules.ts';
import { type Logger } from '../../agent/src/logger.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import { JournalDisk, type JournalNews } from './journalDisk.ts';
import { type Network } from './network.ts';
import { type Chance } from './random.ts';
import { simKey } from './signing.ts';
import { type Machine } from './terminals/machine.ts';
import { SimProcess, type Timeline } from './timeline.ts';

/** Which guard is left out, to show that it is missed. */
export type Weakness = 'deadline' | 'generation' | 'journal';
export const WEAKNESSES: readonly Weakness[] = ['deadline', 'generation', 'journal'];

export interface AgentParts {
	id: string;
	name: string;
	timeline: Timeline;
	network: Network;
	machine: Machine;
	chance: Chance;
	news: JournalNews;
	logger: Logger;
	weakness: Weakness | null;
	/** Somebody on the machine wants everything stopped: the agent reads it, and says what is proven. */
	onStopAll: { read(): void; answered(provenIds: string[]): void };
	/** Called at every effect; the process may be dead after it. */
	mayCrash: (agent: AgentNode, point: string) => void;
	note: (text: string) => void;
	onStart: () => void;
}

/** So long is a minute of the dead-man policy here. */
export const POLICY_MINUTE_MS = 10_000;

const RULES: Record<Weakness, CommandRules> = {
	deadline: { ...COMMAND_RULES, isTooLate: () => false },
	generation: { ...COMMAND_RULES, isSuperseded: () => false, mayComeBack: () => true },
	journal: COMMAND_RULES
};

export class AgentNode {
	readonly disk = new JournalDisk();
	/** Of the machine's wall clock against the true time. */
	skewMs = 0;
	process: SimProcess | null = null;
	isSwitchedOff = false;
	/** The file that asks for everything to be stopped; it outlives the agent. */
	#stopAllFile: string | null = null;
	#agent: Agent | null = null;
	#startAfterMs: number | null = null;
	readonly #parts: AgentParts;
	#end: AbortController | null = null;

	constructor(parts: AgentParts) {
		this.#parts = parts;
	}

	get id(): string {
		return this.#parts.id;
	}

	get name(): string {
		return this.#parts.name;
	}

	start(): void {
		if (this.isSwitchedOff || this.process) return;
		this.#startAfterMs = null;
		const { id, name, timeline, network, machine, chance, news, logger, weakness, note } = this.#parts;
		const process = new SimProcess(timeline, () => this.skewMs);
		const end = new AbortController();
		this.process = process;
		this.#end = end;
		note(`${name}: the agent starts`);
		this.#parts.onStart();
		const mayCrash = (point: string): void => {
			if (!process.isDead) this.#parts.mayCrash(this, point);
		};
		const agent = createAgent({
			config: {
				agentId: id,
				name,
				server: 'http://web.sim',
				serverKey: 'the server',
				capacity: 50,
				terminal: 'simulated',
				allowsPlainText: true,
				parallelLaunches: 4
			},
			state: stateDir(`/simulated/${name}`, {}),
			identity: {
				publicKey: name,
				sealKey: name,
				sign: simKey(name).sign,
				nonce: () => `nonce-of-agent-${Math.floor(chance.next() * 1e12)}`.padEnd(32, '_'),
				openPassword: (sealed) => sealed,
				mark: ({ accountNumber, serverName, password }) =>
					`${accountNumber}|${serverName}|${password?.reveal() ?? ''}`
			},
			server: simKey('the server'),
			machine: { hostname: name, platform: 'sim', release: '1', cpus: 2, memoryMb: 4096 },
			terminal: machine.kindFor(process, mayCrash),
			clock: process.clock,
			random: () => chance.next(),
			logger,
			journal: this.disk.open(process, news, () => mayCrash('after journal')),
			dial: () => {
				const socket = network.dial(name, process);
				const send = socket.send.bind(socket);
				socket.send = (text) => {
					if (!text.includes('"type":"telemetry"')) mayCrash('before send');
					send(text);
				};
				return socket;
			},
			files: this.#files(),
			// A minute of the dead-man policy is short, so that worlds see it pass.
			timings: { controlLossMinuteMs: POLICY_MINUTE_MS },
			rules: weakness === null ? COMMAND_RULES : RULES[weakness]
		});
		this.#agent = agent;
		agent.run(end.signal).then(
			() => this.#ended(process, 'ended'),
			(error: unknown) => note(`${name}: the agent failed: ${String(error)}`)
		);
	}

	/** At once, in the middle of whatever it was doing. @param isHeard its machine lives and can tell the peers */
	kill(how: string, isHeard: boolean): void {
		const { process } = this;
		if (!process) return;
		process.isDead = true;
		this.process = null;
		this.#parts.network.processEnded(process, isHeard);
		this.#left(how);
	}

	/** The whole machine: nothing starts its agent before it is switched on. */
	switchOff(): void {
		this.isSwitchedOff = true;
		this.kill('loses its power', false);
	}

	switchOn(): void {
		this.isSwitchedOff = false;
		this.start();
	}

	/** `agent stop-all` on its machine. */
	askToStopAll(): void {
		this.#parts.note(`${this.name}: stop-all is asked for on the machine`);
		this.#stopAllFile ??= `stop-all at ${this.#parts.timeline.nowMs}`;
	}

	/** False also while it is held up. */
	get isWithoutServer(): boolean {
		const { process } = this;
		const isAwake = process !== null && process.stalledUntilMs <= this.#parts.timeline.nowMs;
		return isAwake && this.#agent?.isConnected === false;
	}

	/** As the service manager asks it to; its terminals go on, and it is started again so long after its end. */
	askToEnd(startAfterMs: number): void {
		this.#startAfterMs = startAfterMs;
		this.#end?.abort(new Error('the service ends'));
	}

	#files(): AgentFiles {
		const { onStopAll, note } = this.#parts;
		return {
			readStopAll: async () => {
				if (this.#stopAllFile !== null) onStopAll.read();
				return this.#stopAllFile;
			},
			answerStopAll: async (_, accounts) => {
				if (this.disk.isFull) throw new Error('the disk is full');
				const isDone = (answer: { isProven: boolean; isKept: boolean }) => answer.isProven && answer.isKept;
				const proven = accounts.filter(isDone).map(({ accountId }) => accountId);
				note(`${this.name}: stop-all is proven on ${proven.length} of ${accounts.length}`);
				if (accounts.every(({ isKept }) => isKept)) this.#stopAllFile = null;
				onStopAll.answered(proven);
			},
			writeStatus: async () => {}
		};
	}

	#ended(process: SimProcess, how: string): void {
		if (this.process !== process) return;
		process.isDead = true;
		this.process = null;
		this.#left(how);
		const { timeline } = this.#parts;
		if (this.#startAfterMs !== null) timeline.after(this.#startAfterMs, () => this.start());
		this.#startAfterMs = null;
	}

	#left(how: string): void {
		const { name, weakness, note } = this.#parts;
		this.disk.processEnded();
		if (weakness === 'journal') this.disk.forget();
		note(`${name}: the agent ${how}`);
	}
}
