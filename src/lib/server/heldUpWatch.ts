/**
 * Notices that this process stood still: stopped and continued, a machine that slept, an event loop that was
 * blocked. Requests that came meanwhile lay unread, and are read now as if they had just come; how old they are,
 * nobody can say.
 */
import type { TimerClock } from '#lib/domain/clock.ts';

/** Between two looks. */
export const HELD_UP_LOOK_MS = 500;
/** So long without a look, and people have given their presses up. */
const HELD_UP_MS = 5_000;
/** What lay there is read, and has reached its route, within this time. */
const READ_WITHIN_MS = 2_000;

export interface HeldUpWatch {
	/** To be called every HELD_UP_LOOK_MS. */
	look(): void;
	/** What is read now may have lain there for longer than HELD_UP_MS. */
	isJustAwake(): boolean;
	/** What is read now may be so much older than it says; 0 when this process did not just stand still. */
	standstillMs(): number;
}

export function createHeldUpWatch(clock: Pick<TimerClock, 'monotonicMs' | 'wallMs'>): HeldUpWatch {
	let looked = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
	let awakeAtMs = -Infinity;
	let stoodStillMs = 0;
	const watch: HeldUpWatch = {
		look() {
			const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
			// The monotonic clock may sleep with the machine, the wall clock may be set: the greater word counts.
			const passedMs = Math.max(now.monotonicMs - looked.monotonicMs, now.wallMs - looked.wallMs);
			if (passedMs > HELD_UP_MS) {
				awakeAtMs = now.monotonicMs;
				stoodStillMs = passedMs;
			}
			looked = now;
		},
		isJustAwake() {
			// The request may be read before the timer of the next look runs.
			watch.look();
			return clock.monotonicMs() - awakeAtMs < READ_WITHIN_MS;
		},
		standstillMs: () => (watch.isJustAwake() ? stoodStillMs : 0)
	};
	return watch;
}
