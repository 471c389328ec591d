import { describe, expect, it } from 'vitest';
import { expertPathSchema } from './accountInput.ts';
import { isUploadedPath, uploadedPath, whyNoEx5 } from './expertFile.ts';
import { expertNameSchema } from './expertFileSchema.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('E7: the name of an uploaded EA', () => {
	it.each(['MyEA', 'Grid v2', 'a', '_x-1', 'A'.repeat(40)])('may be %j, and its path is one', (name) => {
		expect(expertNameSchema.safeParse(name).success).toBe(true);
		const path = uploadedPath(name, 'ab'.repeat(32));
		expect(expertPathSchema.safeParse(path).success).toBe(true);
		expect(path).toBe(`Quintet\\Uploads\\${name}-abababababab`);
	});

	it.each(['', '..', 'a\\b', 'a/b', 'C:x', 'NUL', 'com1', ' x', 'x ', 'x.ex5', 'é', 'A'.repeat(41), 'a\nb'])(
		'may not be %j',
		(name) => expect(expertNameSchema.safeParse(name).success).toBe(false)
	);

	it('gives every version a place of its own, and only its own', () => {
		const [one, other] = ['1'.repeat(64), '2'.repeat(64)] as const;
		expect(uploadedPath('MyEA', one)).not.toBe(uploadedPath('MyEA', other));
		expect(isUploadedPath(uploadedPath('MyEA', one), one)).toBe(true);
		expect(isUploadedPath(uploadedPath('MyEA', one), other)).toBe(false);
		expect(isUploadedPath('Quintet\\EATemplate', one)).toBe(false);
		expect(isUploadedPath(`Elsewhere\\MyEA-${one.slice(0, 12)}`, one)).toBe(false);
	});
});

describe('E7: what is taken for a compiled EA', () => {
	it('is anything that is not surely something else: the format is not public', () => {
		expect(whyNoEx5(new Uint8Array([0x45, 0x58, 0x2d, 0x00, 0x01, 0xff]))).toBeNull();
		expect(whyNoEx5(new Uint8Array([0x00, 0x9c, 0x10]))).toBeNull();
	});

	it.each([
		['nothing', new Uint8Array(), 'empty'],
		['a source', bytes('//+---+\r\n#property strict\r\nvoid OnTick() {}\r\n'), 'Compile'],
		['a source with Cyrillic comments', bytes('// Привет\nint OnInit() { return 0; }'), 'Compile'],
		['a source in UTF-16', new Uint8Array([0xff, 0xfe, 0x2f, 0, 0x2f, 0]), 'Compile'],
		['a Windows program', new Uint8Array([0x4d, 0x5a, 0x90, 0]), 'Windows program'],
		['an archive', new Uint8Array([0x50, 0x4b, 3, 4]), 'archive']
	])('is not %s', (_what, file, word) => expect(whyNoEx5(file)).toContain(word));
});
