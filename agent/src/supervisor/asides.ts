/** What is to be done with a terminal between commands, in its turn. */
import { type Steps } from './steps.ts';

export type AsideWork<T> = (steps: Steps, signal: AbortSignal) => Promise<T>;

export class Asides {
	readonly #waiting: ((signal: AbortSignal) => Promise<void>)[] = [];

	/** @returns what came of it, once it was its turn */
	add<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.#waiting.push((signal) => work(signal).then(resolve, reject));
		return promise;
	}

	/** The next one, which never throws; undefined when none waits. */
	next(): ((signal: AbortSignal) => Promise<void>) | undefined {
		return this.#waiting.shift();
	}
}
