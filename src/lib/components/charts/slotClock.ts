/** By which clock a chart's slots are named, where they are shorter than a day. Days are always those of UTC. */
import { brokerOffsetAt, takenClock, type ClockChoice } from '../ui/shownClock.ts';
import { ownOffsetMin } from '../ui/tradeTime.ts';

const MINUTE_MS = 60_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface SlotClock {
	/** Whose it is, as in “times are …”. */
	word: string;
	/** The moment as that clock shows it, written as if it were UTC. */
	shown(atMs: number): Date;
}

export function slotClock(choice: ClockChoice): SlotClock {
	const { nowMs, zone, brokerNowMin } = choice;
	const taken = takenClock(choice);
	const offsetAt = (atMs: number): number => {
		if (taken === 'UTC') return 0;
		if (taken === 'BROKER' && brokerNowMin !== null) return brokerOffsetAt(atMs, brokerNowMin, nowMs);
		return ownOffsetMin(atMs, zone);
	};
	return {
		word: taken === 'BROKER' ? 'the broker’s' : taken === 'UTC' || zone === 'utc' ? 'UTC' : 'your own',
		shown: (atMs) => new Date(atMs + offsetAt(atMs) * MINUTE_MS)
	};
}

/** The clock that all these accounts' brokers have; null when they differ, or one is not known. */
export function commonOffsetMin(
	accounts: readonly { vitals: { brokerOffsetMin: number } | null }[]
): number | null {
	const offsets = new Set(accounts.map(({ vitals }) => vitals?.brokerOffsetMin ?? null));
	const [only = null] = offsets;
	return offsets.size === 1 ? only : null;
}

/** `14:00`, or with its day where one begins in UTC: `21 Nov`, `21 Nov 02:00`. */
export function tickLabel(atMs: number, isDay: boolean, clock: SlotClock): string {
	const shown = clock.shown(atMs);
	const time = shown.toISOString().slice(11, 16);
	if (!isDay) return time;
	const day = `${shown.getUTCDate()} ${MONTHS[shown.getUTCMonth()]}`;
	return time === '00:00' ? day : `${day} ${time}`;
}
