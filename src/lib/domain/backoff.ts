/**
 * Full-jitter back-off: a random wait between zero and an exponentially growing cap.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt failures so far, from 0
 * @param random uniform in [0, 1)
 * @returns milliseconds to wait
 */
export function fullJitter(attempt: number, baseMs: number, capMs: number, random: () => number): number {
	const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
	return Math.floor(random() * ceiling);
}
