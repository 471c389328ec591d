/**
 * The server's Ed25519 key. Agents pin its public half when they enrol and obey nothing that it did not sign.
 * It lies in a file and never in the database: who can write to the database still cannot make a command.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface ServerSigner {
	/** Raw public key, base64url: what agents pin. */
	readonly publicKey: string;
	/** @returns base64url */
	sign(message: Uint8Array): string;
}

/** @throws Error when the key is not an Ed25519 private key */
export function createServerSigner(key: KeyObject): ServerSigner {
	const { x, crv } = createPublicKey(key).export({ format: 'jwk' });
	if (crv !== 'Ed25519' || x === undefined) throw new Error('The signing key is not an Ed25519 key.');
	return { publicKey: x, sign: (message) => sign(null, message, key).toString('base64url') };
}

/** @throws Error when the file cannot be read or holds something else */
export async function readSigningKey(path: string): Promise<ServerSigner> {
	const text = await readFile(path).catch((cause: unknown) => {
		throw new Error(
			`The signing key ${path} cannot be read. Bring it back from the backup: agents that are enrolled obey no other one.`,
			{ cause }
		);
	});
	try {
		return createServerSigner(createPrivateKey(text));
	} catch (cause) {
		throw new Error(`${path} does not hold an Ed25519 private key in PEM.`, { cause });
	}
}

/** Makes the key if there is none, readable by its owner alone; an existing one is left as it is. */
export async function ensureSigningKey(path: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
	try {
		await writeFile(path, pem, { mode: 0o600, flag: 'wx' });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
}

/**
 * The key as the configuration says. Without a path of its own it lies beside the key file, and is made at the
 * first start; never again after that, since agents that pinned the lost one would obey no new one.
 * @throws Error when it is missing or no key
 */
export async function openSigningKey(
	config: { keyFile: string; signingKeyFile: string | undefined },
	hasAgents: () => Promise<boolean>
): Promise<ServerSigner> {
	const path = config.signingKeyFile ?? `${config.keyFile}.signing`;
	if (config.signingKeyFile === undefined && !existsSync(path) && !(await hasAgents()))
		await ensureSigningKey(path);
	return readSigningKey(path);
}
