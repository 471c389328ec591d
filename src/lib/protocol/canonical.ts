/**
 * One text for one JSON value: keys sorted, nothing in between. What is signed is this text of every field of a
 * frame, so a field that a later version adds is covered without a word here.
 */

/** Fields of a frame that carry it and say nothing: who signs the rest need not sign them. */
const ENVELOPE = new Set(['v', 'id', 'type', 'signature']);

/** @param value what JSON can say; a field that is undefined is left out, as JSON.stringify does */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const fields = Object.entries(value)
		.filter(([, field]) => field !== undefined)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
	return `{${fields.join(',')}}`;
}

/** The canonical text of everything that a frame says. */
export function canonicalFrame(frame: object): string {
	return canonicalJson(Object.fromEntries(Object.entries(frame).filter(([key]) => !ENVELOPE.has(key))));
}
