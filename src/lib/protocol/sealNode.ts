/**
 * The sealed texts of seal.ts with node:crypto, without waiting: the agent applies a sync in order with the
 * commands behind it, and the server seals a whole list at once. Not for browsers.
 */
import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	hkdfSync,
	randomBytes,
	type KeyObject
} from 'node:crypto';
import {
	KEY_ID_LENGTH,
	SEAL_VERSION,
	sealAad,
	sealedParts,
	sealInfo,
	type SealOwner,
	type SealTarget
} from './seal.ts';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

const publicKeyOf = (raw: string): KeyObject =>
	createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw }, format: 'jwk' });
const rawKeyOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'jwk' }).x ?? '';

export const sealKeyId = (sealKey: string): string =>
	createHash('sha256').update(Buffer.from(sealKey, 'base64url')).digest('base64url').slice(0, KEY_ID_LENGTH);

/** @throws when the two keys give nothing secret (a key of small order) */
function derivedKey(privateKey: KeyObject, publicKey: KeyObject, info: Uint8Array): Buffer {
	const shared = diffieHellman({ privateKey, publicKey });
	if (shared.every((byte) => byte === 0)) throw new Error('The sealing key is not usable.');
	return Buffer.from(hkdfSync('sha256', shared, '', info, 32));
}

/** @throws when the agent's key is none */
export function sealNow(password: string, target: SealTarget): string {
	const pair = generateKeyPairSync('x25519');
	const ephemeral = pair.publicKey.export({ format: 'jwk' }).x ?? '';
	const key = derivedKey(pair.privateKey, publicKeyOf(target.sealKey), sealInfo(ephemeral, target.sealKey));
	const keyId = sealKeyId(target.sealKey);
	const nonce = randomBytes(NONCE_BYTES);
	const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(sealAad(target, keyId));
	const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final(), cipher.getAuthTag()]);
	const parts = [SEAL_VERSION, target.agentId, keyId, ephemeral, nonce.toString('base64url')];
	return [...parts, text.toString('base64url')].join('.');
}

/**
 * @param sealKeys the agent's private X25519 keys; the text says which one is meant
 * @throws Error when it is not sealed to one of them for this trader, account, login and agent; never gives an empty value
 */
export function openSealed(sealed: string, owner: SealOwner, sealKeys: readonly KeyObject[]): string {
	const parts = sealedParts(sealed);
	if (!parts || parts.agentId !== owner.agentId) throw new Error('The password is not sealed to this agent.');
	const { keyId, ephemeral, nonce } = parts;
	const sealKey = sealKeys.find((key) => sealKeyId(rawKeyOf(key)) === keyId);
	if (!sealKey) throw new Error('The password is sealed to a key that this agent does not have.');
	const key = derivedKey(sealKey, publicKeyOf(ephemeral), sealInfo(ephemeral, rawKeyOf(sealKey)));
	const bytes = Buffer.from(parts.text, 'base64url');
	const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
		.setAAD(sealAad(owner, keyId))
		.setAuthTag(bytes.subarray(-TAG_BYTES));
	const plain = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
		'utf8'
	);
	if (plain === '') throw new Error('The sealed password is empty.');
	return plain;
}
