/** Says so when the process stood still: whoever holds up the event loop holds up every Stop. */
import type { TimerClock } from '#lib/domain/clock.ts';
import type { Logger } from './logger.ts';

/** Between two looks. */
export const EVENT_LOOP_MS = 500;
const ALARM_MS = 1_000;

/** @returns a look, to be called every EVENT_LOOP_MS from now on: one that comes late was held up, also the first */
export function createEventLoopWatch(clock: Pick<TimerClock, 'monotonicMs'>, logger: Logger): () => void {
	let dueAtMs = clock.monotonicMs() + EVENT_LOOP_MS;
	return () => {
		const nowMs = clock.monotonicMs();
		const lateMs = Math.round(nowMs - dueAtMs);
		dueAtMs = nowMs + EVENT_LOOP_MS;
		if (lateMs > ALARM_MS) logger.error({ lateMs }, 'the event loop stood still');
	};
}
