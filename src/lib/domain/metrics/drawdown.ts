/**
 * Drawdown: how far a curve fell below the highest point it had reached before. Over a curve of profit it is
 * money, over a growth index (growth.ts) it is a share; in both, deposits and withdrawals play no part.
 */
import { Decimal, ZERO } from './money.ts';

export interface CurvePoint {
	atMs: number;
	value: Decimal;
}

export interface Drawdown {
	/** Peak − trough, zero or more, in the curve's unit. */
	depth: Decimal;
	/** Depth ÷ peak, 0 to 1; null when the peak is not above zero. */
	share: Decimal | null;
	peakAtMs: number;
	troughAtMs: number;
	/** When the curve was back at the peak; null while it is not. */
	recoveredAtMs: number | null;
}

/**
 * The deepest fall of the curve; null when it never fell.
 * @param points in the order of time
 * @param measure what makes one fall deeper than another: its depth, or its share of the peak
 * @see Magdon-Ismail & Atiya, "Maximum drawdown", Risk 17 (2004)
 */
export function maxDrawdown(
	points: readonly CurvePoint[],
	measure: 'depth' | 'share' = 'depth'
): Drawdown | null {
	let deepest: Drawdown | null = null;
	let peak: CurvePoint | undefined;
	const sizeOf = (drawdown: Drawdown): Decimal =>
		(measure === 'depth' ? drawdown.depth : drawdown.share) ?? ZERO;

	for (const point of points) {
		if (peak === undefined || point.value.gte(peak.value)) {
			if (deepest !== null && deepest.peakAtMs === peak?.atMs) deepest.recoveredAtMs ??= point.atMs;
			peak = point;
			continue;
		}
		const depth = peak.value.minus(point.value);
		const fall: Drawdown = {
			depth,
			share: peak.value.gt(0) ? depth.div(peak.value) : null,
			peakAtMs: peak.atMs,
			troughAtMs: point.atMs,
			recoveredAtMs: null
		};
		if (sizeOf(fall).gt(deepest === null ? ZERO : sizeOf(deepest))) deepest = fall;
	}
	return deepest;
}

/** The falls themselves, for the curve below an equity chart: zero or negative at every point. */
export function underwater(points: readonly CurvePoint[]): CurvePoint[] {
	let peak: Decimal | undefined;
	return points.map(({ atMs, value }) => {
		peak = peak === undefined ? value : Decimal.max(peak, value);
		return { atMs, value: value.minus(peak) };
	});
}
