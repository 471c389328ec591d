/** The accounts' growth as lines beside each other: each with a colour, a line style and a name. */
import type { ComparisonView } from '#lib/domain/analyticsViews.ts';
import { SERIES_COLOURS } from './colours.ts';

const DAY_MS = 86_400_000;

/** Dashes in pixels, solid first; the library's own styles, so that the legend looks as the line does. */
export const DASHES = ['', '2 2', '6 6', '8 8', '2 8'] as const;

export interface GrowthLine {
	id: string;
	name: string;
	kind: ComparisonView['accounts'][number]['kind'];
	/** Which of the colours, from 0. */
	colour: number;
	/** Which of the line styles, from 0. */
	style: number;
	/** By the end of each day, from the day before the range, where all begin at zero. */
	points: { day: string; gain: string }[];
	/** The last known; null: the account had no capital in the range. */
	gain: string | null;
}

const dayBefore = (day: string): string => new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);

/** Days up to which the account was heard: after them it may have gained or lost, and nobody knows. */
function heardGrowth({ growth, seenAt }: ComparisonView['accounts'][number]): typeof growth {
	const lastChange = growth.findLast(({ gain }, n) => gain !== (growth[n - 1]?.gain ?? '0'))?.day ?? '';
	const seenDay = seenAt?.slice(0, 10) ?? '';
	const lastDay = seenDay > lastChange ? seenDay : lastChange;
	return growth.filter(({ day }) => day <= lastDay);
}

/** In the order of the accounts; those without capital in the range come last, and have no line. */
export function growthLines({ accounts, range }: Pick<ComparisonView, 'accounts' | 'range'>): GrowthLine[] {
	return accounts
		.map((account, n) => {
			const heard = heardGrowth(account);
			const start = { day: dayBefore(heard[0]?.day ?? range.from), gain: '0' };
			return {
				id: account.id,
				name: account.name,
				kind: account.kind,
				colour: n % SERIES_COLOURS,
				style: n % DASHES.length,
				points: heard.length === 0 ? [] : [start, ...heard],
				gain: heard.at(-1)?.gain ?? null
			};
		})
		.sort((a, b) => Number(a.gain === null) - Number(b.gain === null));
}

/** All days of the lines, each once. */
export const daysOfLines = (lines: readonly GrowthLine[]): string[] =>
	[...new Set(lines.flatMap(({ points }) => points.map(({ day }) => day)))].sort();

/** By the end of a day; null where it is not known. */
export const gainOn = ({ points }: GrowthLine, day: string | undefined): string | null =>
	points.find((point) => point.day === day)?.gain ?? null;
