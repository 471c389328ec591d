/**
 * Asks for password or second factor where the server wants them anew, and then repeats what was refused. Owns
 * the one question that is open. Built by the layout of the signed-in pages, read from context below it.
 */
import { createContext } from 'svelte';
import { callApi, type Answer, type ApiRequest } from '../live/api.ts';

export class StepUp {
	#question = $state<{ message: string; answer: (isConfirmed: boolean) => void } | null>(null);
	#open: Promise<boolean> | null = null;

	/** What to confirm; null while nothing is asked. */
	get message(): string | null {
		return this.#question?.message ?? null;
	}

	/** As `callApi`; when the person declines, the refusal is the answer. */
	async call<Body>(path: string, request?: ApiRequest): Promise<Answer<Body>> {
		const answer = await callApi<Body>(path, request);
		if (answer.ok || answer.refusal.code !== 'STEP_UP_REQUIRED') return answer;
		return (await this.#ask(answer.refusal.message)) ? callApi<Body>(path, request) : answer;
	}

	settle(isConfirmed: boolean): void {
		this.#question?.answer(isConfirmed);
		this.#question = null;
		this.#open = null;
	}

	/** Two that need it at once share one question. */
	#ask(message: string): Promise<boolean> {
		this.#open ??= new Promise((answer) => (this.#question = { message, answer }));
		return this.#open;
	}
}

export const [useStepUp, provideStepUp] = createContext<StepUp>();
