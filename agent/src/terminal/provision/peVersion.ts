/**
 * The version resource of a Windows program, read without Windows: the file's own word on its build. Format: PE/COFF
 * specification of Microsoft, sections “Section Table” and “The .rsrc Section”, and VS_FIXEDFILEINFO.
 */
import { open, type FileHandle } from 'node:fs/promises';

export interface PeVersion {
	major: number;
	minor: number;
	patch: number;
	/** MetaTrader's build, e.g. 5830 of 5.0.0.5830. */
	build: number;
}

const HEADER_BYTES = 4096;
/** A larger resource section is not that of a terminal; nor is one with more entries than this. */
const MOST_RESOURCE_BYTES = 64 * 1024 * 1024;
const MOST_ENTRIES = 4096;
const RT_VERSION = 16;
const FIXED_FILE_INFO = 0xfeef04bd;
const IS_DIRECTORY = 0x80000000;

/** @returns null when the file is no PE program, or holds no version */
export async function readPeVersion(path: string): Promise<PeVersion | null> {
	const file = await open(path, 'r');
	try {
		const section = await resourceSection(file);
		return section && versionOf(section);
	} catch (error) {
		// Offsets that point outside of the file: whatever it is, it is no program.
		if (error instanceof RangeError) return null;
		throw error;
	} finally {
		await file.close();
	}
}

interface Resources {
	bytes: Buffer;
	/** Where the section lies in memory: the data entries count from the start of the image. */
	virtualAddress: number;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
	return buffer.subarray(0, bytesRead);
}

async function resourceSection(file: FileHandle): Promise<Resources | null> {
	const header = await read(file, 0, HEADER_BYTES);
	if (header.toString('latin1', 0, 2) !== 'MZ') return null;
	const pe = header.readUInt32LE(0x3c);
	if (header.toString('latin1', pe, pe + 4) !== 'PE\0\0') return null;
	const sections = header.readUInt16LE(pe + 6);
	const table = pe + 24 + header.readUInt16LE(pe + 20);
	for (let index = 0; index < sections; index++) {
		const at = table + index * 40;
		if (header.toString('latin1', at, at + 8).replace(/\0+$/, '') !== '.rsrc') continue;
		const size = header.readUInt32LE(at + 16);
		if (size > MOST_RESOURCE_BYTES) return null;
		return {
			virtualAddress: header.readUInt32LE(at + 12),
			bytes: await read(file, header.readUInt32LE(at + 20), size)
		};
	}
	return null;
}

function versionOf({ bytes, virtualAddress }: Resources): PeVersion | null {
	const entry = (directory: number, isWanted: (id: number) => boolean): number | null => {
		const count = bytes.readUInt16LE(directory + 12) + bytes.readUInt16LE(directory + 14);
		for (let index = 0; index < Math.min(count, MOST_ENTRIES); index++) {
			const at = directory + 16 + index * 8;
			if (isWanted(bytes.readUInt32LE(at))) return bytes.readUInt32LE(at + 4);
		}
		return null;
	};
	const any = (): boolean => true;
	const below = (offset: number | null, isWanted: (id: number) => boolean): number | null =>
		offset === null || offset < IS_DIRECTORY ? null : entry(offset - IS_DIRECTORY, isWanted);
	// Type, name, language: three directories deep lies the data entry.
	const leaf = below(
		below(
			entry(0, (id) => id === RT_VERSION),
			any
		),
		any
	);
	if (leaf === null || leaf >= IS_DIRECTORY) return null;
	const start = bytes.readUInt32LE(leaf) - virtualAddress;
	const data = bytes.subarray(start, start + bytes.readUInt32LE(leaf + 4));
	for (let at = 0; at + 16 <= data.length; at += 4) {
		if (data.readUInt32LE(at) !== FIXED_FILE_INFO) continue;
		const [high, low] = [data.readUInt32LE(at + 8), data.readUInt32LE(at + 12)];
		return { major: high >>> 16, minor: high & 0xffff, patch: low >>> 16, build: low & 0xffff };
	}
	return null;
}
