/**
 * A terminal in memory that does everything at once, behind the same ports as the real one: what is left is the
 * cost of web, line, journal and supervisor. For the bench alone; tests use terminal processes.
 */
import { type BridgeStatus, type BridgeVerb } from '../../agent/src/bridge/contract.ts';
import { diskFiles } from '../../agent/src/terminal/instanceFiles.ts';
import {
	type BridgeChannel,
	type ProcessIdentity,
	type TerminalKind
} from '../../agent/src/terminal/ports.ts';
import { QUIET_ACCOUNT } from '../support/quietAccount.ts';

/** What the terminal of one directory is: its login comes from the start configuration that the agent wrote. */
interface Instant {
	isUp: boolean;
	isAlgoOn: boolean;
	ea: BridgeStatus['ea'];
	channel: InstantChannel | null;
	login: string;
	server: string;
	/** Of the settings every account of the bench runs with. */
	settingsHash: string;
}

const STATUS_MS = 1_000;

class InstantChannel implements BridgeChannel {
	newest: { status: BridgeStatus; readAtMs: number } | null = null;
	answeredSeq = 0;
	readonly #callbacks = new Set<(status: BridgeStatus) => void>();
	readonly #instant: Instant;
	readonly #timer: NodeJS.Timeout;
	#seq = 0;

	constructor(instant: Instant) {
		this.#instant = instant;
		instant.channel = this;
		this.#timer = setInterval(() => this.emit(), STATUS_MS);
	}

	onStatus(callback: (status: BridgeStatus) => void): () => void {
		this.#callbacks.add(callback);
		return () => this.#callbacks.delete(callback);
	}

	hurry(): () => void {
		return () => undefined;
	}

	emit(): void {
		if (!this.#instant.isUp) return;
		const status = statusOf(this.#instant, ++this.#seq);
		this.newest = { status, readAtMs: performance.now() };
		for (const callback of [...this.#callbacks]) callback(status);
	}

	async request<V extends BridgeVerb>(verb: V, args: unknown): Promise<never> {
		const instant = this.#instant;
		if (verb === 'load_ea') instant.ea = loadedEa(args as { template: string }, instant.settingsHash);
		if (verb === 'unload_ea') instant.ea = null;
		this.emit();
		this.answeredSeq = this.#seq;
		const answer =
			verb === 'list_open'
				? { items: [] }
				: verb === 'close_pass'
					? { closedPositions: 0, deletedOrders: 0, residuals: [] }
					: {};
		return answer as never;
	}

	async reset(): Promise<void> {
		this.newest = null;
		this.answeredSeq = 0;
	}

	close(): void {
		clearInterval(this.#timer);
	}
}

/** @param logins account number and server by instance directory's last part (the account's id) */
export function instantTerminal(
	logins: ReadonlyMap<string, { accountNumber: string; serverName: string }>,
	settingsHash: string
): TerminalKind {
	const instants = new Map<string, Instant>();
	const processes = new Map<string, ProcessIdentity>();
	const of = (dir: string): Instant => {
		const known = instants.get(dir);
		if (known) return known;
		const login = logins.get(dir.split('/').at(-1) ?? '');
		const made: Instant = {
			isUp: false,
			isAlgoOn: false,
			ea: null,
			channel: null,
			login: login?.accountNumber ?? '0',
			server: login?.serverName ?? '',
			settingsHash
		};
		instants.set(dir, made);
		return made;
	};
	return {
		name: 'simulated',
		files: { ...diskFiles(), hasSavedLogin: async () => true },
		install: async () => undefined,
		beforeLaunch: async () => undefined,
		openChannel: (dir) => new InstantChannel(of(dir)),
		launcher: {
			async launch(instanceDir) {
				const process = { pid: processes.size + 1, createdAt: 'bench', instanceDir };
				processes.set(instanceDir, process);
				of(instanceDir).isUp = true;
				setImmediate(() => of(instanceDir).channel?.emit());
				return process;
			},
			find: async (dir) => processes.get(dir) ?? null,
			isAlive: async ({ instanceDir }) => processes.has(instanceDir),
			isUpdating: async () => false,
			async kill({ instanceDir }) {
				processes.delete(instanceDir);
				of(instanceDir).isUp = false;
			},
			resources: async () => null
		},
		window: {
			async toggleAlgoTrading({ instanceDir }) {
				const instant = of(instanceDir);
				instant.isAlgoOn = !instant.isAlgoOn;
				instant.channel?.emit();
			},
			async requestClose({ instanceDir }) {
				processes.delete(instanceDir);
				of(instanceDir).isUp = false;
			},
			isHung: async () => false,
			closeDialogs: async () => []
		}
	};
}

/** The agent names its templates `ea-<generation>.tpl`; the running EA echoes the generation. */
function loadedEa({ template }: { template: string }, settingsHash: string): BridgeStatus['ea'] {
	return {
		path: 'Quintet\\EATemplate',
		symbol: 'EURUSD',
		timeframe: 'M15',
		magic: 505001,
		generation: Number(/(\d+)\.tpl$/.exec(template)?.[1] ?? 0),
		settingsHash,
		readyAgeMs: 0,
		heartbeatAgeMs: 0,
		errors: []
	};
}

function statusOf(instant: Instant, seq: number): BridgeStatus {
	return {
		...QUIET_ACCOUNT,
		seq,
		bridgeVersion: 'bench',
		login: instant.login,
		server: instant.server,
		isConnected: true,
		isTerminalTradeAllowed: instant.isAlgoOn,
		isMqlTradeAllowed: instant.isAlgoOn,
		ea: instant.ea,
		serverTime: Math.floor(Date.now() / 1000)
	};
}
