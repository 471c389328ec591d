/**
 * Exact sums of decimal strings. Money and lots travel as text and are never turned into floats; here they
 * are added as whole numbers of the finest digit present.
 */
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

interface Scaled {
	units: bigint;
	fractionDigits: number;
}

function parse(text: string): Scaled {
	const match = DECIMAL.exec(text);
	if (match === null) throw new RangeError(`not a decimal number: ${text}`);
	const [, sign = '', whole = '0', fraction = ''] = match;
	const magnitude = BigInt(whole + fraction);
	return { units: sign === '-' ? -magnitude : magnitude, fractionDigits: fraction.length };
}

function print({ units, fractionDigits }: Scaled): string {
	const digits = (units < 0n ? -units : units).toString().padStart(fractionDigits + 1, '0');
	const sign = units < 0n ? '-' : '';
	if (fractionDigits === 0) return sign + digits;
	return `${sign}${digits.slice(0, -fractionDigits)}.${digits.slice(-fractionDigits)}`;
}

/** The exact sum, with as many fraction digits as the finest summand; `0` of none. */
export function addDecimals(...texts: readonly string[]): string {
	const summands = texts.map(parse);
	const fractionDigits = Math.max(0, ...summands.map((summand) => summand.fractionDigits));
	const units = summands.reduce(
		(sum, summand) => sum + summand.units * 10n ** BigInt(fractionDigits - summand.fractionDigits),
		0n
	);
	return print({ units, fractionDigits });
}

/** −1, 0 or 1. */
export function signOf(text: string): -1 | 0 | 1 {
	const { units } = parse(text);
	return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** −1, 0 or 1: whether `a` is less than, equal to, or more than `b`. */
export function compareDecimals(a: string, b: string): -1 | 0 | 1 {
	return signOf(addDecimals(a, b.startsWith('-') ? b.slice(1) : `-${b}`));
}

/** With exactly this many fraction digits; what is cut off is rounded half away from zero, as MT5 does. */
export function roundDecimal(text: string, fractionDigits: number): string {
	const { units, fractionDigits: present } = parse(text);
	if (present <= fractionDigits) {
		return print({ units: units * 10n ** BigInt(fractionDigits - present), fractionDigits });
	}
	const divisor = 10n ** BigInt(present - fractionDigits);
	const half = units < 0n ? -(divisor / 2n) : divisor / 2n;
	return print({ units: (units + half) / divisor, fractionDigits });
}

/** The exact product, with the fraction digits of both factors. */
export function multiplyDecimals(a: string, b: string): string {
	const [one, other] = [parse(a), parse(b)];
	return print({
		units: one.units * other.units,
		fractionDigits: one.fractionDigits + other.fractionDigits
	});
}
