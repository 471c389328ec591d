/** Waiting for a condition instead of for a time. */
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Looks until `check` gives something other than false, null or undefined, and answers with that.
 * The limit is for a machine under load; what a requirement bounds, its test measures.
 * @param description what is waited for, as the end of “timed out waiting for …”
 * @throws Error with the last error of `check`, if it threw, when the time is up
 */
export async function waitFor<T>(
	description: string,
	check: () => T | Promise<T>,
	{ timeoutMs = 30_000 }: { timeoutMs?: number } = {}
): Promise<NonNullable<Exclude<T, false>>> {
	const deadline = performance.now() + timeoutMs;
	let lastError: unknown;
	for (;;) {
		try {
			const value = await check();
			if (value !== false && value !== null && value !== undefined)
				return value as NonNullable<Exclude<T, false>>;
			lastError = undefined;
		} catch (error) {
			lastError = error;
		}
		if (performance.now() >= deadline)
			throw new Error(`timed out after ${timeoutMs} ms waiting for ${description}`, { cause: lastError });
		await sleep(POLL_MS);
	}
}
