/** Ages and moments in words. Every time is in milliseconds of the server's clock. */

/** `2 s`, `3 min`, `5 h`, `4 d`; never a negative age. */
export function formatAge(ageMs: number): string {
	const seconds = Math.max(0, Math.floor(ageMs / 1000));
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min`;
	const hours = Math.floor(minutes / 60);
	return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** `1.4 s`, `32 s`, `2 min 5 s` */
export function formatDuration(durationMs: number): string {
	if (durationMs < 10_000) return `${(durationMs / 1000).toFixed(1)} s`;
	const seconds = Math.round(durationMs / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const two = (part: number) => String(part).padStart(2, '0');

/** `14:02:11` today, `20 Nov 14:02:11` on another day, in the zone asked for. */
export function formatMoment(atMs: number, nowMs: number, zone: 'local' | 'utc'): string {
	const isUtc = zone === 'utc';
	const parts = (ms: number) => {
		const date = new Date(ms);
		return isUtc
			? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
			: [date.getFullYear(), date.getMonth(), date.getDate()];
	};
	const at = new Date(atMs);
	const clock = isUtc
		? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} UTC`
		: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
	const [year, month = 0, day] = parts(atMs);
	if (parts(nowMs).join() === [year, month, day].join()) return clock;
	const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
	const thisYear = parts(nowMs)[0] === year;
	return `${day} ${MONTHS[month]}${thisYear ? '' : ` ${year}`} ${clock}`;
}
