/**
 * What may be typed into an account. These values end up in the terminal's INI files, in templates and in
 * command lines, so the same rules are checked by the API and again by the agent.
 */
import { z } from 'zod';
import { TIMEFRAMES } from './eaChoices.ts';

/**
 * No character that could end a line or a value in an INI, .set or .tpl file: the control characters,
 * NEL, and the Unicode line and paragraph separators.
 */

export const LINE_BREAKING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const singleLine = (label: string, max: number) =>
	z
		.string()
		.min(1, `${label} is missing.`)
		.max(max, `${label} is longer than ${max} characters.`)
		.refine((text) => !LINE_BREAKING.test(text), `${label} contains a line break or a control character.`)
		.refine((text) => text === text.trim(), `${label} begins or ends with a blank.`);

export const accountNumberSchema = z
	.string()
	.regex(/^[1-9][0-9]{0,11}$/, 'The account number is 1 to 12 digits, as in MetaTrader 5.');

export const serverNameSchema = z
	.string()
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}[A-Za-z0-9]$/,
		'The server name is as MetaTrader 5 shows it, for example “Broker-Demo”: letters, digits, blank, dot, dash.'
	);

export const mt5PasswordSchema = singleLine('The password', 64);
export const brokerSchema = singleLine('The broker', 64);
export const accountNameSchema = singleLine('The name', 60);
export const personNameSchema = singleLine('The name', 80);
export const agentNameSchema = singleLine('The agent’s name', 60);
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'The currency is three capital letters.');

/** Names that are devices in every folder of Windows, with or without ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;

/** One folder or file that Windows takes everywhere. @param sentence says what it may be */
export const singlePartSchema = (most: number, sentence: string) =>
	z
		.string()
		.max(most, sentence)
		.regex(/^[A-Za-z0-9_-][A-Za-z0-9 _-]*$/, sentence)
		.refine((part) => !part.endsWith(' ') && !DEVICE.test(part), sentence);

/** Relative to MQL5\Experts, without extension; no way up, no drive, no device. */
export const expertPathSchema = z
	.string()
	.max(120)
	.regex(
		/^[A-Za-z0-9_-][A-Za-z0-9 _-]*(\\[A-Za-z0-9_-][A-Za-z0-9 _-]*)*$/,
		'The EA is its path below MQL5\\Experts without the ending, for example Quintet\\EATemplate.'
	)
	.refine(
		(path) => path.split('\\').every((part) => !part.endsWith(' ') && !DEVICE.test(part)),
		'A folder or file of the EA must not end with a blank, or be a name that Windows keeps for itself (CON, NUL, COM1…).'
	);

export const symbolSchema = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9._#+-]{0,31}$/, 'The symbol is as the broker writes it, for example EURUSD.');

export { TIMEFRAMES };
export const timeframeSchema = z.enum(TIMEFRAMES);
export const magicSchema = z.int().min(1).max(2_147_483_647);
