/** Names of Windows' users and their security identifiers, and who is logged on where this process runs. */
import { sidText, sidPointer } from './acl.ts';
import { openLibrary, wideText } from './ffi.ts';
import { lastError } from './kernel32.ts';

const LARGEST_SID = 256;
/** Characters of a user's or a domain's name, with room. */
const LONGEST_NAME = 512;
const CURRENT_SERVER = 0;
const CURRENT_SESSION = 0xffff_ffff;
const WTS_USER_NAME = 5;
const WTS_DOMAIN_NAME = 7;
const USER = 1;

function open() {
	const advapi32 = openLibrary('advapi32.dll').declare;
	const wts = openLibrary('wtsapi32.dll').declare;
	return {
		byName: advapi32<
			(
				machine: null,
				name: string,
				sid: Buffer,
				sidSize: Uint32Array,
				domain: Buffer,
				domainSize: Uint32Array,
				kind: Uint32Array
			) => number
		>('LookupAccountNameW', 'int', ['void *', 'str16', 'void *', 'void *', 'void *', 'void *', 'void *']),
		bySid: advapi32<
			(
				machine: null,
				sid: bigint,
				name: Buffer,
				nameSize: Uint32Array,
				domain: Buffer,
				domainSize: Uint32Array,
				kind: Uint32Array
			) => number
		>('LookupAccountSidW', 'int', ['void *', 'intptr', 'void *', 'void *', 'void *', 'void *', 'void *']),
		ofSession: wts<
			(server: number, session: number, what: number, out: BigUint64Array, size: Uint32Array) => number
		>('WTSQuerySessionInformationW', 'int', ['intptr', 'uint32', 'int', 'void *', 'void *']),
		freeMemory: wts<(memory: bigint) => void>('WTSFreeMemory', 'void', ['intptr']),
		copyMemory: openLibrary('kernel32.dll').declare<(to: Buffer, from: bigint, size: number) => void>(
			'RtlMoveMemory',
			'void',
			['void *', 'intptr', 'uintptr']
		)
	};
}
let opened: ReturnType<typeof open> | null = null;
const windows = (): ReturnType<typeof open> => (opened ??= open());

/** @param name `user` or `DOMAIN\user` @throws Error when nobody is called so, or a group is */
export function sidOfUser(name: string): string {
	const [sid, domain] = [Buffer.alloc(LARGEST_SID), Buffer.alloc(LONGEST_NAME * 2)];
	const [sidSize, domainSize] = [new Uint32Array([LARGEST_SID]), new Uint32Array([LONGEST_NAME])];
	const kind = new Uint32Array(1);
	if (windows().byName(null, name, sid, sidSize, domain, domainSize, kind) === 0)
		throw new Error(`nobody is called “${name}” here (Windows error ${lastError()})`);
	if (kind[0] !== USER) throw new Error(`“${name}” is no user`);
	return sidText(sid);
}

/** `DOMAIN\user`; null for one that this machine does not know. */
export function nameOfUser(sid: string): string | null {
	const [name, domain] = [Buffer.alloc(LONGEST_NAME * 2), Buffer.alloc(LONGEST_NAME * 2)];
	const [nameSize, domainSize] = [new Uint32Array([LONGEST_NAME]), new Uint32Array([LONGEST_NAME])];
	const found = sidPointer(sid, (pointer) =>
		windows().bySid(null, pointer, name, nameSize, domain, domainSize, new Uint32Array(1))
	);
	if (found === 0) return null;
	return `${wideText(domain)}\\${wideText(name)}`;
}

function sessionText(what: number): string {
	const [out, size] = [new BigUint64Array(1), new Uint32Array(1)];
	if (windows().ofSession(CURRENT_SERVER, CURRENT_SESSION, what, out, size) === 0) return '';
	try {
		const copy = Buffer.alloc(size[0] ?? 0);
		if (copy.length > 0) windows().copyMemory(copy, out[0] ?? 0n, copy.length);
		return wideText(copy);
	} finally {
		windows().freeMemory(out[0] ?? 0n);
	}
}

/**
 * Whose desktop this process is on. That is not always who it runs as: an administrator's password typed at the
 * prompt for higher rights leaves the desktop to the user who is logged on.
 * @returns null where nobody is, as in session 0
 */
export function userOfThisSession(): string | null {
	const name = sessionText(WTS_USER_NAME);
	if (name === '') return null;
	const domain = sessionText(WTS_DOMAIN_NAME);
	return domain === '' ? name : `${domain}\\${name}`;
}
