import type { TimerClock } from '#lib/domain/clock.ts';

/**
 * Joins single look-ups into one query: what is asked while a query runs goes into the next one. Two thousand
 * agents that come back at once cost tens of queries, not thousands.
 */
export function batched<Q, A>(
	maxSize: number,
	clock: Pick<TimerClock, 'soon'>,
	ask: (questions: Q[]) => Promise<(A | null)[]>
): (question: Q) => Promise<A | null> {
	let waiting: { question: Q; resolve: (answer: A | null) => void; reject: (error: unknown) => void }[] = [];
	let isRunning = false;

	async function run(): Promise<void> {
		while (waiting.length > 0) {
			const batch = waiting.slice(0, maxSize);
			waiting = waiting.slice(maxSize);
			try {
				const answers = await ask(batch.map((entry) => entry.question));
				batch.forEach((entry, i) => entry.resolve(answers[i] ?? null));
			} catch (error) {
				for (const entry of batch) entry.reject(error);
			}
		}
		isRunning = false;
	}

	return (question) =>
		new Promise((resolve, reject) => {
			waiting.push({ question, resolve, reject });
			if (isRunning) return;
			isRunning = true;
			clock.soon(() => void run());
		});
}
