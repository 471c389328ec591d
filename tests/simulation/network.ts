/**
 * The lines between agents and web, with what can happen to them: slow, silent and flushed late, cut with or
 * without the ends noticing, frames twice. Within one direction of one line the order is kept, as TCP does.
 */
import { type LineSocket, type LineSocketEvents } from '#lib/protocol/socket.ts';
import { type History } from './history.ts';
import { type Chance } from './random.ts';
import { type SimProcess, type Timeline } from './timeline.ts';

/** What a link is like just now. */
export interface LinkWeather {
	/** Nothing passes before then; what was sent meanwhile arrives after it. */
	silentUntilMs: number;
	latencyMs: number;
	/** Chance that a frame arrives once more, a while later. */
	duplicates: number;
}

/** Frames of which a second copy must do no harm. Others cannot come twice on one TCP connection. */
const DUPLICABLE = /"type":"(command|result|progress|settle|settled|ack)"/;
const DIAL_TIMEOUT_MS = 10_000;
const ABNORMAL = 1006;

class Endpoint implements LineSocket {
	isOpen = false;
	isClosed = false;
	readonly bufferedBytes = 0;
	readonly process: SimProcess;
	readonly #line: Line;
	events: LineSocketEvents | null = null;

	constructor(line: Line, process: SimProcess) {
		this.#line = line;
		this.process = process;
	}

	listen(events: LineSocketEvents): void {
		this.events = events;
	}

	send(text: string): void {
		if (this.isOpen && !this.process.isDead) this.#line.carry(this, text);
	}

	ping(): void {
		this.#line.deliver(this, (peer) => {
			peer.events?.onSignOfLife();
			this.#line.deliver(peer, (self) => self.events?.onSignOfLife());
		});
	}

	close(code: number, reason: string): void {
		if (this.isClosed || this.process.isDead) return;
		// The peer answers the close; until then the line is closing, and nothing more is sent.
		this.isOpen = false;
		this.#line.deliver(this, (peer) => {
			peer.ended(code, reason);
			this.#line.deliver(peer, (self) => self.ended(code, reason));
		});
	}

	terminate(): void {
		if (this.isClosed || this.process.isDead) return;
		this.isOpen = false;
		this.#line.deliver(this, (peer) => peer.ended(ABNORMAL, ''));
		this.process.after(0, () => this.ended(ABNORMAL, ''));
	}

	opened(): void {
		if (this.isClosed) return;
		this.isOpen = true;
		this.events?.onSignOfLife();
	}

	ended(code: number, reason: string): void {
		if (this.isClosed) return;
		this.isClosed = true;
		this.isOpen = false;
		this.events?.onClose(code, reason);
	}
}

class Line {
	readonly client: Endpoint;
	server: Endpoint | null = null;
	/** Frames that arrive later than this are lost. */
	cutAtMs = Infinity;
	readonly #network: Network;
	readonly #weather: LinkWeather;
	readonly #lastArrival = { toClient: 0, toServer: 0 };

	constructor(network: Network, weather: LinkWeather, client: SimProcess) {
		this.#network = network;
		this.#weather = weather;
		this.client = new Endpoint(this, client);
	}

