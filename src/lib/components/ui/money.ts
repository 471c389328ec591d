/**
 * Numbers as traders read them: thousands separated, true minus, explicit plus where the sign is the message.
 * The text is the same on the server and in every browser, so nothing flickers on hydration.
 */
import { roundDecimal, signOf } from '#lib/domain/decimal.ts';

const MINUS = '−';

export interface NumberForm {
	fractionDigits: number;
	/** Write + before gains. Zero never has a sign. */
	isSigned?: boolean;
}

/** `-1234.5` → `−1,234.50` */
export function formatDecimal(text: string, { fractionDigits, isSigned = false }: NumberForm): string {
	const rounded = roundDecimal(text, fractionDigits);
	const sign = signOf(rounded);
	const [whole = '0', fraction] = rounded.replace('-', '').split('.');
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
	const mark = sign < 0 ? MINUS : sign > 0 && isSigned ? '+' : '';
	return mark + grouped + (fraction === undefined ? '' : `.${fraction}`);
}

export function formatLots(lots: string): string {
	return formatDecimal(lots, { fractionDigits: 2 });
}

/** `1 position`, `3 positions` */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
	return `${count} ${count === 1 ? singular : plural}`;
}
