/** The agent's Ed25519 key: who it is to the server. The private half never leaves its file. */
import {
	createHmac,
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	hkdfSync,
	sign,
	type KeyObject
} from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type CredentialMark } from './supervisor/account.ts';

const ED25519_RAW_BYTES = 32;

export interface Identity {
	/** Raw public key, base64url. */
	publicKey: string;
	/** Signature, base64url. */
	sign(message: Uint8Array): string;
	mark: CredentialMark;
}

function identityOf(privateKey: KeyObject): Identity {
	const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
	if (x === undefined || Buffer.from(x, 'base64url').length !== ED25519_RAW_BYTES)
		throw new Error('the agent’s key is not an Ed25519 key');
	const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
	const markKey = Buffer.from(hkdfSync('sha256', secret, '', 'quintet-credential-mark-v1', 32));
	return {
		publicKey: x,
		sign: (message) => sign(null, message, privateKey).toString('base64url'),
		mark: ({ accountNumber, serverName, password }) =>
			createHmac('sha256', markKey)
				.update(JSON.stringify([accountNumber, serverName, password.reveal()]))
				.digest('base64url')
	};
}

/** Makes a key and writes it, readable by this user alone. @throws when the file exists already */
export async function createIdentity(path: string): Promise<Identity> {
	const { privateKey } = generateKeyPairSync('ed25519');
	await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
	return identityOf(privateKey);
}

/** @throws when the file is missing or holds no Ed25519 key */
export async function readIdentity(path: string): Promise<Identity> {
	return identityOf(createPrivateKey(await readFile(path)));
}
