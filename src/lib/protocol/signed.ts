/**
 * What is signed on the agent's line, byte for byte; both ends build it here. Every message begins with its own
 * name, so that a signature for one purpose is none for another.
 *
 * The server signs with the key the agent pinned when it enrolled. What belongs to one line (welcome, sync,
 * orders about the agent itself) is bound to that line's two nonces and is worth nothing on another. A command
 * is bound to the agent alone, since it is signed where it is issued; its id, generation and deadline keep it
 * from running twice.
 */
import { canonicalFrame } from './canonical.ts';

/** One line between one agent and the server: both nonces are fresh. */
export interface LineSession {
	agentId: string;
	serverNonce: string;
	agentNonce: string;
}

/** Frames that the agent acts on only when the server's signature is right. */
export const SIGNED_ON_LINE = [
	'welcome',
	'sync',
	'time',
	'locked',
	'request',
	'release',
	'deals_stored'
] as const;
export type SignedOnLine = (typeof SIGNED_ON_LINE)[number];

const bytes = (...lines: string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'));

/** What the agent signs to prove who it is, and how many connections it remembers. */
export const authMessage = (
	{ serverNonce, agentNonce, agentId }: LineSession,
	connSeqSeen: number
): Uint8Array => bytes('quintet-agent-auth-v1', serverNonce, agentNonce, agentId, connSeqSeen.toString());

/** What the server signs of a frame that belongs to one line. @param frame as sent, envelope or not */
export const lineMessage = (
	type: SignedOnLine,
	{ serverNonce, agentNonce, agentId }: LineSession,
	frame: object
): Uint8Array => bytes(`quintet-${type}-v1`, serverNonce, agentNonce, agentId, canonicalFrame(frame));

/** What the server signs of a command to this agent. @param frame as sent, envelope or not */
export const commandMessage = (agentId: string, frame: object): Uint8Array =>
	bytes('quintet-command-v1', agentId, canonicalFrame(frame));

/** The public halves of an agent's two keys, raw, base64url. */
export interface AgentPublicKeys {
	/** Ed25519: who it is. */
	publicKey: string;
	/** X25519: what is sealed to it. */
	sealKey: string;
}

/** What a new agent signs: it holds the private half of the key it enrols. */
export const enrolMessage = (code: string, { publicKey, sealKey }: AgentPublicKeys): Uint8Array =>
	bytes('quintet-agent-enrol-v1', code, publicKey, sealKey);

/** What the old and the new key sign when an agent changes its keys. */
export const rotateMessage = (agentId: string, { publicKey, sealKey }: AgentPublicKeys): Uint8Array =>
	bytes('quintet-agent-rotate-v1', agentId, publicKey, sealKey);
