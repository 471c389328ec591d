/**
 * Comma-separated values (RFC 4180) that a spreadsheet opens as text and numbers and never as formulas.
 * @see OWASP, "CSV Injection"
 */

/** Begins the file, so that Excel reads it as UTF-8. */
export const CSV_BYTE_ORDER_MARK = '\uFEFF';

/** What spreadsheets take for the beginning of a formula; some skip blanks and control characters before it. */

const FORMULA_START = /^[\s\u0000-\u001f]*[=+\-@＝＋－＠]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

function cell(value: string | number | null): string {
	if (value === null) return '';
	const text = String(value);
	const isHarmless = NUMBER.test(text) || !FORMULA_START.test(text);
	const safe = isHarmless ? text : `'${text}`;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line with its line end. A text that could be a formula is led by an apostrophe, as spreadsheets mark text. */
export function csvLine(values: readonly (string | number | null)[]): string {
	return `${values.map(cell).join(',')}\r\n`;
}
