/**
 * The server's clock in the browser, ticking once a second for the whole page.
 *
 * Until the page is live, `nowMs` is the moment the server made the page, so that server and browser render
 * the same text. Built by the layout, which starts and stops it.
 */
export class ServerClock {
	#tickedMs = $state<number | null>(null);
	#offsetMs = 0;
	readonly #renderedAtMs: () => number;
	readonly #browserNowMs: () => number;

	constructor(renderedAtMs: () => number, browserNowMs: () => number = () => Date.now()) {
		this.#renderedAtMs = renderedAtMs;
		this.#browserNowMs = browserNowMs;
	}

	/** Milliseconds of the server's clock; moves once a second. */
	get nowMs(): number {
		return this.#tickedMs ?? this.#renderedAtMs();
	}

	/** The browser's zone is known only there. */
	get zone(): 'local' | 'utc' {
		return this.#tickedMs === null ? 'utc' : 'local';
	}

	/** The server just said what time it is. */
	set(serverMs: number): void {
		this.#offsetMs = serverMs - this.#browserNowMs();
		if (this.#tickedMs !== null) this.#tick();
	}

	/** @returns stop */
	start(): () => void {
		this.#offsetMs = this.#renderedAtMs() - this.#browserNowMs();
		this.#tick();
		const timer = setInterval(() => this.#tick(), 1000);
		return () => clearInterval(timer);
	}

	#tick(): void {
		this.#tickedMs = this.#browserNowMs() + this.#offsetMs;
	}
}
