/** How an agent proves who it is: a fresh nonce, signed with its Ed25519 key. */
import { randomBytes, verify } from 'node:crypto';
import { ed25519PublicKey } from '#lib/protocol/ed25519.ts';

export interface AgentProof {
	newNonce(): string;
	/** @param publicKey raw Ed25519 key, base64url; one that is none has signed nothing */
	isSignedBy(publicKey: string, message: Uint8Array, signature: string): Promise<boolean>;
}

export const agentProof: AgentProof = {
	newNonce: () => randomBytes(24).toString('base64url'),
	// In the thread pool: a fleet that comes back at once must not hold up everything else.
	isSignedBy: (publicKey, message, signature) =>
		new Promise((done) => {
			try {
				verify(
					null,
					message,
					ed25519PublicKey(publicKey),
					Buffer.from(signature, 'base64url'),
					(error, isValid) => done(!error && isValid)
				);
			} catch {
				done(false);
			}
		})
};
