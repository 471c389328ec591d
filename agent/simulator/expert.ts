/**
 * The trader's EA on its chart, as the simulator plays it: reports ready, beats every second, opens a
 * position now and then and closes some. It asks for permission before it trades, as a good EA does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BrokerAccount } from './brokerAccount.ts';
import { toDecimalText, toHundredths } from './decimal.ts';
import { type Position } from './accountFile.ts';
import { DONE, returnText } from './returnCodes.ts';
import { findSymbol, marginCents } from './symbols.ts';
import { type Rhythm } from './rhythm.ts';

export interface ExpertInputs {
	generation: number;
	settingsHash: string;
	/** Hundredths of a lot. */
	maxVolume: number;
	/** 0: no limit. */
	maxLossCents: number;
	safetyMode: string;
	magic: number;
}

/** What the EA may use of its terminal. */
export interface ExpertHost {
	readonly rhythm: Rhythm;
	readonly account: BrokerAccount | null;
	/** Why a trade request would not leave the terminal now, as a return code; null when it would. */
	tradeRefusal(): number | null;
	log(message: string): void;
	now(): number;
	random(): number;
	readonly heartbeatPath: string;
}

const BEAT_MS = 1_000;
const MOST_POSITIONS = 4;
const KEEPS_AT_LEAST_MS = 20_000;
const CLOSE_CHANCE_PER_BEAT = 1 / 25;
const WITHOUT_STOP_CHANCE = 0.3;
/** Share of the equity that one position may bind as margin. */
const MARGIN_SHARE = 0.05;

/** Where the EA writes its heartbeat, for people to look at; the agent goes by the bridge's status. */
export function heartbeatPath(instanceDir: string): string {
	return join(instanceDir, 'MQL5', 'Files', 'quintet', 'ea-heartbeat.txt');
}

/** Reads the inputs of a template; null when one is missing or wrong, as OnInit would find. */
export function readInputs(inputs: ReadonlyMap<string, string>): ExpertInputs | null {
	const whole = (name: string): number => Number.parseInt(inputs.get(name) ?? '', 10);
	const result = {
		generation: whole('QuintetGeneration'),
		settingsHash: inputs.get('QuintetSettingsHash') ?? '',
		maxVolume: toHundredths(inputs.get('QuintetMaxLotSize') ?? '') ?? Number.NaN,
		maxLossCents: toHundredths(inputs.get('QuintetMaxLoss') ?? '') ?? Number.NaN,
		safetyMode: inputs.get('QuintetSafetyMode') ?? '',
		magic: whole('QuintetMagic')
	};
	const numbers = [result.generation, result.maxVolume, result.maxLossCents, result.magic];
	return numbers.every((value) => Number.isSafeInteger(value) && value >= 0) ? result : null;
}

export class Expert {
	readonly path: string;
	readonly symbol: string;
	readonly timeframe: string;
	readonly inputs: ExpertInputs;
	/** Wall-clock times; null before OnInit is through. */
	readyAtMs: number | null = null;
	heartbeatAtMs: number | null = null;
	/** The last errors in words, newest last. */
	readonly errors: string[] = [];
	readonly #host: ExpertHost;
	/** By its chart's template. */
	readonly mayTrade: boolean;
	readonly #openChancePerBeat: number;
	#lossBaseCents = 0;
	#stopTimer: () => void;

	/**
	 * @param options.initDelayMs how long OnInit takes
	 * @param options.openEveryMs mean time between openings, 0 for none
	 */
	constructor(
		host: ExpertHost,
		chart: { path: string; symbol: string; timeframe: string; mayTrade: boolean },
		inputs: ExpertInputs,
		options: { initDelayMs: number; openEveryMs: number }
	) {
		this.#host = host;
		this.path = chart.path;
		this.symbol = chart.symbol;
		this.timeframe = chart.timeframe;
		this.mayTrade = chart.mayTrade;
		this.inputs = inputs;
		this.#openChancePerBeat = options.openEveryMs > 0 ? BEAT_MS / options.openEveryMs : 0;
		this.#stopTimer = host.rhythm.after(options.initDelayMs, () => this.#init());
	}

