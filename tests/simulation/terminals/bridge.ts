/**
 * The bridge inside a terminal: reads requests one after the other, loads the EA late or one that never gets ready,
 * and says how things are, every second and whenever they changed, unless its terminal hangs or it fell silent.
 */
import { type BridgeStatus, type BridgeVerb } from '../../../agent/src/bridge/contract.ts';
import { BridgeRefusal } from '../../../agent/src/bridge/errors.ts';
import { settingsHash } from '../../../agent/src/terminal/template.ts';
import { type SimChannel } from './channel.ts';
import { type Machine } from './machine.ts';
import { residual, statusOf } from './status.ts';
import { type SimTerminal } from './terminal.ts';

export interface BridgeRequest {
	verb: BridgeVerb;
	args: unknown;
	/** Then nobody waits for it any more. */
	notAfterMs: number;
	/** Its file was taken away again. */
	isWithdrawn(): boolean;
	/** @param settle what the answer says. @param statusSeq of the status that shows what it brought */
	answer(statusSeq: number, settle: () => unknown): void;
}

const STATUS_MS = 1_000;
/** It looks so often whether button or EA changed. */
const LOOK_MS = 50;

export class SimBridge {
	/** Agents' ends that look at its files. */
	readonly channels = new Set<SimChannel>();
	/** The file with its last words. */
	status: { status: BridgeStatus; atMs: number } | null = null;
	#requests: BridgeRequest[] = [];
	#busyUntilMs = 0;
	#appliedAtMs = 0;
	#spokeFirstAtMs: number | null = null;
	#seq = 0;
	readonly #terminal: SimTerminal;
	readonly #machine: Machine;

	constructor(terminal: SimTerminal, machine: Machine) {
		this.#terminal = terminal;
		this.#machine = machine;
	}

