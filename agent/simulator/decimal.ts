/** Decimal text to whole numbers of hundredths and back: money in cents, volumes in hundredths of a lot. */

/** Hundredths of "12.3" or "-12.34"; null for anything else. */
export function toHundredths(text: string): number | null {
	const parts = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
	if (!parts) return null;
	const [, sign, whole, fraction = ''] = parts;
	const value = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
	return sign === '-' && value !== 0 ? -value : value;
}

/** A whole number of units of 10^-digits as decimal text. */
export function toDecimalText(scaled: number, digits = 2): string {
	const text = Math.abs(scaled)
		.toString()
		.padStart(digits + 1, '0');
	const sign = scaled < 0 ? '-' : '';
	return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** a / b, rounded half away from zero. */
export function divideRounded(a: bigint, b: bigint): number {
	const doubled = 2n * a;
	const rounded = (doubled < 0n ? doubled - b : doubled + b) / (2n * b);
	return Number(rounded);
}
