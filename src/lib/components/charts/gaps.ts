/**
 * Points of a line that is broken where nothing is known. The chart library draws a line from each point to the next
 * one that has a value, whatever lies between; so the last point before a hole is made transparent, which hides the
 * stroke that leads on from it.
 */
export interface Sample {
	/** Seconds since 1970, as the library counts. */
	time: number;
	/** Null: not known. */
	value: number | null;
	/** Not known between the sample before and this one. */
	isAfterGap: boolean;
}

export interface BrokenLine<Mark extends object> {
	points: (({ time: number; value: number } & Partial<Mark>) | { time: number })[];
	/** Times of points that stand alone, and are no line: to be marked. */
	alone: number[];
}

/** @param hidden what makes a point's stroke invisible */
export function breakLine<Mark extends object>(samples: readonly Sample[], hidden: Mark): BrokenLine<Mark> {
	const alone: number[] = [];
	const isJoined = (a: Sample | undefined, b: Sample | undefined): boolean =>
		a !== undefined && b !== undefined && a.value !== null && b.value !== null && !b.isAfterGap;
	const lastKnown = samples.findLastIndex(({ value }) => value !== null);
	const points = samples.map((sample, n) => {
		const { time, value } = sample;
		if (value === null) return { time };
		const leadsOn = isJoined(sample, samples[n + 1]);
		if (!leadsOn && !isJoined(samples[n - 1], sample)) alone.push(time);
		// After the last one there is no stroke to hide, and its colour is that of the label on the axis.
		return leadsOn || n === lastKnown ? { time, value } : { time, value, ...hidden };
	});
	return { points, alone };
}
