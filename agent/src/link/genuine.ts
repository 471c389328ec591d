/** Which frames the server must have signed, and whether it did. Asked before anything else is done with one. */
import { type SignatureCheck } from '#lib/protocol/ed25519.ts';
import { type WebFrameType } from '#lib/protocol/frames.ts';
import { commandMessage, lineMessage, SIGNED_ON_LINE, type LineSession } from '#lib/protocol/signed.ts';

/**
 * The rest cannot make this agent start or lose anything: the challenge is answered with a signature that is
 * good for one line, a question (settle) at most buries a Start, an acknowledgement ends a repetition, a part of
 * a file counts only when the whole has the digest that a signed word named.
 */
const UNSIGNED = new Set<WebFrameType>(['challenge', 'ack', 'settle', 'expert_part']);

/** @param raw the frame as it came, with fields that this version does not know */
export function isGenuine(
	server: SignatureCheck,
	session: LineSession | null,
	type: WebFrameType,
	raw: object
): boolean {
	if (UNSIGNED.has(type)) return true;
	const signature = 'signature' in raw ? raw.signature : undefined;
	if (!session || typeof signature !== 'string') return false;
	if (type === 'command') return server.verify(commandMessage(session.agentId, raw), signature);
	const signedType = SIGNED_ON_LINE.find((each) => each === type);
	// A kind that nobody decided about is not obeyed.
	return signedType !== undefined && server.verify(lineMessage(signedType, session, raw), signature);
}