	/** Name as the terminal's journal writes it. */
	get title(): string {
		return `${this.path.split('\\').at(-1)} (${this.symbol},${this.timeframe})`;
	}

	/** Its timer fires no more; it stays on the chart. */
	freeze(): void {
		this.#stopTimer();
	}

	remove(): void {
		this.#stopTimer();
	}

	#init(): void {
		this.readyAtMs = this.#host.now();
		this.#lossBaseCents = this.#resultCents();
		mkdirSync(dirname(this.#host.heartbeatPath), { recursive: true });
		this.#beat();
		this.#stopTimer = this.#host.rhythm.every(BEAT_MS, () => this.#onTimer());
	}

	#beat(): void {
		this.heartbeatAtMs = this.#host.now();
		writeFileSync(this.#host.heartbeatPath, `${Math.floor(this.heartbeatAtMs / 1000)}\n`);
	}

	#onTimer(): void {
		this.#beat();
		const { account } = this.#host;
		if (!account?.isMarketOpen || !this.mayTrade || this.#host.tradeRefusal() !== null) return;
		const mine = account.books.positions.filter((position) => position.magic === this.inputs.magic);
		const old = mine.find((position) => this.#host.now() - position.openedAtMs > KEEPS_AT_LEAST_MS);
		if (old && this.#host.random() < CLOSE_CHANCE_PER_BEAT) this.#close(account, old);
		else if (mine.length < MOST_POSITIONS && this.#host.random() < this.#openChancePerBeat)
			this.#open(account);
	}

	#open(account: BrokerAccount): void {
		if (this.inputs.safetyMode === 'RED' || this.#isLossReached()) return;
		const volume = this.#volume(account);
		if (volume < 1) return;
		const side = this.#host.random() < 0.5 ? 'buy' : 'sell';
		const hasStopLoss = this.#host.random() >= WITHOUT_STOP_CHANCE;
		const { symbol } = this;
		const code = account.open({ symbol, side, volume, magic: this.inputs.magic, hasStopLoss });
		this.#tell(`market ${side} ${toDecimalText(volume)} ${symbol}`, code);
	}

	#close(account: BrokerAccount, position: Position): void {
		const code = account.close(position.ticket, this.inputs.magic);
		this.#tell(`close #${position.ticket} ${toDecimalText(position.volume)} ${position.symbol}`, code);
	}

	/** At most the largest volume set, half of it in amber, and what the equity carries. */
	#volume(account: BrokerAccount): number {
		const spec = findSymbol(this.symbol);
		if (!spec) return 0;
		const largest =
			this.inputs.safetyMode === 'AMBER' ? Math.floor(this.inputs.maxVolume / 2) : this.inputs.maxVolume;
		const { equityCents } = account.value();
		const perLotCents = marginCents(spec, spec.basePoints, 100);
		const carried = Math.floor((equityCents * MARGIN_SHARE * 100) / perLotCents);
		const wished = this.#host.random() < 0.5 ? largest : Math.max(1, Math.floor(largest / 2));
		return Math.min(largest, carried, wished);
	}

	#isLossReached(): boolean {
		const { maxLossCents } = this.inputs;
		return maxLossCents > 0 && this.#resultCents() - this.#lossBaseCents <= -maxLossCents;
	}

	/** Closed and floating result of this magic number, in cents. */
	#resultCents(): number {
		const { account } = this.#host;
		if (!account) return 0;
		const isMine = (item: { magic: number }): boolean => item.magic === this.inputs.magic;
		const closed = account.books.deals.filter(isMine).reduce((sum, deal) => sum + deal.profitCents, 0);
		return account.books.positions.filter(isMine).reduce((sum, each) => sum + account.profitOf(each), closed);
	}

	#tell(what: string, code: number): void {
		this.#host.log(`${what}: ${code} ${returnText(code)}`);
		if (code === DONE) return;
		this.errors.push(`${what}: ${code} ${returnText(code)}`.slice(0, 200));
		if (this.errors.length > 10) this.errors.shift();
	}
}
