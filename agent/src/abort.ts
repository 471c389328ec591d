/** Small tools around AbortSignal. */

/** Waits for `promise`, but no longer than until the signal; the promise itself goes on. @throws the reason */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	signal.throwIfAborted();
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const onAbort = (): void => reject(signal.reason);
	signal.addEventListener('abort', onAbort, { once: true });
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}

/** A controller that is aborted with its parent; call `release` when its work is over. */
export function childOf(parent: AbortSignal): { controller: AbortController; release: () => void } {
	const controller = new AbortController();
	const onAbort = (): void => controller.abort(parent.reason);
	if (parent.aborted) onAbort();
	parent.addEventListener('abort', onAbort, { once: true });
	return { controller, release: () => parent.removeEventListener('abort', onAbort) };
}
