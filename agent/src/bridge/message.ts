/**
 * The frame around every file message of the bridge channel; its format stands in contract.ts.
 */
import { crc32 } from 'node:zlib';

export function encodeMessage(id: string, body: unknown): Buffer {
	const json = Buffer.from(JSON.stringify(body), 'utf8');
	const crc = crc32(json).toString(16).padStart(8, '0');
	return Buffer.concat([Buffer.from(`${json.length} ${crc} ${id}\n`), json, Buffer.from(`\n#END ${id}\n`)]);
}

/** The message in `file`, or null when any part of it is missing, short or changed. */
export function decodeMessage(file: Buffer): { id: string; body: unknown } | null {
	const headEnd = file.indexOf(0x0a);
	if (headEnd < 0) return null;
	const head = /^(\d{1,9}) ([0-9a-f]{8}) ([A-Za-z0-9_-]{1,40})$/.exec(
		file.subarray(0, headEnd).toString('latin1')
	);
	if (!head) return null;
	const [, length, crc, id] = head;
	if (length === undefined || crc === undefined || id === undefined) return null;
	const bodyEnd = headEnd + 1 + Number(length);
	const json = file.subarray(headEnd + 1, bodyEnd);
	if (json.length !== Number(length)) return null;
	if (file.subarray(bodyEnd).toString('latin1') !== `\n#END ${id}\n`) return null;
	if (crc32(json).toString(16).padStart(8, '0') !== crc) return null;
	try {
		return { id, body: JSON.parse(json.toString('utf8')) };
	} catch {
		return null;
	}
}
