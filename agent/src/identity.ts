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
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type SealOwner } from '#lib/protocol/seal.ts';
import { openSealed } from '#lib/protocol/sealNode.ts';
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
	/** Opens a password that is sealed to this agent. */
	openPassword(sealed: string, owner: SealOwner): string;
	mark: CredentialMark;
}

/** @returns the raw public half, base64url @throws when the key is of another kind */
function rawPublicKey(privateKey: KeyObject, curve: 'Ed25519' | 'X25519'): string {
	const { x, crv } = createPublicKey(privateKey).export({ format: 'jwk' });
	if (crv !== curve || x === undefined) throw new Error(`the agent’s key is not an ${curve} key`);
	return x;
}

/** @param sealKeys the newest first; older ones still open what was sealed to them */
function identityOf(privateKey: KeyObject, sealKeys: readonly KeyObject[]): Identity {
	const [sealKey] = sealKeys;
	if (!sealKey) throw new Error('the agent has no sealing key');
	const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
	const markKey = Buffer.from(hkdfSync('sha256', secret, '', 'quintet-credential-mark-v1', 32));
	return {
		publicKey: rawPublicKey(privateKey, 'Ed25519'),
		sealKey: rawPublicKey(sealKey, 'X25519'),
		sign: (message) => sign(null, message, privateKey).toString('base64url'),
		nonce: () => randomBytes(24).toString('base64url'),
		openPassword: (sealed, owner) => openSealed(sealed, owner, sealKeys),
		mark: ({ accountNumber, serverName, password }) =>
			createHmac('sha256', markKey)
				.update(JSON.stringify([accountNumber, serverName, password?.reveal() ?? null]))
				.digest('base64url')
	};
}

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' });

/** So many sealing keys are kept, ten years of them: what was sealed to one before them is asked for again. */
const MAX_SEAL_KEYS = 40;

/** Makes both keys and writes them, readable by this user alone. @throws when a file exists already */
export async function createIdentity(files: KeyFiles): Promise<Identity> {
	const { privateKey } = generateKeyPairSync('ed25519');
	const { privateKey: sealKey } = generateKeyPairSync('x25519');
	await writeFile(files.privateKey, pem(privateKey), { mode: 0o600, flag: 'wx' });
	await writeFile(files.sealKey, pem(sealKey), { mode: 0o600, flag: 'wx' });
	return identityOf(privateKey, [sealKey]);
}

/** @throws when a file is missing or holds no key of its kind */
export async function readIdentity(files: KeyFiles): Promise<Identity> {
	const sealKeys = (await readFile(files.sealKey, 'utf8')).match(PEM) ?? [];
	return identityOf(
		createPrivateKey(await readFile(files.privateKey)),
		sealKeys.map((text) => createPrivateKey(text))
	);
}

const PEM = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g;
const next = ({ privateKey, sealKey }: KeyFiles): KeyFiles => ({
	privateKey: `${privateKey}.next`,
	sealKey: `${sealKey}.next`
});

/**
 * The keys that are to follow: made now, or found from a change that was interrupted. They are on the disk
 * before anybody is told of them, so that whatever happens this agent has the keys that the server knows.
 */
export async function nextIdentity(files: KeyFiles): Promise<Identity> {
	const nextFiles = next(files);
	try {
		return await readIdentity(nextFiles);
	} catch {
		await rm(nextFiles.privateKey, { force: true });
		await rm(nextFiles.sealKey, { force: true });
		return createIdentity(nextFiles);
	}
}

/** When keys that are to follow were made and not handed in, for a change that was interrupted; else null. */
export async function nextIdentityMadeAtMs(files: KeyFiles): Promise<number | null> {
	return stat(next(files).privateKey).then(
		({ mtimeMs }) => mtimeMs,
		() => null
	);
}

/** The next keys become the present ones; older sealing keys stay behind the new one. */
export async function promoteNextIdentity(files: KeyFiles): Promise<void> {
	const nextFiles = next(files);
	const newest = await readFile(nextFiles.sealKey, 'utf8');
	const older = (await readFile(files.sealKey, 'utf8').catch(() => '')).match(PEM) ?? [];
	const all = [newest.trim(), ...older.filter((text) => text.trim() !== newest.trim())];
	const text = `${all.slice(0, MAX_SEAL_KEYS).join('\n')}\n`;
	await writeFile(`${files.sealKey}.tmp`, text, { mode: 0o600 });
	await rename(`${files.sealKey}.tmp`, files.sealKey);
	// Last, since this is what says that the change is done: a crash before it only repeats the above.
	await rename(nextFiles.privateKey, files.privateKey);
	await rm(nextFiles.sealKey, { force: true });
}
