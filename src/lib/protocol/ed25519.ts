/** Ed25519 with raw keys in base64url. For the web server and the agent; a browser never needs it. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';

export interface SignatureCheck {
	/** @param signature base64url; whatever is wrong with it, the answer is false */
	verify(message: Uint8Array, signature: string): boolean;
}

/** @throws when the text is no raw Ed25519 public key */
export function ed25519PublicKey(raw: string): KeyObject {
	return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
}

/** @throws when the text is no raw Ed25519 public key */
export function signatureCheck(publicKey: string): SignatureCheck {
	const key = ed25519PublicKey(publicKey);
	return {
		verify(message, signature) {
			try {
				return verify(null, message, key, Buffer.from(signature, 'base64url'));
			} catch {
				return false;
			}
		}
	};
}

/** @param publicKey of anybody; one that is no key has signed nothing */
export function isSignedBy(publicKey: string, message: Uint8Array, signature: string): boolean {
	try {
		return signatureCheck(publicKey).verify(message, signature);
	} catch {
		return false;
	}
}
