/**
 * How two copies of one agent (a copied VPS, a stolen key) are told from one agent that came back.
 *
 * The server counts an agent's accepted connections, the agent keeps the number on its disk and brings it back
 * with the next hello. Before the agent is given anything it says that the number is on the disk (`ready`), and
 * the server notes that as confirmed. So an honest agent always brings a number from the last confirmed one
 * (it has that on the disk) to the last accepted one (a welcome or a ready may have been lost in between).
 * Of two copies, whichever connects after the other was confirmed brings a number below that, and is caught.
 */
export interface ConnectionCounter {
	/** Connections accepted so far. */
	accepted: number;
	/** The newest of them that the agent is known to remember. */
	confirmed: number;
}

export type Arrival =
	| { verdict: 'accepted'; counter: ConnectionCounter }
	/** Behind: a copy was given work meanwhile. Ahead: the number was made up, or the server's memory is older. */
	| { verdict: 'copy'; why: 'behind' | 'ahead' };

/** @param seen the number in the agent's hello */
export function arrive(counter: ConnectionCounter, seen: number): Arrival {
	if (seen < counter.confirmed) return { verdict: 'copy', why: 'behind' };
	if (seen > counter.accepted) return { verdict: 'copy', why: 'ahead' };
	// What it brings it has on its disk.
	return { verdict: 'accepted', counter: { accepted: counter.accepted + 1, confirmed: seen } };
}

/** The agent says that this number is on its disk. Only of the newest connection: an older one has been replaced. */
export function confirm(counter: ConnectionCounter, connSeq: number): ConnectionCounter | null {
	return connSeq === counter.accepted ? { ...counter, confirmed: connSeq } : null;
}