	/** One frame to the other end. */
	carry(from: Endpoint, text: string): void {
		this.deliver(from, (peer) => peer.isOpen && peer.events?.onMessage(text));
		const { chance } = this.#network;
		if (this.#weather.duplicates > 0 && DUPLICABLE.test(text) && chance.hits(this.#weather.duplicates))
			this.deliver(from, (peer) => peer.isOpen && peer.events?.onMessage(text), chance.between(10, 3_000));
	}

	/** @param lateMs out of the line's order: a copy that comes so much later */
	deliver(from: Endpoint, arrive: (peer: Endpoint) => void, lateMs: number | null = null): void {
		const { timeline, chance } = this.#network;
		const peer = from === this.client ? this.server : this.client;
		if (!peer) return;
		const { silentUntilMs, latencyMs } = this.#weather;
		const way = latencyMs * chance.between(0.5, 1.5);
		let atMs = Math.max(timeline.nowMs, silentUntilMs) + way;
		if (lateMs === null) {
			const direction = peer === this.client ? 'toClient' : 'toServer';
			atMs = Math.max(atMs, this.#lastArrival[direction]);
			this.#lastArrival[direction] = atMs;
		} else atMs += lateMs;
		peer.process.after(atMs - timeline.nowMs, () => {
			if (timeline.nowMs <= this.cutAtMs && !peer.isClosed) arrive(peer);
		});
	}

	/** Both ends are told of it, each after a while or never. */
	cut(clientHearsMs: number | null, serverHearsMs: number | null): void {
		const { timeline, chance } = this.#network;
		if (this.cutAtMs !== Infinity) return;
		this.cutAtMs = timeline.nowMs + chance.between(0, 300);
		for (const [end, ms] of [
			[this.client, clientHearsMs],
			[this.server, serverHearsMs]
		] as const)
			if (ms !== null) end?.process.after(ms, () => end.ended(ABNORMAL, ''));
	}
}

export class Network {
	readonly timeline: Timeline;
	readonly chance: Chance;
	readonly #history: History;
	readonly #lines = new Map<string, Line[]>();
	readonly #weather = new Map<string, LinkWeather>();
	/** Where a line comes out; null when nobody listens. `accept` @returns false when it is turned away */
	findServer: () => { process: SimProcess; accept(socket: LineSocket): boolean } | null = () => null;

	constructor(timeline: Timeline, chance: Chance, history: History) {
		this.timeline = timeline;
		this.chance = chance;
		this.#history = history;
	}

	weatherOf(agentName: string): LinkWeather {
		const known = this.#weather.get(agentName) ?? { silentUntilMs: 0, latencyMs: 20, duplicates: 0 };
		this.#weather.set(agentName, known);
		return known;
	}

	dial(agentName: string, process: SimProcess): LineSocket {
		const weather = this.weatherOf(agentName);
		const line = new Line(this, weather, process);
		const waitMs = Math.max(0, weather.silentUntilMs - this.timeline.nowMs);
		if (waitMs > DIAL_TIMEOUT_MS) {
			process.after(DIAL_TIMEOUT_MS, () => line.client.ended(ABNORMAL, 'no answer'));
			return line.client;
		}
		this.timeline.after(waitMs + weather.latencyMs, () => {
			if (process.isDead || line.client.isClosed) return;
			const listener = this.findServer();
			if (!listener)
				return void process.after(weather.latencyMs, () => line.client.ended(ABNORMAL, 'refused'));
			line.server = new Endpoint(line, listener.process);
			line.server.isOpen = true;
			this.#linesOf(agentName).push(line);
			const { server } = line;
			// A server that is held up takes it in when it goes on.
			listener.process.after(0, () => {
				if (line.client.isClosed) return;
				// The answer to the dialling comes before anything else.
				line.deliver(server, (client) => client.opened());
				if (!listener.accept(server)) line.client.ended(ABNORMAL, 'refused');
			});
		});
		return line.client;
	}

	cut(agentName: string, hears: () => number | null): void {
		const lines = this.#linesOf(agentName);
		if (lines.length > 0) this.#history.note(`network: the line of ${agentName} is cut`);
		for (const line of lines) line.cut(hears(), hears());
	}

	/** A process ended: its other ends hear of it, if its machine could still say so. */
	processEnded(process: SimProcess, isHeard: boolean): void {
		for (const lines of this.#lines.values())
			for (const line of lines) {
				if (line.client.process === process) line.cut(null, isHeard ? this.chance.between(5, 200) : null);
				if (line.server?.process === process) line.cut(isHeard ? this.chance.between(5, 200) : null, null);
			}
	}

	#linesOf(agentName: string): Line[] {
		const lines = (this.#lines.get(agentName) ?? []).filter(
			({ client, server, cutAtMs }) => cutAtMs === Infinity && !(client.isClosed && server?.isClosed)
		);
		this.#lines.set(agentName, lines);
		return lines;
	}
}
