/**
 * The port between web nodes: short texts to one node or to all, at most once, in the order of each sender.
 * Nothing depends on a message arriving; what must not be lost is in PostgreSQL, and is found there again.
 */

/** Every node listens to its own id and to this. */
export const TO_ALL = 'all';

export interface Bus {
	/** `process`: nobody else is ever reached, by configuration. */
	readonly scope: 'process' | 'servers';
	/** False: what is published now reaches nobody. */
	readonly isUp: boolean;
	/** Begins to listen. Never fails and never waits: a bus that is away is tried again until `close`. */
	open(nodeId: string, listener: BusListener): void;
	/** Sends to a node id or `TO_ALL`, the sender included; dropped at once while the bus is away. */
	publish(to: string, text: string): void;
	/** Nothing is heard though the bus believes to be up: its connections are made anew. */
	revive(): void;
	close(): Promise<void>;
}

export interface BusListener {
	onMessage(text: string): void;
	/** The bus came up (what was sent meanwhile is lost) or went away. */
	onChange(isUp: boolean): void;
}
