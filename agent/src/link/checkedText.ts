/** Text in the journal with a checksum: SQLite notices a broken page, not a digit that changed within a text. */
import { crc32 } from 'node:zlib';

const checksumOf = (key: string, text: string): string =>
	crc32(`${key} ${text}`).toString(16).padStart(8, '0');

/** @param key what the text belongs to */
export const withChecksum = (key: string, text: string): string => `${text}#${checksumOf(key, text)}`;

/** @throws when it is damaged; a text without a checksum passes (the first journals, 0.1.0, had none) */
export function checkedText(key: string, stored: string): string {
	const [, text = stored, checksum = null] = /^(.*\})#([0-9a-f]{8})$/s.exec(stored) ?? [];
	if (checksum !== null && checksum !== checksumOf(key, text)) throw new Error('a text is damaged');
	return text;
}
