/**
 * Sealing an MT5 password to one agent, so that nobody in between can open it: X25519, HKDF-SHA256, AES-256-GCM.
 * The text says to whom it is sealed, and is bound to trader, account, login and broker server, agent and key: moved
 * to another row, sent to another server, or handed to another agent, it does not open. This module runs where WebCrypto is (browser, server);
 * sealNode.ts opens and seals the same texts with node:crypto, without waiting.
 */

/** Where the password logs in. */
export interface SealedLogin {
	accountNumber: string;
	serverName: string;
}

/** Whose password it is, where it logs in, and which agent may open it. */
export interface SealOwner extends SealedLogin {
	userId: string;
	accountId: string;
	agentId: string;
}

/** Whom a password is sealed to, and what it is bound to. */
export interface SealTarget extends SealOwner {
	/** The agent's raw X25519 public key, base64url. */
	sealKey: string;
}

/** What the server says of a target; the login is what the trader typed. */
export type SealRecipient = Omit<SealTarget, keyof SealedLogin>;

/** `x2.<agent id>.<key id>.<ephemeral key>.<nonce>.<ciphertext and tag>`, the last four base64url. */
export interface SealedParts {
	agentId: string;
	keyId: string;
	ephemeral: string;
	nonce: string;
	text: string;
}

/** 1 did not bind login and server: what was sealed so is gone from the database. */
export const SEAL_VERSION = 'x2';
export const SEALED_TEXT =
	/^x2\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{11})\.([\w-]{43})\.([\w-]{16})\.([\w-]{22,400})$/;
const NONCE_BYTES = 12;

/** @returns null when it is no sealed text */
export function sealedParts(sealed: string): SealedParts | null {
	const [, agentId, keyId, ephemeral, nonce, text] = SEALED_TEXT.exec(sealed) ?? [];
	return agentId && keyId && ephemeral && nonce && text ? { agentId, keyId, ephemeral, nonce, text } : null;
}

/** Short for a key: the first characters of its SHA-256, base64url. */
export const KEY_ID_LENGTH = 11;

/** What is authenticated with the password without being in it. JSON, so that no field can run into the next. */
export const sealAad = (
	{ userId, accountId, agentId, accountNumber, serverName }: SealOwner,
	keyId: string
): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(
		JSON.stringify(['quintet-seal-v2', userId, accountId, agentId, keyId, accountNumber, serverName])
	);

/** What the AES key is derived for: both public keys are part of it. */
export const sealInfo = (ephemeral: string, sealKey: string): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(`quintet-seal-v1|${ephemeral}|${sealKey}`);

const toBase64Url = (bytes: ArrayBuffer | Uint8Array): string =>
	btoa(String.fromCharCode(...new Uint8Array(bytes)))
		.replaceAll('+', '-')
		.replaceAll('/', '_')
		.replaceAll('=', '');

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
	Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));

/** Not in every browser, and nowhere without https: then the password is sealed by the server at the door. */
export async function canSeal(): Promise<boolean> {
	try {
		await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
		return true;
	} catch {
		return false;
	}
}

/** @throws when this environment has no X25519, or the agent's key is none */
export async function seal(password: string, target: SealTarget): Promise<string> {
	const { subtle } = crypto;
	const sealKeyBytes = fromBase64Url(target.sealKey);
	const agentKey = await subtle.importKey('raw', sealKeyBytes, { name: 'X25519' }, false, []);
	const pair = (await subtle.generateKey({ name: 'X25519' }, true, ['deriveBits'])) as CryptoKeyPair;
	const ephemeral = toBase64Url(await subtle.exportKey('raw', pair.publicKey));
	const shared = await subtle.deriveBits({ name: 'X25519', public: agentKey }, pair.privateKey, 256);
	// A key of small order gives zeros, which anybody could compute.
	if (new Uint8Array(shared).every((byte) => byte === 0))
		throw new Error('The agent’s sealing key is not usable.');
	const material = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	const key = await subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: sealInfo(ephemeral, target.sealKey) },
		material,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt']
	);
	const keyId = toBase64Url(await subtle.digest('SHA-256', sealKeyBytes)).slice(0, KEY_ID_LENGTH);
	const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
	const text = await subtle.encrypt(
		{ name: 'AES-GCM', iv, additionalData: sealAad(target, keyId) },
		key,
		new TextEncoder().encode(password)
	);
	return [SEAL_VERSION, target.agentId, keyId, ephemeral, toBase64Url(iv), toBase64Url(text)].join('.');
}
