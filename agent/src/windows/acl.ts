/**
 * Access lists of files and folders, set and read back through advapi32. Not through `icacls` or PowerShell: what
 * they answer cannot be trusted everywhere, and their quoting is a risk of its own.
 */
import { openKoffi, openLibrary, WindowsError } from './ffi.ts';
import { closeHandle, lastError } from './kernel32.ts';
import { areWritesDenied, checkSid, denyingWrites, onlyFor, PROGRAM_FOLDER } from './sddl.ts';

const SDDL_REVISION = 1;
const SE_FILE_OBJECT = 1;
const DACL = 0x4;
/** Inheritance from above cut off, or let in. */
const PROTECTED = 0x8000_0000;
const UNPROTECTED = 0x2000_0000;
const TOKEN_QUERY = 0x8;
const TOKEN_USER = 1;
const LARGEST_TOKEN_USER = 256;
const CURRENT_PROCESS = -1;

type Pointer = bigint;

function open() {
	const advapi32 = openLibrary('advapi32.dll').declare;
	return {
		localFree: openLibrary('kernel32.dll').declare<(memory: Pointer) => unknown>('LocalFree', 'intptr', [
			'intptr'
		]),
		toDescriptor: advapi32<(sddl: string, revision: number, out: BigUint64Array, size: null) => number>(
			'ConvertStringSecurityDescriptorToSecurityDescriptorW',
			'int',
			['str16', 'uint32', 'void *', 'void *']
		),
		toText: advapi32<
			(descriptor: Pointer, revision: number, what: number, out: BigUint64Array, size: null) => number
		>('ConvertSecurityDescriptorToStringSecurityDescriptorW', 'int', [
			'intptr',
			'uint32',
			'uint32',
			'void *',
			'void *'
		]),
		daclOf: advapi32<
			(descriptor: Pointer, isPresent: Int32Array, dacl: BigUint64Array, isDefault: Int32Array) => number
		>('GetSecurityDescriptorDacl', 'int', ['intptr', 'void *', 'void *', 'void *']),
		get: advapi32<
			(
				path: string,
				kind: number,
				what: number,
				owner: null,
				group: null,
				dacl: null,
				sacl: null,
				descriptor: BigUint64Array
			) => number
		>('GetNamedSecurityInfoW', 'uint32', [
			'str16',
			'int',
			'uint32',
			'void *',
			'void *',
			'void *',
			'void *',
			'void *'
		]),
		set: advapi32<
			(
				path: string,
				kind: number,
				what: number,
				owner: null,
				group: null,
				dacl: Pointer,
				sacl: null
			) => number
		>('SetNamedSecurityInfoW', 'uint32', ['str16', 'int', 'uint32', 'void *', 'void *', 'intptr', 'void *']),
		openToken: advapi32<(process: number, access: number, token: BigInt64Array) => number>(
			'OpenProcessToken',
			'int',
			['intptr', 'uint32', 'void *']
		),
		tokenUser: advapi32<
			(token: bigint, kind: number, out: Buffer, size: number, needed: Uint32Array) => number
		>('GetTokenInformation', 'int', ['intptr', 'int', 'void *', 'uint32', 'void *']),
		sidText: advapi32<(sid: Pointer, out: BigUint64Array) => number>('ConvertSidToStringSidW', 'int', [
			'intptr',
			'void *'
		]),
		sidOfText: advapi32<(text: string, out: BigUint64Array) => number>('ConvertStringSidToSidW', 'int', [
			'str16',
			'void *'
		])
	};
}
let opened: ReturnType<typeof open> | null = null;
const security = (): ReturnType<typeof open> => (opened ??= open());

/** Reads a text that Windows allocated, and gives the memory back. */
function taken(pointer: Pointer): string {
	try {
		return openKoffi().decode.string16(pointer);
	} finally {
		security().localFree(pointer);
	}
}

/** Who this process runs as, e.g. `S-1-5-21-…-1001`. */
export function currentUserSid(): string {
	const token = new BigInt64Array(1);
	if (security().openToken(CURRENT_PROCESS, TOKEN_QUERY, token) === 0)
		throw new WindowsError('OpenProcessToken', lastError());
	try {
		return sidOfToken(token[0] ?? 0n);
	} finally {
		closeHandle(token[0] ?? 0n);
	}
}

