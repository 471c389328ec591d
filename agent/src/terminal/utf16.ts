/** MetaTrader's text files: UTF-16LE with a byte order mark. */

const BOM = Buffer.from([0xff, 0xfe]);

export function encodeUtf16(text: string): Buffer {
	return Buffer.concat([BOM, Buffer.from(text, 'utf16le')]);
}

export function hasUtf16Bom(file: Buffer): boolean {
	return file.length >= 2 && file[0] === BOM[0] && file[1] === BOM[1];
}

/** Text of a file that is UTF-16LE with a byte order mark, or else UTF-8 (of which ASCII is a part). */
export function decodeText(file: Buffer): string {
	return hasUtf16Bom(file) ? file.subarray(2).toString('utf16le') : file.toString('utf8');
}
