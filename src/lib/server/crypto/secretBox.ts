/**
 * Secrets at rest: AES-256-GCM, sealed with the newest key, opened with the key whose id the text carries.
 * The owner's id is bound in as associated data, so that a sealed text moved to another row does not open.
 * What does not open is an error, never an empty value.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SecretBox {
	/** @returns `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url */
	seal(plain: string, ownerId: string): string;
	/** Id of the key that seals now. */
	readonly newestKeyId: string;
	/** @throws Error when key, owner or text are not those it was sealed with */
	open(sealed: string, ownerId: string): string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param keys 32-byte keys by id, the one to seal with first */
export function createSecretBox(keys: ReadonlyMap<string, Buffer>): SecretBox {
	const newest = keys.entries().next().value;
	if (!newest) throw new Error('The key file holds no key.');
	const [newestId, newestKey] = newest;
	const aad = (ownerId: string) => Buffer.from(`quintet|mt5-password|v1|${ownerId}`);
	return {
		newestKeyId: newestId,
		seal(plain, ownerId) {
			const nonce = randomBytes(NONCE_BYTES);
			const cipher = createCipheriv('aes-256-gcm', newestKey, nonce).setAAD(aad(ownerId));
			const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
			return `v1.${newestId}.${nonce.toString('base64url')}.${text.toString('base64url')}`;
		},
		open(sealed, ownerId) {
			const [version, keyId, nonce, text] = sealed.split('.');
			const key = keyId === undefined ? undefined : keys.get(keyId);
			if (version !== 'v1' || !nonce || !text) throw new Error('A sealed secret has an unknown form.');
			if (!key) throw new Error(`The key ${keyId} of a sealed secret is not in the key file.`);
			const bytes = Buffer.from(text, 'base64url');
			const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
				.setAAD(aad(ownerId))
				.setAuthTag(bytes.subarray(-TAG_BYTES));
			return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
				'utf8'
			);
		}
	};
}

/**
 * Reads `<key id>:<base64 of 32 bytes>` lines, the newest first.
 * @throws Error when the file is missing or a line is not a key
 */
export async function readKeyFile(path: string): Promise<Map<string, Buffer>> {
	const text = await readFile(path, 'utf8').catch((cause: unknown) => {
		throw new Error(
			`The key file ${path} cannot be read. .env.example tells how to make one; never replace a lost one lightly: what it sealed does not open without it.`,
			{ cause }
		);
	});
	const keys = new Map<string, Buffer>();
	for (const line of text.split('\n')) {
		if (!line.trim() || line.startsWith('#')) continue;
		const [id, base64] = line.trim().split(':');
		const key = Buffer.from(base64 ?? '', 'base64');
		if (!id || !/^[A-Za-z0-9_-]{1,40}$/.test(id) || key.length !== 32)
			throw new Error(`The key file ${path} has a line that is not <key id>:<base64 of 32 bytes>.`);
		keys.set(id, key);
	}
	return keys;
}

/** Makes a key file with one new key, readable by its owner alone; an existing one is left as it is. */
export async function ensureKeyFile(path: string, now: Date): Promise<void> {
	const id = `k${now.toISOString().slice(0, 10).replaceAll('-', '')}`;
	await mkdir(dirname(path), { recursive: true });
	try {
		await writeFile(path, `${id}:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
}
