/** Counts what arrives, and says when the last of so many came (ms since 1970, the same clock in all processes). */
export function countArrivals(): { one(): void; received(count: number): Promise<number> } {
	let arrived = 0;
	let waiting: { count: number; done: (atMs: number) => void } | null = null;
	return {
		one() {
			arrived++;
			if (!waiting || arrived < waiting.count) return;
			const { done } = waiting;
			waiting = null;
			done(Date.now());
		},
		received(count) {
			arrived = 0;
			return new Promise((done) => (waiting = { count, done }));
		}
	};
}
