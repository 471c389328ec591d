/** What both ends of the agent line need of a WebSocket. `ws` is one; the simulation's network is another. */
export interface LineSocket {
	readonly isOpen: boolean;
	/** Waits in memory because the peer does not read. */
	readonly bufferedBytes: number;
	/** Takes what comes in; to be called once, before anything can have come. */
	listen(events: LineSocketEvents): void;
	/** No proof that anything arrives. */
	send(text: string): void;
	ping(): void;
	/** Asks the peer to close. */
	close(code: number, reason: string): void;
	/** Ends it without asking the peer, which may not be there any more. */
	terminate(): void;
}

export interface LineSocketEvents {
	/** @param text null for a binary message, which the line does not know */
	onMessage(text: string | null): void;
	/** The line opened, or the peer pinged or answered a ping. */
	onSignOfLife(): void;
	onError(error: Error): void;
	/** Once, whoever ended it. `code` is 1006 when there was no closing handshake. */
	onClose(code: number, reason: string): void;
}
