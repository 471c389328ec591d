import type { WebFrames } from '#lib/protocol/frames.ts';
import { commandMessage } from '#lib/protocol/signed.ts';
import type { ServerSigner } from '../crypto/signingKey.ts';

/** A command frame as it travels, also between web nodes: with the signature it was issued with. */
export type SignedCommand = Omit<WebFrames['command'], 'v' | 'id'>;

/**
 * A command as it leaves the place that issued it: signed for the one agent it goes to, so that nothing between
 * here and there (bus, other nodes, proxies) can make or change one. Whatever fields it has are covered.
 */
export function signedCommand(
	signer: ServerSigner,
	agentId: string,
	command: Omit<SignedCommand, 'signature'>
): SignedCommand {
	return { ...command, signature: signer.sign(commandMessage(agentId, command)) };
}
