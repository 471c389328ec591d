/** What a benchmark says: one row per metric, beside its floor. */
export interface Row {
	scenario: string;
	metric: string;
	value: number;
	/** The same work at its barest, measured in the same run; null where there is none. */
	floor: number | null;
	/** value ÷ floor, or floor ÷ value where more is better: 1 is the floor itself, 2 is twice as costly. */
	ratio: number | null;
	unit: string;
}

export function row(
	scenario: string,
	metric: string,
	unit: string,
	value: number,
	floor: number | null = null,
	{ isMoreBetter = false } = {}
): Row {
	const ratio = floor === null ? null : isMoreBetter ? floor / value : value / floor;
	return {
		scenario,
		metric,
		value: round(value),
		floor: floor === null ? null : round(floor),
		ratio: ratio === null ? null : round(ratio),
		unit
	};
}

const round = (n: number): number => Math.round(n * 1000) / 1000;

/** @param q from 0 to 1; nearest rank */
export function quantile(samples: readonly number[], q: number): number {
	const sorted = [...samples].sort((a, b) => a - b);
	const value = sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
	if (value === undefined) throw new Error('no samples');
	return value;
}

export function formatTable(rows: readonly Row[]): string {
	const cells = [
		['scenario', 'metric', 'value', 'floor', 'ratio', 'unit'],
		...rows.map((r) => [
			r.scenario,
			r.metric,
			String(r.value),
			r.floor === null ? '–' : String(r.floor),
			r.ratio === null ? '–' : `${r.ratio}×`,
			r.unit
		])
	];
	const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
	const line = (parts: string[]) =>
		`| ${parts.map((part, i) => (i >= 2 && i <= 4 ? part.padStart(widths[i] ?? 0) : part.padEnd(widths[i] ?? 0))).join(' | ')} |`;
	const [head = [], ...body] = cells;
	const rule = `|${widths.map((w, i) => (i >= 2 && i <= 4 ? `${'-'.repeat(w + 1)}:` : '-'.repeat(w + 2))).join('|')}|`;
	return [line(head), rule, ...body.map(line)].join('\n');
}
