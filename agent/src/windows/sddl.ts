/**
 * Access lists in Windows' text form (SDDL), as far as the agent writes and checks them: `D:` with entries
 * `(type;flags;rights;;;who)`.
 */

/** What FileSystemRights.Write holds: data, appending, attributes, extended attributes. */
export const WRITE_RIGHTS = 0x0116;

/** Of these, even one lets somebody change what lies in a folder. */
const ANY_CHANGE = WRITE_RIGHTS | 0x40;

/** Each right that SDDL writes as letters; those of files stand for several bits. */
const LETTERS: Record<string, number> = {
	CC: 0x1,
	DC: 0x2,
	LC: 0x4,
	SW: 0x8,
	RP: 0x10,
	WP: 0x20,
	DT: 0x40,
	LO: 0x80,
	CR: 0x100,
	SD: 0x1_0000,
	RC: 0x2_0000,
	WD: 0x4_0000,
	WO: 0x8_0000,
	FA: 0x1f_01ff,
	FR: 0x12_0089,
	FW: 0x12_0116,
	FX: 0x12_00a0,
	GA: 0x1000_0000,
	GX: 0x2000_0000,
	GW: 0x4000_0000,
	GR: 0x8000_0000
};
const GENERIC: readonly [number, number][] = [
	[0x1000_0000, 0x1f_01ff],
	[0x4000_0000, 0x12_0116]
];

const SID = /^S-1-\d{1,15}(-\d{1,10}){1,15}$/;

/** @throws Error for anything that is no SID in text form: nothing else may get into an access list */
export function checkSid(sid: string): string {
	if (!SID.test(sid)) throw new Error('not a security identifier');
	return sid;
}

export interface AccessEntry {
	/** `A` allows, `D` denies. */
	type: string;
	flags: readonly string[];
	rights: number;
	who: string;
}

/** @returns the mask of `0x…` or of letters; 0 for what is neither */
export function rightsOf(text: string): number {
	if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
	let mask = 0;
	for (const letters of text.match(/../g) ?? []) mask = (mask | (LETTERS[letters] ?? 0)) >>> 0;
	for (const [generic, specific] of GENERIC) if ((mask & generic) !== 0) mask = (mask | specific) >>> 0;
	return mask;
}

/** The entries of the access list of a security descriptor, in their order, which is how they count. */
export function accessEntries(sddl: string): AccessEntry[] {
	const list = /D:[A-Z]*((?:\([^()]*\))*)/.exec(sddl)?.[1] ?? '';
	return [...list.matchAll(/\(([^()]*)\)/g)].map(([, text = '']) => {
		const [type = '', flags = '', rights = '', , , who = ''] = text.split(';');
		return { type, flags: flags.match(/../g) ?? [], rights: rightsOf(rights), who };
	});
}

/** The same descriptor with writing denied to `sid`, here and below. Denials stand first: that is where they count. */
export function denyingWrites(sddl: string, sid: string): string {
	const entry = `(D;OICI;0x${WRITE_RIGHTS.toString(16)};;;${checkSid(sid)})`;
	const at = /D:[A-Z]*/.exec(sddl);
	if (!at) return `D:${entry}`;
	const cut = at.index + at[0].length;
	return `${sddl.slice(at.index, cut)}${entry}${sddl.slice(cut).match(/^(?:\([^()]*\))*/)?.[0] ?? ''}`;
}

/**
 * Whether writing is denied to `sid` in a folder and in all that comes to lie in it: by an entry that says so, or
 * since nobody but the system has a right of writing. (Wine turns the first into the second.)
 */
export function areWritesDenied(sddl: string, sid: string): boolean {
	const entries = accessEntries(sddl);
	const isDenied = entries
		.filter(
			({ type, who, flags }) =>
				type === 'D' && who === sid && flags.includes('OI') && flags.includes('CI') && !flags.includes('IO')
		)
		.some(({ rights }) => (rights & WRITE_RIGHTS) === WRITE_RIGHTS);
	const grants = entries.filter(({ type, who }) => type !== 'D' && who !== 'SY');
	return isDenied || (grants.length > 0 && grants.every(({ rights }) => (rights & ANY_CHANGE) === 0));
}

/** For the system, the administrators and one user; nothing is inherited from above. */
export const onlyFor = (sid: string): string =>
	`D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${checkSid(sid)})`;

/** Programs that the system runs: nobody but the administrators may change them, everybody may run them. */
export const PROGRAM_FOLDER = 'D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)';
