/**
 * The agent's two keys: Ed25519 says who it is, and to X25519 the MT5 passwords are sealed. Both are made here,
 * and their private halves never leave their files.
 */
import {
	createHmac,
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	hkdfSync,
	randomBytes,
	sign,
	type KeyObject
} from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type AgentPublicKeys } from '#lib/protocol/signed.ts';
import { type CredentialMark } from './supervisor/account.ts';

/** Where the two keys lie. */
export interface KeyFiles {
	privateKey: string;
	sealKey: string;
}

export interface Identity extends AgentPublicKeys {
	/** Signature, base64url. */
	sign(message: Uint8Array): string;
	/** Fresh and not to be guessed. */
	nonce(): string;
	mark: CredentialMark;
}

/** @returns the raw public half, base64url @throws when the key is of another kind */
function rawPublicKey(privateKey: KeyObject, curve: 'Ed25519' | 'X25519'): string {
	const { x, crv } = createPublicKey(privateKey).export({ format: 'jwk' });
	if (crv !== curve || x === undefined) throw new Error(`the agent’s key is not an ${curve} key`);
	return x;
}

function identityOf(privateKey: KeyObject, sealKey: KeyObject): Identity {
	const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
	const markKey = Buffer.from(hkdfSync('sha256', secret, '', 'quintet-credential-mark-v1', 32));
	return {
		publicKey: rawPublicKey(privateKey, 'Ed25519'),
		sealKey: rawPublicKey(sealKey, 'X25519'),
		sign: (message) => sign(null, message, privateKey).toString('base64url'),
		nonce: () => randomBytes(24).toString('base64url'),
		mark: ({ accountNumber, serverName, password }) =>
			createHmac('sha256', markKey)
				.update(JSON.stringify([accountNumber, serverName, password.reveal()]))
				.digest('base64url')
	};
}

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' });

/** Makes both keys and writes them, readable by this user alone. @throws when a file exists already */
export async function createIdentity(files: KeyFiles): Promise<Identity> {
	const { privateKey } = generateKeyPairSync('ed25519');
	const { privateKey: sealKey } = generateKeyPairSync('x25519');
	await writeFile(files.privateKey, pem(privateKey), { mode: 0o600, flag: 'wx' });
	await writeFile(files.sealKey, pem(sealKey), { mode: 0o600, flag: 'wx' });
	return identityOf(privateKey, sealKey);
}

/** @throws when a file is missing or holds no key of its kind */
export async function readIdentity(files: KeyFiles): Promise<Identity> {
	return identityOf(
		createPrivateKey(await readFile(files.privateKey)),
		createPrivateKey(await readFile(files.sealKey))
	);
}
