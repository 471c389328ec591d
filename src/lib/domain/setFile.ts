/**
 * The inputs of an EA as MetaTrader saves them (`.set`): `name=value`, in files of the tester with
 * `||start||step||stop||Y` behind, and comments that begin with `;`. What is taken out of one is kept, compared and
 * sent to agents in one plain form, so that both sides check the same text.
 */
import { z } from 'zod';
import { LINE_BREAKING } from './accountInput.ts';

export type EaInput = readonly [name: string, value: string];

/** The file as it is uploaded; inputs of it may be a tenth of that. */
export const MOST_SET_BYTES = 256 * 1024;
export const MOST_INPUTS = 500;
/** A name of MQL5; MetaEditor takes 63 characters. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const MOST_VALUE_CHARS = 250;
/** `name,F=1`, `name,1=0.1`…: how MetaTrader 4 wrote what its tester may try. */
const TESTER_OF_MT4 = /^[A-Za-z_][A-Za-z0-9_]{0,62},[F123]=/;

const inputsSchema = z
	.array(z.tuple([z.string().regex(NAME), z.string().max(MOST_VALUE_CHARS)]))
	.max(MOST_INPUTS)
	.refine((inputs) => inputs.every(([, value]) => !LINE_BREAKING.test(value)))
	.refine((inputs) => new Set(inputs.map(([name]) => name.toLowerCase())).size === inputs.length);

/** What is wrong with a file, for the trader. */
export class SetUnfit extends Error {}

/** @throws SetUnfit with the line that is wrong */
export function parseSet(file: Uint8Array): EaInput[] {
	if (file.length > MOST_SET_BYTES)
		throw new SetUnfit(`The .set file is larger than ${MOST_SET_BYTES / 1024} KiB.`);
	const inputs: EaInput[] = [];
	const seen = new Set<string>();
	for (const [i, line] of decodeSet(file)
		.split(/\r\n|\r|\n/)
		.entries()) {
		const input = readLine(line, i + 1);
		if (!input) continue;
		const [name] = input;
		if (seen.has(name.toLowerCase()))
			throw new SetUnfit(`Line ${i + 1} of the .set file sets ${name} for the second time.`);
		seen.add(name.toLowerCase());
		inputs.push(input);
		if (inputs.length > MOST_INPUTS) throw new SetUnfit(`The .set file has more than ${MOST_INPUTS} inputs.`);
	}
	if (inputs.length === 0) throw new SetUnfit('The .set file sets no input.');
	return inputs;
}

function readLine(line: string, number: number): EaInput | null {
	const text = line.trim();
	if (text === '' || text.startsWith(';') || TESTER_OF_MT4.test(text)) return null;
	const equals = text.indexOf('=');
	const name = text.slice(0, Math.max(0, equals)).trim();
	if (!NAME.test(name))
		throw new SetUnfit(`Line ${number} of the .set file is no input: it must be name=value.`);
	const value = (text.slice(equals + 1).split('||')[0] ?? '').trim();
	if (value.length > MOST_VALUE_CHARS)
		throw new SetUnfit(
			`The value of ${name} in the .set file is longer than ${MOST_VALUE_CHARS} characters.`
		);
	if (LINE_BREAKING.test(value))
		throw new SetUnfit(`The value of ${name} in the .set file contains a control character.`);
	return [name, value];
}

function decodeSet(file: Uint8Array): string {
	const isUtf16 = file[0] === 0xff && file[1] === 0xfe;
	try {
		return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(file);
	} catch {
		throw new SetUnfit('The .set file is neither UTF-16 nor UTF-8. Save it anew in MetaTrader 5.');
	}
}

/** The plain form: one `name=value` per line. Its digest is the version of the inputs. */
export const inputsText = (inputs: readonly EaInput[]): string =>
	inputs.map(([name, value]) => `${name}=${value}\n`).join('');

/** Reads the plain form back. @throws when it is not one */
export function parseInputsText(text: string): EaInput[] {
	const inputs = text
		.split('\n')
		.slice(0, -1)
		.map((line): [string, string] => [
			line.slice(0, Math.max(0, line.indexOf('='))),
			line.slice(line.indexOf('=') + 1)
		]);
	const checked = inputsSchema.parse(inputs);
	if (inputsText(checked) !== text) throw new Error('these are no inputs in the plain form');
	return checked;
}
