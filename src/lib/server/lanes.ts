/** Runs what is asked under the same key one after the other, and different keys side by side. */
export type Lanes = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

export function createLanes(): Lanes {
	const lasts = new Map<string, Promise<unknown>>();
	function inLane<T>(key: string, work: () => Promise<T>): Promise<T> {
		const before = lasts.get(key) ?? Promise.resolve();
		const result = before.then(work);
		const over = result.then(
			() => undefined,
			() => undefined
		);
		lasts.set(key, over);
		void over.then(() => {
			if (lasts.get(key) === over) lasts.delete(key);
		});
		return result;
	}
	// All in the same order: two that need the same lanes do not wait for each other in a circle.
	return (keys, work) => [...keys].sort().reduceRight((inner, key) => () => inLane(key, inner), work)();
}
