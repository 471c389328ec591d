/** The brokers' side: who may log in, what is open, and whether the market is. */
export class Broker {
	readonly #positions = new Map<string, Array<{ ticket: string; magic: number }>>();
	readonly #closedUntilMs = new Map<string, number>();
	readonly #refusedUntilMs = new Map<string, number>();
	readonly #passwords = new Map<string, { login: string; password: string }>();
	readonly #nowMs: () => number;
	#tickets = 0;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	register(accountId: string, login: string, password: string): void {
		this.#passwords.set(accountId, { login, password });
	}

	/** @param password null for the login that the terminal saved */
	accepts(accountId: string, login: string, password: string | null): boolean {
		const known = this.#passwords.get(accountId);
		if (this.#nowMs() < (this.#refusedUntilMs.get(accountId) ?? 0)) return false;
		return known?.login === login && (password === null || password === known.password);
	}

	trade(accountId: string, magic: number): void {
		const positions = this.#of(accountId);
		if (positions.length < 3) positions.push({ ticket: (++this.#tickets).toString(), magic });
	}

	open(accountId: string, magic: number | null): Array<{ ticket: string; magic: number }> {
		return this.#of(accountId).filter((position) => magic === null || position.magic === magic);
	}

	/** @returns how many were closed */
	close(accountId: string, magic: number | null): number {
		const closed = this.open(accountId, magic);
		this.#positions.set(
			accountId,
			this.#of(accountId).filter((position) => !closed.includes(position))
		);
		return closed.length;
	}

	isClosed(accountId: string): boolean {
		return this.#nowMs() < (this.#closedUntilMs.get(accountId) ?? 0);
	}

	closeMarket(accountId: string, ms: number): void {
		this.#closedUntilMs.set(accountId, this.#nowMs() + ms);
	}

	#of(accountId: string): Array<{ ticket: string; magic: number }> {
		const positions = this.#positions.get(accountId) ?? [];
		this.#positions.set(accountId, positions);
		return positions;
	}
}
