/**
 * What an address of the API answers, asked again now and then while the page is looked at. What was there stays until
 * the next answer, but never under another address: it would be of other accounts or other days.
 */
import { callApi } from '../live/api.ts';

const AGAIN_MS = 120_000;

export class Fetched<Body> {
	readonly #address: () => string | null;
	#current = $state.raw<{ address: string; body: Body } | null>(null);
	#refusal = $state<string | null>(null);

	/** To be made while a component is. @param address null: nothing is asked for */
	constructor(address: () => string | null) {
		this.#address = address;
		$effect(() => {
			const asked = address();
			if (asked === null) return;
			let isGone = false;
			this.#refusal = null;
			const ask = async () => {
				const answer = await callApi<Body>(asked);
				if (isGone) return;
				if (answer.ok) this.#current = { address: asked, body: answer.body };
				this.#refusal = answer.ok ? null : answer.refusal.message;
			};
			void ask();
			const timer = setInterval(() => document.visibilityState === 'visible' && void ask(), AGAIN_MS);
			return () => {
				isGone = true;
				clearInterval(timer);
			};
		});
	}

	/** Null before the first answer. */
	get current(): Body | null {
		return this.#current?.address === this.#address() ? this.#current.body : null;
	}

	/** Why there is no newer answer; null while all is well. */
	get refusal(): string | null {
		return this.#refusal;
	}
}
