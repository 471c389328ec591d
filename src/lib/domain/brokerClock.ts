/**
 * How far the clock of a broker's server was ahead of UTC at a moment of the past. MetaTrader 5 gives deals the time
 * of that clock and says only how far it is ahead now (docs/decisions/0023-time-of-past-deals.md).
 */

/** While the clock showed these times (ms as if UTC, both included) it was seen to be ahead of UTC by this. */
export interface SeenOffset {
	fromMs: number;
	untilMs: number;
	offsetMin: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const EET_MIN = 120;
/** A terminal that was off over the weekend notices a change late. */
const LATE_MS = 2 * DAY_MS;

/** The clock of a place with summer time. */
export interface Zone {
	winterMin: number;
	calendar: 'eu' | 'us';
}

/** Midnight UTC of the n-th Sunday of a month; -1 is the last one. */
function sundayMs(year: number, month: number, n: number): number {
	const first = Date.UTC(year, month, n > 0 ? 1 : 31);
	const day = new Date(first).getUTCDay();
	if (n < 0) return first - day * DAY_MS;
	return first + (((7 - day) % 7) + (n - 1) * 7) * DAY_MS;
}

/** The summer of a year, in UTC. EU: Directive 2000/84/EC. US: Energy Policy Act of 2005, New York's clock. */
function summerOf(year: number, calendar: Zone['calendar']): [fromMs: number, untilMs: number] {
	if (calendar === 'eu') return [sundayMs(year, 2, -1) + HOUR_MS, sundayMs(year, 9, -1) + HOUR_MS];
	return [sundayMs(year, 2, 2) + 7 * HOUR_MS, sundayMs(year, 10, 1) + 6 * HOUR_MS];
}

/** How far this zone is ahead of UTC at a moment of UTC, in minutes. */
export function zoneOffsetMin({ winterMin, calendar }: Zone, utcMs: number): number {
	const [fromMs, untilMs] = summerOf(new Date(utcMs).getUTCFullYear(), calendar);
	return utcMs >= fromMs && utcMs < untilMs ? winterMin + 60 : winterMin;
}

/** The same by the zone's own clock. Of the hour that there is twice, the second; of the one that is not, as before it. */
function zoneOffsetAtClock(zone: Zone, clockMs: number): number {
	const winterMs = clockMs - zone.winterMin * 60_000;
	if (zoneOffsetMin(zone, winterMs) === zone.winterMin) return zone.winterMin;
	return zoneOffsetMin(zone, winterMs - HOUR_MS);
}

function agrees(zone: Zone, { fromMs, untilMs, offsetMin }: SeenOffset): boolean {
	return [fromMs, untilMs].every((clockMs) =>
		[0, -LATE_MS, LATE_MS].some((lateMs) => zoneOffsetAtClock(zone, clockMs + lateMs) === offsetMin)
	);
}

/** The first zone with summer time that all that was seen agrees with; null when there is none. */
function zoneOf(seen: readonly SeenOffset[]): Zone | null {
	const offsets = seen.map(({ offsetMin }) => offsetMin);
	const winters = new Set([EET_MIN, ...(new Set(offsets).size === 2 ? [Math.min(...offsets)] : [])]);
	for (const winterMin of winters)
		for (const calendar of ['eu', 'us'] as const)
			if (seen.every((each) => agrees({ winterMin, calendar }, each))) return { winterMin, calendar };
	return null;
}

const distanceMs = ({ fromMs, untilMs }: SeenOffset, clockMs: number): number =>
	Math.max(0, fromMs - clockMs, clockMs - untilMs);

/**
 * The offset when the broker's clock showed `clockMs`: as it was seen then; else by the calendar that agrees with
 * all that was seen; else as it was seen nearest to it.
 * @param seen at least one, oldest first
 */
export function brokerOffsetMin(seen: readonly SeenOffset[], clockMs: number): number {
	const then = seen.findLast((each) => distanceMs(each, clockMs) === 0);
	if (then) return then.offsetMin;
	const zone = zoneOf(seen);
	if (zone) return zoneOffsetAtClock(zone, clockMs);
	const byDistance = seen.toSorted((a, b) => distanceMs(a, clockMs) - distanceMs(b, clockMs));
	return byDistance[0]?.offsetMin ?? 0;
}

/** How many changes of a clock are remembered: four years of summer time. */
const MOST_SEEN = 8;

/** Notes that the clock shows `clockMs` and is ahead by `offsetMin`. @returns what was seen, oldest first */
export function seeOffset(seen: readonly SeenOffset[], clockMs: number, offsetMin: number): SeenOffset[] {
	const last = seen.at(-1);
	if (last?.offsetMin === offsetMin)
		return [...seen.slice(0, -1), { ...last, untilMs: Math.max(last.untilMs, clockMs) }];
	return [...seen, { fromMs: clockMs, untilMs: clockMs, offsetMin }].slice(-MOST_SEEN);
}
