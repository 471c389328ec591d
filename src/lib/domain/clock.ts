/**
 * Time as a port. The command core of web and agent knows no other clock, so that the simulation can hold all
 * time in its hands; a lint rule keeps it so.
 */
export interface Clock {
	/** Milliseconds since some fixed moment; never jumps. The time of every wait and every age. */
	monotonicMs(): number;
	/** Milliseconds since 1970; may jump. For people, for stored times, and for noticing that it jumped. */
	wallMs(): number;
	/** Waits. @throws the signal's reason when it is aborted meanwhile */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** For code that works in callbacks. */
export interface TimerClock extends Clock {
	/** Calls back once, `ms` from now. @returns takes it back */
	after(ms: number, callback: () => void): () => void;
	/** Calls back when everything that arrived together with this has been taken in. */
	soon(callback: () => void): void;
}
