/** The bus between simulated web nodes: takes its time, can be away, and can swallow everything without a word. */
import { TO_ALL, type Bus, type BusListener } from '#lib/server/bus/bus.ts';
import { type Chance } from './random.ts';
import { type SimProcess, type Timeline } from './timeline.ts';

interface Seat {
	process: SimProcess;
	listener: BusListener;
	/** In the order of each sender; what is sent later does not arrive earlier. */
	lastArrivalMs: number;
}

export class Exchange {
	/** What is published now is lost, and nobody is told. */
	isSwallowing = false;
	readonly #seats = new Map<string, Seat>();
	readonly #timeline: Timeline;
	readonly #chance: Chance;
	#isUp = true;

	constructor(timeline: Timeline, chance: Chance) {
		this.#timeline = timeline;
		this.#chance = chance;
	}

	/** It is away for everybody, or back. */
	change(isUp: boolean): void {
		if (this.#isUp === isUp) return;
		this.#isUp = isUp;
		for (const { process, listener } of this.#seats.values())
			process.after(this.#chance.between(0, 500), () => listener.onChange(this.#isUp));
	}

	/** A node's end of it; it ends with the node's process. */
	connect(process: SimProcess): Bus {
		let ownId: string | null = null;
		const isUp = (): boolean => this.#isUp && ownId !== null;
		return {
			scope: 'servers',
			get isUp() {
				return isUp();
			},
			open: (nodeId, listener) => {
				ownId = nodeId;
				this.#seats.set(nodeId, { process, listener, lastArrivalMs: 0 });
				process.after(this.#chance.between(1, 50), () => listener.onChange(this.#isUp));
			},
			publish: (to, text) => {
				if (!isUp() || this.isSwallowing || process.isDead) return;
				for (const id of to === TO_ALL ? [...this.#seats.keys()] : [to]) this.#carry(id, text);
			},
			revive: () => undefined,
			close: async () => {
				if (ownId !== null) this.#seats.delete(ownId);
				ownId = null;
			}
		};
	}

	#carry(id: string, text: string): void {
		const seat = this.#seats.get(id);
		if (!seat) return;
		if (seat.process.isDead) return void this.#seats.delete(id);
		const atMs = Math.max(seat.lastArrivalMs, this.#timeline.nowMs + this.#chance.between(0.2, 5));
		seat.lastArrivalMs = atMs;
		seat.process.after(atMs - this.#timeline.nowMs, () => {
			if (this.#isUp) seat.listener.onMessage(text);
		});
	}
}
