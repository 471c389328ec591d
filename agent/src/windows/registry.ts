/** Values of the registry, through advapi32. Read only. */
import { openLibrary } from './ffi.ts';

/** As Windows declares it, sign extended. */
const LOCAL_MACHINE = -2_147_483_646;
const TEXT = 0x2 | 0x4;
const NUMBER = 0x10;
const AS_IT_STANDS = 0x1000_0000;
const IN_64_BIT_VIEW = 0x1_0000;
const LARGEST_BYTES = 32 * 1024;
const OPEN_READ = 0x2_0019 | 0x100;
const MOST_VALUES = 500;

function open() {
	const { declare } = openLibrary('advapi32.dll');
	return {
		get: declare<
			(
				root: number,
				key: string,
				value: string,
				flags: number,
				type: null,
				into: Buffer,
				size: Uint32Array
			) => number
		>('RegGetValueW', 'int', ['intptr', 'str16', 'str16', 'uint32', 'void *', 'void *', 'void *']),
		open: declare<
			(root: number, key: string, options: number, access: number, into: BigInt64Array) => number
		>('RegOpenKeyExW', 'int', ['intptr', 'str16', 'uint32', 'uint32', 'void *']),
		name: declare<
			(
				key: bigint,
				index: number,
				name: Buffer,
				size: Uint32Array,
				reserved: null,
				type: null,
				content: null,
				contentSize: null
			) => number
		>('RegEnumValueW', 'int', [
			'intptr',
			'uint32',
			'void *',
			'void *',
			'void *',
			'void *',
			'void *',
			'void *'
		]),
		close: declare<(key: bigint) => number>('RegCloseKey', 'int', ['intptr'])
	};
}
let opened: ReturnType<typeof open> | null = null;
const registry = (): ReturnType<typeof open> => (opened ??= open());

function read(key: string, value: string, kind: number): Buffer | null {
	const into = Buffer.alloc(LARGEST_BYTES);
	const size = new Uint32Array([into.length]);
	const flags = kind | AS_IT_STANDS | IN_64_BIT_VIEW;
	const refusal = registry().get(LOCAL_MACHINE, key, value, flags >>> 0, null, into, size);
	return refusal === 0 ? into.subarray(0, size[0]) : null;
}

/** A text of HKEY_LOCAL_MACHINE; null when there is none, or it may not be read. */
export const machineText = (key: string, value: string): string | null =>
	read(key, value, TEXT)?.toString('utf16le').replace(/\0.*$/s, '') ?? null;

/** A number of HKEY_LOCAL_MACHINE; null as with texts. */
export function machineNumber(key: string, value: string): number | null {
	const bytes = read(key, value, NUMBER);
	return bytes && bytes.length >= 4 ? bytes.readUInt32LE(0) : null;
}

/** Names of the values of a key of HKEY_LOCAL_MACHINE; null when it may not be read or is not there. */
export function machineValueNames(key: string): string[] | null {
	const handle = new BigInt64Array(1);
	if (registry().open(LOCAL_MACHINE, key, 0, OPEN_READ, handle) !== 0) return null;
	try {
		const names: string[] = [];
		for (let index = 0; index < MOST_VALUES; index++) {
			const name = Buffer.alloc(LARGEST_BYTES);
			const characters = new Uint32Array([name.length / 2]);
			if (registry().name(handle[0] ?? 0n, index, name, characters, null, null, null, null) !== 0) break;
			names.push(name.toString('utf16le', 0, (characters[0] ?? 0) * 2));
		}
		return names;
	} finally {
		registry().close(handle[0] ?? 0n);
	}
}
