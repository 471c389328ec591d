import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inflateRawSync } from 'node:zlib';
import { zip, type ZipEntry } from './zip.ts';

/** Reads an archive from its directory, as unpackers do. */
function unzip(archive: Buffer): { path: string; content: Buffer }[] {
	const end = archive.length - 22;
	expect(archive.readUInt32LE(end)).toBe(0x06054b50);
	const files = [];
	let at = archive.readUInt32LE(end + 16);
	for (let count = archive.readUInt16LE(end + 10); count > 0; count -= 1) {
		expect(archive.readUInt32LE(at)).toBe(0x02014b50);
		const nameLength = archive.readUInt16LE(at + 28);
		const path = archive.toString('utf8', at + 46, at + 46 + nameLength);
		const local = archive.readUInt32LE(at + 42);
		const begin = local + 30 + archive.readUInt16LE(local + 26);
		const packed = archive.subarray(begin, begin + archive.readUInt32LE(at + 20));
		files.push({ path, content: inflateRawSync(packed) });
		at += 46 + nameLength;
	}
	expect(at).toBe(end);
	return files;
}

describe('an archive', () => {
	it('gives back what was put in, and is the same every time', async () => {
		const entry = fc.record({
			path: fc.stringMatching(/^[a-z][a-zé0-9]{0,10}(\/[a-z0-9]{1,8})?$/),
			content: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes))
		});
		const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 8 });
		await fc.assert(
			fc.asyncProperty(entries, async (files: ZipEntry[]) => {
				const archive = await zip(files);
				expect(unzip(archive)).toEqual(files);
				expect(archive.equals(await zip(files))).toBe(true);
			})
		);
	});

	it.each(['', '/etc/passwd', '../x', 'a/../../x', 'C:\\x', 'a\\b', 'x/.'])(
		'refuses the path %j',
		async (path) => {
			await expect(zip([{ path, content: Buffer.alloc(0) }])).rejects.toThrow('path');
		}
	);

	it('refuses the same path twice', async () => {
		const file = { path: 'a', content: Buffer.alloc(1) };
		await expect(zip([file, file])).rejects.toThrow('path');
	});
});
