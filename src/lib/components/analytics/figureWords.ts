/** Figures of a range as a trader reads them. What does not exist is null, and is shown as a dash with its reason. */
import { roundDecimal, signOf } from '#lib/domain/decimal.ts';
import { formatDecimal } from '../ui/money.ts';

/** Moves the decimal point of a share by two places: `0.6667` is `66.67`. */
function percentOf(share: string): string {
	const negative = share.startsWith('-');
	const [whole = '0', fraction = ''] = share.replace('-', '').split('.');
	const digits = fraction.padEnd(2, '0');
	return `${negative ? '-' : ''}${whole}${digits.slice(0, 2)}.${digits.slice(2) || '0'}`;
}

/** `0.66666667` → `66.67 %` */
export function formatShare(share: string, isSigned = false): string {
	return `${formatDecimal(percentOf(share), { fractionDigits: 2, isSigned })} %`;
}

/** A number without a unit: `2.15`. */
export const formatRatio = (ratio: string): string => formatDecimal(ratio, { fractionDigits: 2 });

/** `45 min`, `3 h 20 min`, `2 d 4 h` */
export function formatHolding(durationMs: number): string {
	const minutes = Math.round(durationMs / 60_000);
	if (durationMs < 60_000) return `${Math.round(durationMs / 1000)} s`;
	if (minutes < 60) return `${minutes} min`;
	const hours = Math.floor(minutes / 60);
	if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
	return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** For a small cell: `+124`, `−1.2k`. */
export function formatShort(amount: string): string {
	const whole = roundDecimal(amount, 0);
	if (whole.replace('-', '').length < 4) return formatDecimal(whole, { fractionDigits: 0, isSigned: true });
	const thousands = `${whole.slice(0, -3)}.${whole.slice(-3)}`;
	return `${formatDecimal(thousands, { fractionDigits: 1, isSigned: true })}k`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026-03-02` → `2 Mar 2026` */
export function formatDay(day: string): string {
	const [year, month, date] = day.split('-');
	return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** The colour's meaning is in the sign, too. */
export function profitTone(amount: string): string {
	const sign = signOf(amount);
	return sign > 0 ? 'text-live' : sign < 0 ? 'text-fault' : 'text-muted';
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
