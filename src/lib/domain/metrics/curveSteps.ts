/**
 * How long the slots of a curve are: as fine as what is kept of the snapshots (docs/metrics.md), and no finer than a
 * screen can show.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** MetaTrader's M5, M15, H1, H4 and D1. */
const STEPS_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS];
const MOST_POINTS = 800;

/** Of every minute one snapshot is kept for so long, then of each quarter of an hour (thinSnapshots.ts)… */
export const KEEP_MINUTES_MS = 2 * DAY_MS;
/** …and after so long of each day. */
export const KEEP_QUARTERS_MS = 90 * DAY_MS;

/** @returns the length of a slot for a curve from `fromMs` to `untilMs` */
export function curveStepMs(fromMs: number, untilMs: number, nowMs: number): number {
	const ageMs = nowMs - fromMs;
	// A day is let pass, since the oldest day of the range is thinned while it is looked at.
	const finestMs =
		ageMs > KEEP_QUARTERS_MS + DAY_MS ? DAY_MS : ageMs > KEEP_MINUTES_MS ? 15 * MINUTE_MS : 5 * MINUTE_MS;
	return (
		STEPS_MS.find((stepMs) => stepMs >= finestMs && (untilMs - fromMs) / stepMs <= MOST_POINTS) ?? DAY_MS
	);
}
