/**
 * A bad network between two real ends: a TCP proxy whose two directions can each be slowed, cut, held or
 * emptied while it runs, and which can treat single WebSocket messages. Driven by the test, in its process.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketFrames } from './webSocketFrames.ts';

/** What becomes of one WebSocket message. */
export type Verdict =
	| 'pass'
	| 'drop'
	/** Delivered two times. */
	| 'twice'
	/** Delivered after the message that follows it. */
	| 'after_next'
	/** Delivered, and not counted as the message that follows another one. */
	| 'aside'
	/** This one and everything behind it stays in the proxy until `release`. */
	| 'hold'
	/** This one and everything behind it is lost; both ends stay open. */
	| 'freeze'
	/** This one is lost, and both ends are reset. */
	| 'reset';

export interface Message {
	text: string;
	/** Counted in its direction of its connection, from 1. */
	number: number;
}

/** One direction, for all connections. Change it at any time. */
export class Direction {
	latencyMs = 0;
	/** Up to so much more or less than `latencyMs`, evenly. */
	jitterMs = 0;
	bytesPerSecond = Infinity;
	/** Written in pieces of at most so many bytes. */
	sliceBytes = Infinity;
	/** A connection is reset once so many of its bytes have passed. */
	resetAfterBytes = Infinity;
	/** What comes in is lost, also the end of the connection: a half-open line. */
	isBlackHole = false;
	/**
	 * Sees all plain bytes as they come, before they pass, with the number of their connection; `reset` is the one
	 * verdict it may give.
	 */
	watch: ((bytes: Buffer, connection: number) => 'pass' | 'reset') | null = null;
	/** Judges every WebSocket message; with it the proxy reads frames, without it plain bytes. */
	judge: ((message: Message) => Verdict) | null = null;
	#isHeld = false;
	readonly #waiting = new Set<() => void>();

	get isHeld(): boolean {
		return this.#isHeld;
	}

	/** From now on nothing passes, but nothing is lost. */
	hold(): void {
		this.#isHeld = true;
	}

	release(): void {
		this.#isHeld = false;
		for (const wake of this.#waiting) wake();
		this.#waiting.clear();
	}

	released(): Promise<void> {
		return this.#isHeld ? new Promise((resolve) => this.#waiting.add(resolve)) : Promise.resolve();
	}
}

export class FaultProxy {
	/** From who dialled to the target. */
	readonly up = new Direction();
	readonly down = new Direction();
	/** False: whoever dials is reset at once. */
	accepts = true;
	/** A connection on which nothing passes for so long is reset, as by a proxy of the world. */
	idleTimeoutMs = 0;
	/** Connections that were let through so far. */
	dialled = 0;
	readonly #links = new Set<Link>();
	readonly #server: Server;

	private constructor(targetPort: () => number) {
		this.#server = createServer((from) => {
			from.on('error', () => {});
			if (!this.accepts) return void from.resetAndDestroy();
			this.dialled += 1;
			const link = new Link(from, connect(targetPort(), '127.0.0.1'), {
				up: this.up,
				down: this.down,
				number: this.dialled
			});
			if (this.idleTimeoutMs > 0) link.resetWhenIdle(this.idleTimeoutMs);
			this.#links.add(link);
			void link.ended.then(() => this.#links.delete(link));
		});
	}

