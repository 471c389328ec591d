/**
 * ZIP archives that are the same byte for byte when their contents are: no times of files, no owners, entries in the
 * order given. Enough of the format (PKWARE APPNOTE 6.3.10) for what Windows and everybody else unpacks.
 */
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';

export interface ZipEntry {
	/** With `/` between its parts. */
	path: string;
	content: Buffer;
}

const LOCAL = 0x0403_4b50;
const CENTRAL = 0x0201_4b50;
const END = 0x0605_4b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
/** 1 January 1980, midnight: the first moment that the format knows. */
const DATE = 0x0021;
const PATH = /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\\:\0]+$/;
const LARGEST = 0xffff_fffe;

const deflate = promisify(deflateRaw);

export async function zip(entries: readonly ZipEntry[]): Promise<Buffer> {
	const bodies: Buffer[] = [];
	const directory: Buffer[] = [];
	const seen = new Set<string>();
	let offset = 0;
	for (const { path, content } of entries) {
		if (!PATH.test(path) || seen.has(path)) throw new Error(`“${path}” cannot be a path in an archive`);
		seen.add(path);
		const packed = await deflate(content, { level: 9 });
		const name = Buffer.from(path, 'utf8');
		const common = header(content, packed, name);
		const local = Buffer.concat([uint32(LOCAL), common, name, packed]);
		directory.push(
			Buffer.concat([uint32(CENTRAL), uint16(VERSION), common, Buffer.alloc(10), uint32(offset), name])
		);
		bodies.push(local);
		offset += local.length;
		if (offset > LARGEST) throw new Error('the archive is too large for this format');
	}
	const central = Buffer.concat(directory);
	const end = Buffer.concat([
		...[uint32(END), uint16(0), uint16(0), uint16(entries.length), uint16(entries.length)],
		...[uint32(central.length), uint32(offset), uint16(0)]
	]);
	return Buffer.concat([...bodies, central, end]);
}

/** What the local header and the directory have in common. */
const header = (content: Buffer, packed: Buffer, name: Buffer): Buffer =>
	Buffer.concat([
		...[uint16(VERSION), uint16(UTF8_NAMES), uint16(DEFLATED), uint16(0), uint16(DATE)],
		...[uint32(crc32(content)), uint32(packed.length), uint32(content.length)],
		...[uint16(name.length), uint16(0)]
	]);

function uint16(value: number): Buffer {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16LE(value);
	return bytes;
}

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}
