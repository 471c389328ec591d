/** Chance from a seed: the same seed gives the same numbers, on every machine. */
export interface Chance {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform in [low, high). */
	between(low: number, high: number): number;
	/** True with this probability. */
	hits(probability: number): boolean;
	pick<T>(items: readonly T[]): T;
	/** Time to the next of events that come `meanMs` apart on average. */
	exponential(meanMs: number): number;
	/** A stream of its own, so that drawing more here changes nothing there. */
	fork(name: string): Chance;
}

/** sfc32 by Chris Doty-Humphrey: small, fast, and good enough to roll dice. */
export function chanceOf(seed: string): Chance {
	let [a, b, c, d] = hash(seed);
	const next = (): number => {
		const t = (((a + b) | 0) + d) | 0;
		d = (d + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + t;
		c |= 0;
		return (t >>> 0) / 4_294_967_296;
	};
	for (let i = 0; i < 12; i++) next();
	const chance: Chance = {
		next,
		between: (low, high) => low + next() * (high - low),
		hits: (probability) => next() < probability,
		pick(items) {
			const item = items[Math.floor(next() * items.length)];
			if (item === undefined) throw new Error('nothing to pick from');
			return item;
		},
		exponential: (meanMs) => -Math.log(1 - next()) * meanMs,
		fork: (name) => chanceOf(`${seed}/${name}`)
	};
	return chance;
}

/** FNV-1a, four times with different beginnings. */
function hash(text: string): [number, number, number, number] {
	const one = (start: number): number => {
		let value = start;
		for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
		return value | 0;
	};
	return [one(0x811c9dc5), one(0x01000193), one(0x9e3779b9), one(0x7f4a7c15)];
}
