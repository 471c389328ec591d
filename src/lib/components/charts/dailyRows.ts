import type { CurvePointView } from '#lib/domain/analyticsViews.ts';

/** One row a day: the last point of it of which anything is known; the newest day first. */
export function dailyRows(points: readonly CurvePointView[]): CurvePointView[] {
	const days = Map.groupBy(
		points.filter(({ equity, balance }) => equity !== null || balance !== null),
		({ at }) => at.slice(0, 10)
	);
	return [...days.values()].flatMap((own) => own.at(-1) ?? []).reverse();
}
