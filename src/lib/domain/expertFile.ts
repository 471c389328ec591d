/**
 * A trader's own EA as it is uploaded (E7): what is taken for one, and where it lies in a terminal. A version is its
 * digest: two files are never at one place, so none overwrites another that is loaded. Without zod, which pages do not
 * need for it (expertFileSchema.ts).
 */

/** Below `MQL5\Experts`: the agent's own folder, into which nobody else puts anything. */
const FOLDER = 'Quintet\\Uploads';
/** Enough of a digest to tell versions apart in a path, and on the page; the whole one is what is compared. */
export const SHORT_DIGEST = 12;

export const shortDigest = (sha256: string): string => sha256.slice(0, SHORT_DIGEST);

/** Where a version lies, below `MQL5\Experts` and without ending. */
export const uploadedPath = (name: string, sha256: string): string =>
	`${FOLDER}\\${name}-${shortDigest(sha256)}`;

/** Whether a path is one of `uploadedPath`: only there the agent puts what was uploaded. */
export const isUploadedPath = (path: string, sha256: string): boolean =>
	path.startsWith(`${FOLDER}\\`) && path.endsWith(`-${shortDigest(sha256)}`);

const LOOKED_AT = 4_096;

/**
 * Why these bytes are no compiled EA; null when nothing speaks against it. MetaQuotes does not publish the format,
 * so only what is surely something else is refused: the terminal has the last word.
 */
export function whyNoEx5(bytes: Uint8Array): string | null {
	if (bytes.length === 0) return 'The file is empty.';
	const begin = bytes.subarray(0, LOOKED_AT);
	if (begin[0] === 0x4d && begin[1] === 0x5a)
		return 'This is a Windows program, not an EA. Give the .ex5 that MetaEditor makes.';
	if (begin[0] === 0x50 && begin[1] === 0x4b)
		return 'This is an archive. Unpack it, and give the .ex5 in it.';
	if (isText(begin))
		return 'This is text, not a compiled EA. Compile the .mq5 with MetaEditor, and give the .ex5.';
	return null;
}

/** MetaEditor keeps sources in UTF-8 or UTF-16; a compiled file has bytes that neither has. */
function isText(begin: Uint8Array): boolean {
	const isUtf16 = (begin[0] === 0xff && begin[1] === 0xfe) || (begin[0] === 0xfe && begin[1] === 0xff);
	if (isUtf16) return true;
	return begin.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