/** @param token an open token handle with TOKEN_QUERY */
export function sidOfToken(token: bigint): string {
	const user = Buffer.alloc(LARGEST_TOKEN_USER);
	if (security().tokenUser(token, TOKEN_USER, user, user.length, new Uint32Array(1)) === 0)
		throw new WindowsError('GetTokenInformation', lastError());
	// TOKEN_USER begins with a pointer to the SID, which lies further on in the same buffer.
	return textOfSid(user.readBigUInt64LE(0));
}

function textOfSid(sid: Pointer): string {
	const text = new BigUint64Array(1);
	if (security().sidText(sid, text) === 0) throw new WindowsError('ConvertSidToStringSidW', lastError());
	return taken(text[0] ?? 0n);
}

/** The text form of a SID as Windows wrote it into `sid`. */
export const sidText = (sid: Buffer): string => textOfSid(openKoffi().address(sid));

/** Lends the SID as Windows wants it for as long as `use` runs. @throws Error for what is none */
export function sidPointer<T>(text: string, use: (sid: Pointer) => T): T {
	const sid = new BigUint64Array(1);
	if (security().sidOfText(checkSid(text), sid) === 0)
		throw new WindowsError('ConvertStringSidToSidW', lastError());
	try {
		return use(sid[0] ?? 0n);
	} finally {
		security().localFree(sid[0] ?? 0n);
	}
}

/** The access list of a file or folder as it is, e.g. `D:AI(A;OICIID;FA;;;SY)`. */
export function readAccess(path: string): string {
	const descriptor = new BigUint64Array(1);
	const refusal = security().get(path, SE_FILE_OBJECT, DACL, null, null, null, null, descriptor);
	if (refusal !== 0) throw new WindowsError('GetNamedSecurityInfoW', refusal);
	try {
		const text = new BigUint64Array(1);
		if (security().toText(descriptor[0] ?? 0n, SDDL_REVISION, DACL, text, null) === 0)
			throw new WindowsError('ConvertSecurityDescriptorToStringSecurityDescriptorW', lastError());
		return taken(text[0] ?? 0n);
	} finally {
		security().localFree(descriptor[0] ?? 0n);
	}
}

/** Sets the access list of a file or folder; what lies below inherits anew. */
export function writeAccess(path: string, sddl: string): void {
	const descriptor = new BigUint64Array(1);
	if (security().toDescriptor(sddl, SDDL_REVISION, descriptor, null) === 0)
		throw new WindowsError('ConvertStringSecurityDescriptorToSecurityDescriptorW', lastError());
	try {
		const dacl = new BigUint64Array(1);
		const [isPresent, isDefault] = [new Int32Array(1), new Int32Array(1)];
		if (security().daclOf(descriptor[0] ?? 0n, isPresent, dacl, isDefault) === 0 || isPresent[0] === 0)
			throw new WindowsError('GetSecurityDescriptorDacl', lastError());
		const what = DACL | (/D:[A-Z]*P/.test(sddl) ? PROTECTED : UNPROTECTED);
		const refusal = security().set(path, SE_FILE_OBJECT, what >>> 0, null, null, dacl[0] ?? 0n, null);
		if (refusal !== 0) throw new WindowsError('SetNamedSecurityInfoW', refusal);
	} finally {
		security().localFree(descriptor[0] ?? 0n);
	}
}

/**
 * Denies writing into a folder, and into all that comes to lie in it, to one user, and reads it back.
 * @returns whether the denial is there now; a caller that relies on it must not go on without it
 */
export function denyWrites(folder: string, sid: string): boolean {
	const present = readAccess(folder);
	if (!areWritesDenied(present, sid)) writeAccess(folder, denyingWrites(present, sid));
	return areWritesDenied(readAccess(folder), sid);
}

/** Leaves a folder to the system, the administrators and one user. */
export const keepFor = (folder: string, sid: string): void => writeAccess(folder, onlyFor(sid));

/** Leaves a folder of programs to the administrators; users read and run what is in it. */
export const keepProgram = (folder: string): void => writeAccess(folder, PROGRAM_FOLDER);

/** Whether this is Wine, which accepts access lists and does not hold all of them. */
export const isWine = (): boolean => {
	try {
		openKoffi().load('ntdll.dll').func('wine_get_version', 'str', []);
		return true;
	} catch {
		return false;
	}
};
