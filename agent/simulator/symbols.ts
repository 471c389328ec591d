/**
 * The simulated broker's symbols, and what a price difference is worth. Prices are whole points, volumes
 * hundredths of a lot, money cents. Accounts in another currency than USD are reckoned as if 1:1.
 */
import { divideRounded } from './decimal.ts';

export type Side = 'buy' | 'sell';

export interface SymbolSpec {
	name: string;
	/** Digits of the price after the point; one point is 10^-digits. */
	digits: number;
	/** Units of the base in one lot. */
	contractSize: number;
	spreadPoints: number;
	basePoints: number;
	/** Typical move within one second. */
	stepPoints: number;
	/** The account's currency is the quote of the pair, or (USDJPY) its base. */
	accountCurrencyIs: 'quote' | 'base';
}

const quoted = { accountCurrencyIs: 'quote' as const };

const SPECS: readonly SymbolSpec[] = [
	{
		name: 'EURUSD',
		digits: 5,
		contractSize: 100_000,
		spreadPoints: 8,
		basePoints: 108_400,
		stepPoints: 1.5,
		...quoted
	},
	{
		name: 'GBPUSD',
		digits: 5,
		contractSize: 100_000,
		spreadPoints: 11,
		basePoints: 127_300,
		stepPoints: 2,
		...quoted
	},
	{
		name: 'USDJPY',
		digits: 3,
		contractSize: 100_000,
		spreadPoints: 9,
		basePoints: 151_200,
		stepPoints: 2,
		accountCurrencyIs: 'base'
	},
	{
		name: 'XAUUSD',
		digits: 2,
		contractSize: 100,
		spreadPoints: 22,
		basePoints: 265_000,
		stepPoints: 8,
		...quoted
	},
	{
		name: 'US30',
		digits: 1,
		contractSize: 1,
		spreadPoints: 20,
		basePoints: 440_000,
		stepPoints: 15,
		...quoted
	}
];
const BY_NAME = new Map(SPECS.map((spec) => [spec.name, spec]));

const LEVERAGE = 100n;

export const SYMBOL_NAMES: readonly string[] = SPECS.map((spec) => spec.name);

/** @param name the broker's own, with or without suffix */
export function findSymbol(name: string): SymbolSpec | null {
	return BY_NAME.get(/^[A-Z0-9]*/.exec(name)?.[0] ?? '') ?? null;
}

/** The broker's name of the symbol that is meant, when it puts `suffix` behind each; null when it has none such. */
export function resolveSymbol(wanted: string, suffix: string): string | null {
	if (suffix !== '' && BY_NAME.has(wanted)) return wanted + suffix;
	return BY_NAME.has(wanted.slice(0, wanted.length - suffix.length)) && wanted.endsWith(suffix)
		? wanted
		: null;
}

/** Profit in cents of `volume` opened at one price and closed at the other. */
export function profitCents(
	spec: SymbolSpec,
	side: Side,
	openPoints: number,
	closePoints: number,
	volume: number
): number {
	const difference = side === 'buy' ? closePoints - openPoints : openPoints - closePoints;
	// lots × 100 cents = hundredths of a lot × 1: the two factors of a hundred cancel out.
	const value = BigInt(difference) * BigInt(volume) * BigInt(spec.contractSize);
	return divideRounded(
		value,
		spec.accountCurrencyIs === 'quote' ? 10n ** BigInt(spec.digits) : BigInt(closePoints)
	);
}

/** Margin in cents at 1:100. */
export function marginCents(spec: SymbolSpec, points: number, volume: number): number {
	const base = BigInt(spec.contractSize) * BigInt(volume);
	if (spec.accountCurrencyIs === 'base') return divideRounded(base, LEVERAGE);
	return divideRounded(base * BigInt(points), LEVERAGE * 10n ** BigInt(spec.digits));
}
