/**
 * A terminal in memory: its process, its window and its folder. It logs in slowly or not at all, crashes, hangs,
 * loses the broker, restarts itself. It outlives the agent, and ends with the machine.
 */
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { type JournalEvent } from '../../../agent/src/terminal/journalTail.ts';
import { type ProcessIdentity } from '../../../agent/src/terminal/ports.ts';
import { SimProcess } from '../timeline.ts';
import { SimBridge } from './bridge.ts';
import { type Machine } from './machine.ts';
import { type Truth } from './truth.ts';

/** The EA on the chart. */
export interface Ea {
	generation: number;
	hash: string;
	settings: EaSettings;
	/** Null: it never gets ready. */
	readyAtMs: number | null;
}

interface Login {
	login: string;
	server: string;
}

const HUNG_AFTER_MS = 5_000;

export class SimTerminal {
	readonly accountId: string;
	readonly dir: string;
	readonly bridge: SimBridge;
	process: { identity: ProcessIdentity; life: SimProcess } | null = null;
	followers = new Set<(event: JournalEvent) => void>();
	startIni: { login: string; password: string; server: string } | null = null;
	templates = new Map<string, { generation: number; settings: EaSettings }>();
	ea: Ea | null = null;
	isAlgoOn = false;
	login: Login | null = null;
	/** What a terminal that ended in order finds again. */
	#saved: { login: Login | null; ea: Ea | null; isAlgoOn: boolean } = {
		login: null,
		ea: null,
		isAlgoOn: false
	};
	#isBrokerReached = true;
	/** An updater runs in its place. */
	isUpdating = false;
	/** Takes back a restart that is under way: somebody else was quicker, or the machine went down. */
	#forgetRestart: () => void = () => undefined;
	#hungUntilMs = 0;
	#hungSinceMs = 0;
	#silentUntilMs = 0;
	#logInUnderWay: (() => void) | null = null;
	readonly #machine: Machine;

	constructor(machine: Machine, dir: string) {
		this.#machine = machine;
		this.dir = dir;
		this.accountId = dir.split('/').at(-1) ?? '';
		this.bridge = new SimBridge(this, machine);
	}

	get truth(): Truth {
		return {
			isUp: this.process !== null,
			generation: this.ea?.generation ?? null,
			isAlgoOn: this.isAlgoOn,
			isReady: this.ea?.readyAtMs !== null && (this.ea?.readyAtMs ?? Infinity) <= this.#nowMs,
			isConnected: this.#isBrokerReached,
			login: this.login?.login ?? '0'
		};
	}

	get isHung(): boolean {
		return this.#nowMs < this.#hungUntilMs && this.#nowMs - this.#hungSinceMs > HUNG_AFTER_MS;
	}

	get hasSavedLogin(): boolean {
		return this.#saved.login !== null;
	}

	/** Until then its bridge says nothing. */
	get muteUntilMs(): number {
		return Math.max(this.#hungUntilMs, this.#silentUntilMs);
	}

	get #nowMs(): number {
		return this.#machine.timeline.nowMs;
	}

	/** A second copy in the same directory ends by itself, as MetaTrader's does. */
	launch(args: readonly string[], isAlgoOn: boolean | null = false): ProcessIdentity {
		const { timeline, chance, temper } = this.#machine;
		const pid = this.#machine.nextPid();
		const identity = { pid, createdAt: `${timeline.nowMs}`, instanceDir: this.dir };
		if (this.process) return identity;
		this.#endRestart();
		const life = new SimProcess(timeline, () => 0);
		this.process = { identity, life };
		this.ea = this.#saved.ea;
		this.isAlgoOn = isAlgoOn ?? this.#saved.isAlgoOn;
		this.login = null;
		this.#isBrokerReached = true;
		this.#hungUntilMs = this.#silentUntilMs = 0;
		this.bridge.begin();
		this.changed(`terminal up, pid ${pid}`);
		const { badness } = temper;
		const isSlow = chance.hits(0.1 * badness);
		const loginMs = isSlow ? chance.between(8_000, 75_000) : chance.between(300, 3_000);
		if (chance.hits(0.03 * badness)) life.after(chance.between(0, loginMs), () => this.end('crashed', false));
		const credentials = args.some((arg) => arg.endsWith('/start.ini')) ? this.startIni : null;
		const asked = credentials ?? this.#saved.login;
		const logIn = (): void => {
			if (this.#logInUnderWay !== logIn) return;
			this.#logInUnderWay = null;
			this.#logIn(asked, credentials?.password ?? null);
		};
		this.#logInUnderWay = logIn;
		life.after(loginMs, logIn);
		return identity;
	}

	end(how: string, isClean: boolean): void {
		if (!this.process) return;
		if (isClean) Object.assign(this.#saved, { ea: this.ea, isAlgoOn: this.isAlgoOn });
		this.process.life.isDead = true;
		this.#logInUnderWay = null;
		this.process = null;
		this.ea = null;
		this.isAlgoOn = false;
		this.login = null;
		this.changed(`terminal ${how}`);
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

	/** Nothing is wrong with it any more, if it lives. */
	recover(): void {
		this.#hungUntilMs = this.#silentUntilMs = 0;
		this.#isBrokerReached = true;
		// A slow broker is a fault, too, and until it answers the bridge says nothing.
		this.#logInUnderWay?.();
		this.bridge.readRequests();
	}

	/** Its files are gone: what was to start them again finds nothing. */
	removeFiles(): void {
		this.#endRestart();
	}

	/** With the power gone nothing comes back. */
	losePower(): void {
		this.#endRestart();
		this.end('lost its power', false);
	}

	#endRestart(): void {
		this.isUpdating = false;
		this.#forgetRestart();
	}

	/**
	 * As after an update of the program: it comes back by itself, as it was, or with Algo Trading as an update left
	 * it. Updates take their time, and the first start after one may be followed by another.
	 */
	restartItself(): void {
		if (!this.process) return;
		const { timeline, chance, news } = this.#machine;
		this.end('restarts itself', true);
		news.restartsItself();
		const isUpdate = chance.hits(0.3);
		this.isUpdating = isUpdate;
		this.#forgetRestart = timeline.after(
			isUpdate ? chance.between(3_000, 30_000) : chance.between(300, 3_000),
			() => {
				if (this.process) return;
				news.restartsItself();
				this.launch([], isUpdate && chance.hits(0.3) ? false : null);
				if (isUpdate && chance.hits(0.3))
					this.#forgetRestart = timeline.after(chance.between(1_000, 8_000), () => this.restartItself());
			}
		);
	}

	toggle(): void {
		const { process } = this;
		if (!process) return;
		// A window that hangs takes the message when it goes on.
		const waitMs = Math.max(0, this.#hungUntilMs - this.#nowMs) + this.#machine.chance.between(5, 200);
		process.life.after(waitMs, () => {
			this.isAlgoOn = !this.isAlgoOn;
			this.changed(`Algo Trading ${this.isAlgoOn ? 'on' : 'off'}`);
		});
	}

	requestClose(): void {
		const { chance, temper } = this.#machine;
		if (chance.hits(0.1 * temper.badness)) return;
		const waitMs = Math.max(0, this.#hungUntilMs - this.#nowMs) + chance.between(100, 3_000);
		this.process?.life.after(waitMs, () => this.end('closed', true));
	}

	/** Something that is true of it is another now. */
	changed(what: string): void {
		this.#machine.news.note(`${this.#machine.nameOf(this.accountId)}: ${what}`);
		this.#machine.news.changed(this.accountId, this.truth);
		this.bridge.noticeSoon();
	}

	#logIn(asked: Login | null, password: string | null): void {
		const { broker, chance, temper } = this.#machine;
		const server = asked?.server ?? '';
		if (!asked || !broker.accepts(this.accountId, asked.login, password)) {
			for (const tell of [...this.followers])
				tell({ kind: 'refused', login: asked?.login ?? '', server, reason: 'Invalid account' });
			return;
		}
		this.login = { login: asked.login, server };
		this.#saved.login = this.login;
		for (const tell of [...this.followers]) tell({ kind: 'authorised', login: asked.login, server });
		// The first login brings no bridge.
		if (password !== null) return;
		const isMuteBridge = chance.hits(0.02 * temper.badness);
		if (!isMuteBridge) this.bridge.speak();
	}
}
