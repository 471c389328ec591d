import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createSecretBox, ensureKeyFile, readKeyFile } from './secretBox.ts';

const key = () => randomBytes(32);

describe('X18: secrets at rest', () => {
	it('opens what it sealed, whatever it was', () => {
		const box = createSecretBox(new Map([['k1', key()]]));
		fc.assert(
			fc.property(fc.string(), fc.uuid(), (plain, owner) => box.open(box.seal(plain, owner), owner) === plain)
		);
	});

	it('does not open for another owner: a sealed text cannot be moved to another row', () => {
		const box = createSecretBox(new Map([['k1', key()]]));
		expect(() => box.open(box.seal('secret', 'a'), 'b')).toThrow();
	});

	it('does not open with any character changed', () => {
		const box = createSecretBox(new Map([['k1', key()]]));
		const sealed = box.seal('secret', 'a');
		for (let i = 0; i < sealed.length - 1; i++) {
			const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
			expect(() => box.open(changed, 'a'), `character ${i}`).toThrow();
		}
	});

	it('seals with the newest key and still opens with older ones, until they are taken away', () => {
		const [older, newer] = [key(), key()];
		const sealed = createSecretBox(new Map([['old', older]])).seal('secret', 'a');
		const rotated = createSecretBox(
			new Map([
				['new', newer],
				['old', older]
			])
		);
		expect(rotated.open(sealed, 'a')).toBe('secret');
		expect(rotated.seal('secret', 'a')).toMatch(/^v1\.new\./);
		expect(() => createSecretBox(new Map([['new', newer]])).open(sealed, 'a')).toThrow(/not in the key file/);
	});

	it('never seals the same text twice alike', () => {
		const box = createSecretBox(new Map([['k1', key()]]));
		expect(new Set(Array.from({ length: 1000 }, () => box.seal('secret', 'a'))).size).toBe(1000);
	});
});

describe('the key file', () => {
	let dir: string;
	beforeEach(async () => {
		dir = await mkdtemp(join(tmpdir(), 'quintet-keys-'));
	});
	afterEach(() => rm(dir, { recursive: true, force: true }));

	it('is made readable by its owner alone, and left as it is when it exists', async () => {
		const path = join(dir, 'sub', 'keys');
		await ensureKeyFile(path, new Date('2026-11-21'));
		const first = await readFile(path, 'utf8');
		await ensureKeyFile(path, new Date('2027-01-01'));
		expect(await readFile(path, 'utf8')).toBe(first);
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect([...(await readKeyFile(path)).keys()]).toEqual(['k20261121']);
	});

	it.each(['k1:dG9vIHNob3J0', 'no colon', `bad id!:${key().toString('base64')}`])(
		'is refused with the line %s',
		async (line) => {
			const path = join(dir, 'keys');
			await writeFile(path, `${line}\n`);
			await expect(readKeyFile(path)).rejects.toThrow(/has a line/);
		}
	);

	it('says what to do when it cannot be read', async () => {
		await expect(readKeyFile(join(dir, 'none'))).rejects.toThrow(/cannot be read/);
	});
});
