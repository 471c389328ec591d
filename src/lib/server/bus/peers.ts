/**
 * The other nodes as seen through the bus: who was heard lately, and how late what they say is. Owns the beat.
 * A node that does not hear its own beat has lost the bus, whatever the connection says.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { PEER_LOST_MS } from '#lib/domain/limits.ts';
import type { Logger } from '../logger.ts';
import { TO_ALL, type Bus } from './bus.ts';
import {
	decodeEnvelope,
	encodeEnvelope,
	type NodeMessage,
	type NodeMessageHandlers,
	type Passage
} from './messages.ts';
import type { MessageSeal } from './messageSeal.ts';

/** Clocks drift: the quickest passage of this long and of as long before counts. */
const PASSAGE_WINDOW_MS = 60_000;

interface Peer {
	heardAtMs: number;
	/** Smallest difference of the two clocks seen in this window and in the one before. */
	quickest: number;
	quickestBefore: number;
	windowEndsMs: number;
}

export interface PeersDependencies {
	nodeId: string;
	bus: Bus;
	seal: MessageSeal;
	logger: Logger;
	clock: Clock;
	/** Somebody came within reach. */
	onMet: (nodeId: string) => void;
	/** The bus is away. */
	onLost: () => void;
	/** The bus came back after it was away. */
	onBack: () => void;
}

export class Peers {
	readonly #deps: PeersDependencies;
	readonly #peers = new Map<string, Peer>();
	#echoAtMs = Number.NEGATIVE_INFINITY;
	#wasInContact = false;
	#wasForeignHeard = false;
	#handlers: NodeMessageHandlers | null = null;

	constructor(deps: PeersDependencies) {
		this.#deps = deps;
	}

	/** Begins to listen. */
	open(handlers: NodeMessageHandlers): void {
		this.#handlers = handlers;
		this.#deps.bus.open(this.#deps.nodeId, {
			onMessage: (text) => this.#onMessage(text),
			onChange: (isUp) => {
				if (isUp) this.beat();
				else this.#lose();
			}
		});
	}

	/** Whether messages get through; always true for a node that is alone by configuration. */
	get isInContact(): boolean {
		const { bus } = this.#deps;
		return bus.scope === 'process' || (bus.isUp && this.#isFresh(this.#echoAtMs));
	}

	/** Nodes that can be spoken to. */
	reachable(): string[] {
		if (!this.isInContact) return [];
		return [...this.#peers].filter(([, peer]) => this.#isFresh(peer.heardAtMs)).map(([nodeId]) => nodeId);
	}

	isReachable(nodeId: string): boolean {
		const peer = this.#peers.get(nodeId);
		return peer !== undefined && this.#isFresh(peer.heardAtMs) && this.isInContact;
	}

	/** Says that this node is there, and notices the loss of the bus. Called every second. */
	beat(): void {
		if (this.#wasInContact && !this.isInContact) {
			this.#lose();
			if (this.#deps.bus.isUp) this.#deps.bus.revive();
		}
		this.send(TO_ALL, { type: 'beat' });
	}

	send(to: string, message: NodeMessage): void {
		const { bus, seal, nodeId, clock } = this.#deps;
		if (bus.scope === 'servers')
			bus.publish(to, seal.seal(encodeEnvelope(nodeId, clock.monotonicMs(), message)));
	}

	forget(nodeId: string): void {
		this.#peers.delete(nodeId);
	}

	#isFresh(atMs: number): boolean {
		return this.#deps.clock.monotonicMs() - atMs < PEER_LOST_MS;
	}

	#lose(): void {
		this.#echoAtMs = Number.NEGATIVE_INFINITY;
		if (!this.#wasInContact) return;
		this.#wasInContact = false;
		this.#deps.logger.warn('the other servers cannot be reached: the bus is away');
		this.#deps.onLost();
	}

	#onMessage(text: string): void {
		const opened = this.#deps.seal.open(text);
		if (opened === null) return this.#onForeign();
		const envelope = decodeEnvelope(opened);
		if (!envelope.ok) {
			if (envelope.problem === 'malformed')
				this.#deps.logger.warn('a message of another server was not understood');
			return;
		}
		const { from, sentAtMs, message } = envelope;
		if (from === this.#deps.nodeId) return this.#onEcho(sentAtMs);
		const delayMs = this.#hear(from, sentAtMs);
		if (this.#handlers) dispatch(this.#handlers, message, { from, delayMs });
	}

	/** Once: whoever writes there may write a lot. */
	#onForeign(): void {
		if (!this.#wasForeignHeard)
			this.#deps.logger.warn(
				'messages on the bus are not sealed with a key of ours and are dropped: another installation, or a server with another key file'
			);
		this.#wasForeignHeard = true;
	}

	#onEcho(sentAtMs: number): void {
		// An echo that was long under way says nothing of now.
		this.#echoAtMs = Math.max(this.#echoAtMs, sentAtMs);
		if (this.#wasInContact || !this.isInContact) return;
		this.#wasInContact = true;
		this.#deps.logger.info('the bus to the other servers is up');
		this.#deps.onBack();
	}

	/** @returns how much longer this message took than the quickest of this peer */
	#hear(from: string, sentAtMs: number): number {
		const now = this.#deps.clock.monotonicMs();
		const difference = now - sentAtMs;
		const known = this.#peers.get(from);
		const peer = known ?? {
			heardAtMs: now,
			quickest: difference,
			quickestBefore: difference,
			windowEndsMs: now + PASSAGE_WINDOW_MS
		};
		if (now > peer.windowEndsMs) {
			peer.quickestBefore = peer.quickest;
			peer.quickest = difference;
			peer.windowEndsMs = now + PASSAGE_WINDOW_MS;
		}
		peer.quickest = Math.min(peer.quickest, difference);
		const delayMs = difference - Math.min(peer.quickest, peer.quickestBefore);
		const isMet = !known || !this.#isFresh(known.heardAtMs);
		peer.heardAtMs = Math.max(peer.heardAtMs, now - delayMs);
		this.#peers.set(from, peer);
		if (isMet) this.#deps.onMet(from);
		return delayMs;
	}
}

function dispatch(handlers: NodeMessageHandlers, message: NodeMessage, passage: Passage): void {
	const handle = handlers[message.type] as (message: NodeMessage, passage: Passage) => void;
	handle(message, passage);
}
