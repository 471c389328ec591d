/** Small tools around AbortSignal. */
import { type Clock } from './clock.ts';

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

/** Runs `work` with a signal that is aborted after `ms`, or with its parent. */
export async function withinMs<T>(
	ms: number,
	clock: Clock,
	parent: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
	const { controller, release } = childOf(parent);
	const over = new AbortController();
	clock.sleep(ms, over.signal).then(
		() => controller.abort(new Error(`not done within ${ms} ms`)),
		() => {}
	);
	try {
		return await work(controller.signal);
	} finally {
		over.abort();
		release();
	}
}
