/**
 * The simulated market. A price is a pure function of symbol and time: sums of smooth noise whose swing
 * grows with the square root of its period, which looks like a random walk. So all terminals see the same
 * prices, and a restarted terminal goes on where the market is, without any stored state.
 */
import { findSymbol, type SymbolSpec } from './symbols.ts';

export interface Quote {
	bidPoints: number;
	askPoints: number;
	/** Wall-clock time of this tick, ms. */
	atMs: number;
}

const OCTAVES_S = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384];

/** FNV-1a: the seed is the symbol's name. */
function seedOf(name: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
	return hash >>> 0;
}

/** A fixed pseudo-random number from -1 to 1 for each lattice point. */
function lattice(seed: number, octave: number, index: number): number {
	let x = (seed ^ Math.imul(octave + 1, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b)) >>> 0;
	x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
	x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
	return ((x ^ (x >>> 16)) >>> 0) / 0x7fffffff - 1;
}

/** Middle price in points at a time. */
export function midPoints(spec: SymbolSpec, atMs: number): number {
	const seed = seedOf(spec.name);
	let offset = 0;
	for (const [octave, periodS] of OCTAVES_S.entries()) {
		const place = atMs / 1000 / periodS;
		const index = Math.floor(place);
		const t = place - index;
		const smooth = t * t * (3 - 2 * t);
		const from = lattice(seed, octave, index);
		offset +=
			(from + (lattice(seed, octave, index + 1) - from) * smooth) * spec.stepPoints * Math.sqrt(periodS);
	}
	return spec.basePoints + Math.round(offset);
}

/** The quotes that one terminal has; they move only when it is told that a tick came. */
export class Market {
	readonly #quotes = new Map<string, Quote>();
	readonly #now: () => number;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** A new tick of each symbol. */
	tick(symbols: Iterable<string>): void {
		for (const name of symbols) {
			const spec = findSymbol(name);
			if (spec) this.#tickOf(spec);
		}
	}

	/** Newest quote; a symbol asked for the first time gets one. */
	quote(spec: SymbolSpec): Quote {
		return this.#quotes.get(spec.name) ?? this.#tickOf(spec);
	}

	#tickOf(spec: SymbolSpec): Quote {
		const atMs = this.#now();
		const bidPoints = midPoints(spec, atMs) - Math.floor(spec.spreadPoints / 2);
		const quote = { bidPoints, askPoints: bidPoints + spec.spreadPoints, atMs };
		this.#quotes.set(spec.name, quote);
		return quote;
	}
}