	get #nowMs(): number {
		return this.#machine.timeline.nowMs;
	}

	get #isMute(): boolean {
		return this.#nowMs < this.#terminal.muteUntilMs;
	}

	/** With its terminal. */
	begin(): void {
		this.#busyUntilMs = 0;
		this.#spokeFirstAtMs = null;
		this.#seq = 0;
	}

	/** From now on it does. */
	speak(): void {
		this.#tick();
		this.readRequests();
	}

	hasSpokenFor(ms: number): boolean {
		return this.#spokeFirstAtMs !== null && this.#nowMs - this.#spokeFirstAtMs >= ms;
	}

	/** Its folder is emptied. */
	forgetFiles(): void {
		this.status = null;
		this.forgetRequests();
	}

	/** Those that were not read yet. */
	forgetRequests(): void {
		this.#requests = [];
	}

	/** A request lies in its folder until the bridge reads it; what was read is carried out, soon or a bit later. */
	receive(request: BridgeRequest): void {
		this.#requests.push(request);
		this.readRequests();
	}

	readRequests(): void {
		const { process } = this.#terminal;
		if (!process || this.#requests.length === 0) return;
		const { chance, temper } = this.#machine;
		if (this.#isMute)
			return void process.life.after(this.#terminal.muteUntilMs - this.#nowMs, () => this.readRequests());
		const request = this.#requests.shift();
		if (!request || request.isWithdrawn()) return this.readRequests();
		const isSlow = chance.hits(0.03 * temper.badness);
		const workMs = isSlow ? chance.between(1_000, 12_000) : chance.between(5, 150);
		// One after the other: the bridge is one thread.
		this.#busyUntilMs = Math.max(this.#busyUntilMs, this.#nowMs) + workMs;
		process.life.after(this.#busyUntilMs - this.#nowMs, () => {
			const isExpired = this.#nowMs > request.notAfterMs;
			const settle = isExpired
				? () => {
						throw new BridgeRefusal(request.verb, 'expired', 'nobody waits for this any more');
					}
				: this.#carryOut(request.verb, request.args);
			// A bridge that says nothing just now shows it with its next status.
			const statusSeq = this.#seq + 1;
			if (this.#spokeFirstAtMs !== null && !this.#isMute) this.#tell();
			process.life.after(chance.between(5, 50), () => request.answer(statusSeq, settle));
			this.readRequests();
		});
	}

	#carryOut(verb: BridgeVerb, args: unknown): () => unknown {
		const refuse = (code: string) => () => {
			throw new BridgeRefusal(verb, code, `refused: ${code}`);
		};
		if (!this.#terminal.login) return refuse('not_logged_in');
		switch (verb) {
			case 'load_ea':
				return this.#load((args as { template: string }).template);
			case 'unload_ea':
				this.#terminal.ea = null;
				this.#terminal.changed('EA off its chart');
				return () => ({});
			case 'list_open':
				return this.#listOpen((args as { magic: number | null }).magic);
			case 'close_pass':
				return this.#closePass((args as { magic: number | null }).magic);
			case 'close_one':
			case 'deals':
				// Single tickets and the history are no part of the simulated world.
				return refuse('bad_request');
		}
	}

	#load(name: string): () => unknown {
		const { chance, temper, news } = this.#machine;
		const terminal = this.#terminal;
		const template = terminal.templates.get(name);
		if (!template)
			return () => {
				throw new BridgeRefusal('load_ea', 'template_missing', 'no such template');
			};
		const { generation, settings } = template;
		news.loaded(terminal.accountId, generation);
		const { badness } = temper;
		if (chance.hits(0.03 * badness)) {
			return () => {
				throw new BridgeRefusal('load_ea', 'unknown_symbol', 'no such symbol');
			};
		}
		const lateMs = chance.hits(0.2 * badness) ? chance.between(800, 4_000) : chance.between(50, 500);
		// A chart takes its templates one after the other.
		this.#appliedAtMs = Math.max(this.#appliedAtMs, this.#nowMs + lateMs);
		terminal.process?.life.after(this.#appliedAtMs - this.#nowMs, () => {
			const isNeverReady = chance.hits(0.05 * badness);
			const readyAtMs = isNeverReady ? null : this.#nowMs + chance.between(50, 3_000);
			terminal.ea = { generation, hash: settingsHash(settings), settings, readyAtMs };
			terminal.changed(`EA of generation ${generation} on its chart`);
		});
		return () => ({});
	}

	#listOpen(magic: number | null): () => unknown {
		const items = this.#machine.broker
			.open(this.#terminal.accountId, magic)
			.map((position) => residual(position, null));
		return () => ({ items });
	}

	#closePass(magic: number | null): () => unknown {
		const { broker } = this.#machine;
		const { accountId, isAlgoOn } = this.#terminal;
		const code = !isAlgoOn ? 10027 : broker.isClosed(accountId) ? 10018 : null;
		if (code === null) {
			const closedPositions = broker.close(accountId, magic);
			return () => ({ closedPositions, deletedOrders: 0, residuals: [] });
		}
		const residuals = broker.open(accountId, magic).map((position) => residual(position, code));
		return () => ({ closedPositions: 0, deletedOrders: 0, residuals });
	}

	#tick(): void {
		const { process, truth, ea, accountId } = this.#terminal;
		if (!process) return;
		process.life.after(STATUS_MS, () => this.#tick());
		if (this.#isMute) return;
		const { chance, broker } = this.#machine;
		if (truth.isAlgoOn && truth.isReady && ea && chance.hits(0.05))
			broker.trade(accountId, ea.settings.expert.magic);
		this.#tell();
	}

	/** Button or EA changed: told soon, not at the next second. */
	noticeSoon(): void {
		// One that has not spoken yet is not there yet.
		if (this.#spokeFirstAtMs === null) return;
		this.#terminal.process?.life.after(LOOK_MS, () => {
			if (!this.#isMute) this.#tell();
		});
	}

	#tell(): void {
		const { truth, ea, login, accountId } = this.#terminal;
		this.#spokeFirstAtMs ??= this.#nowMs;
		const open = this.#machine.broker.open(accountId, null).length;
		const status = statusOf({ seq: ++this.#seq, truth, ea, server: login?.server ?? '', open }, this.#nowMs);
		this.status = { status, atMs: this.#nowMs };
		for (const channel of [...this.channels]) channel.poll();
	}
}