	static async listen(targetPort: () => number): Promise<FaultProxy> {
		const proxy = new FaultProxy(targetPort);
		await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
		return proxy;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	get open(): number {
		return this.#links.size;
	}

	/** Resets every open connection, both ends. */
	cut(): void {
		for (const link of this.#links) link.reset();
	}

	async close(): Promise<void> {
		this.up.release();
		this.down.release();
		this.cut();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

class Link {
	readonly ended: Promise<void>;
	readonly #from: Socket;
	readonly #to: Socket;

	constructor(
		from: Socket,
		to: Socket,
		{ up, down, number }: { up: Direction; down: Direction; number: number }
	) {
		this.#from = from;
		this.#to = to;
		for (const socket of [from, to]) socket.setNoDelay(true).on('error', () => {});
		const closed = [from, to].map(
			(socket) => new Promise<void>((done) => socket.once('close', () => done()))
		);
		this.ended = Promise.all(closed).then(() => undefined);
		const end = { number, reset: () => this.reset() };
		new Pipe(from, to, up, end);
		new Pipe(to, from, down, end);
	}

	/** Counted in looks of this process, so that one that was held up finds no line idle for it. */
	resetWhenIdle(limitMs: number): void {
		const looks = 30;
		let [idle, passed] = [0, 0];
		const looking = setInterval(() => {
			const { bytesRead, bytesWritten } = this.#from;
			idle = bytesRead + bytesWritten === passed ? idle + 1 : 0;
			passed = bytesRead + bytesWritten;
			if (idle >= looks) this.reset();
		}, limitMs / looks);
		void this.ended.then(() => clearInterval(looking));
	}

	reset(): void {
		this.#from.resetAndDestroy();
		this.#to.resetAndDestroy();
	}
}

/** One direction of one connection. */
class Pipe {
	readonly #to: Socket;
	readonly #direction: Direction;
	readonly #connection: number;
	readonly #reset: () => void;
	readonly #frames = new WebSocketFrames();
	#isReadingFrames = false;
	#number = 0;
	#passed = 0;
	#isFrozen = false;
	/** When what was written last has passed a line of this bandwidth. */
	#freeAtMs = 0;
	#postponed: Buffer | null = null;
	/** Everything goes out one after the other. */
	#work: Promise<void> = Promise.resolve();

	constructor(
		from: Socket,
		to: Socket,
		direction: Direction,
		{ number, reset }: { number: number; reset: () => void }
	) {
		this.#to = to;
		this.#direction = direction;
		this.#connection = number;
		this.#reset = reset;
		// Decided at the first byte: frames cannot be found from the middle of a stream.
		from.once('data', () => (this.#isReadingFrames = direction.judge !== null));
		from.on('data', (bytes: Buffer) => this.#take(bytes));
		from.once('close', () => {
			this.#work = this.#work.then(async () => {
				await direction.released();
				if (!direction.isBlackHole && !this.#isFrozen) to.destroy();
			});
		});
	}

	#take(bytes: Buffer): void {
		if (this.#direction.isBlackHole || this.#isFrozen) return;
		if (this.#direction.watch?.(bytes, this.#connection) === 'reset') return this.#reset();
		if (!this.#isReadingFrames) return this.#pass(bytes);
		for (const piece of this.#frames.take(bytes)) {
			if (piece.message) this.#passMessage(piece.bytes, piece.message.text);
			else this.#pass(piece.bytes);
			if (this.#isFrozen) return;
		}
	}

	#passMessage(bytes: Buffer, text: string): void {
		this.#number += 1;
		const verdict = this.#direction.judge?.({ text, number: this.#number }) ?? 'pass';
		if (verdict === 'after_next') {
			this.#postponed = bytes;
			return;
		}
		if (verdict === 'freeze') this.#isFrozen = true;
		// In its turn: what came before it, in the same packet even, is still under way.
		if (verdict === 'hold') this.#work = this.#work.then(() => this.#direction.hold());
		if (verdict === 'reset') this.#work = this.#work.then(this.#reset);
		if (verdict !== 'drop' && verdict !== 'freeze' && verdict !== 'reset') this.#pass(bytes);
		if (verdict === 'twice') this.#pass(bytes);
		if (!this.#postponed || verdict === 'aside') return;
		this.#pass(this.#postponed);
		this.#postponed = null;
	}

	#pass(bytes: Buffer): void {
		const { latencyMs, jitterMs } = this.#direction;
		const dueMs = performance.now() + latencyMs + (Math.random() * 2 - 1) * jitterMs;
		this.#work = this.#work.then(() => this.#write(bytes, dueMs));
	}

	async #write(bytes: Buffer, dueMs: number): Promise<void> {
		const direction = this.#direction;
		await direction.released();
		const waitMs = dueMs - performance.now();
		if (waitMs > 0) await sleep(waitMs);
		this.#freeAtMs = Math.max(this.#freeAtMs, dueMs);
		for (let at = 0; at < bytes.length;) {
			// A slow line is slow all the time, not in gulps.
			const most = Math.min(direction.sliceBytes, Math.max(1, Math.ceil(direction.bytesPerSecond / 20)));
			const slice = bytes.subarray(at, at + most);
			at += slice.length;
			if (direction.bytesPerSecond !== Infinity) {
				// By the clock: where sleeps end late the line would be slower than it says.
				this.#freeAtMs += (slice.length / direction.bytesPerSecond) * 1_000;
				await sleep(Math.max(0, this.#freeAtMs - performance.now()));
			}
			if (direction.isBlackHole) return;
			if (this.#passed + slice.length > direction.resetAfterBytes) return this.#reset();
			this.#passed += slice.length;
			if (!this.#to.destroyed && !this.#to.write(slice)) await drained(this.#to);
		}
	}
}

function drained(socket: Socket): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			socket.off('drain', done).off('close', done);
			resolve();
		};
		socket.once('drain', done).once('close', done);
	});
}
