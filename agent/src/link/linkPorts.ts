/** What the line needs of the agent, and whom it tells: everything that agentLink.ts and lineFrames.ts are given. */
import { type SignatureCheck } from '#lib/protocol/ed25519.ts';
import { type Machine, type WebFrame } from '#lib/protocol/frames.ts';
import { type Clock } from '../clock.ts';
import { type Logger } from '../logger.ts';
import { type Dial } from './dial.ts';
import { type ServerTime } from './serverTime.ts';

export interface LinkIdentity {
	agentId: string;
	machine: Machine;
	capacity: number;
	sign(message: Uint8Array): string;
	/** Fresh and not to be guessed, for every line. */
	nonce(): string;
}

/** What the server thinks of this agent, as far as it is known. */
export type LinkStanding = 'unknown' | 'pending' | 'approved' | 'refused' | 'locked';

export interface LinkListener {
	/** A line was accepted; its accounts come next. When this returns, the number is on the disk. */
	onWelcome(connSeq: number): void;
	/** @returns true when the sync is complete */
	onSync(frame: Extract<WebFrame, { type: 'sync' }>): boolean;
	/** The accounts are known; everything may be told now. */
	onSynced(): void;
	onCommand(frame: Extract<WebFrame, { type: 'command' }>): void;
	onAck(frame: Extract<WebFrame, { type: 'ack' }>): void;
	onDealsStored(frame: Extract<WebFrame, { type: 'deals_stored' }>): void;
	onExpertPart(frame: Extract<WebFrame, { type: 'expert_part' }>): void;
	onSettle(frame: Extract<WebFrame, { type: 'settle' }>): void;
	onRelease(frame: Extract<WebFrame, { type: 'release' }>): void;
	onRequest(frame: Extract<WebFrame, { type: 'request' }>): void;
	/** Somebody tried to make this agent do something, and was refused. */
	onSecurity(code: string, message: string): void;
	/** Two copies of this agent were seen, the server says: whatever runs here must stop. */
	onLocked(reason: string): void;
	/** It is time to tell what changed. */
	onTelemetryDue(isFirst: boolean): void;
	/** It is time to repeat what was not acknowledged. */
	onResendDue(): void;
}

export interface AgentLinkDependencies {
	url: string;
	dial: Dial;
	identity: LinkIdentity;
	/** The server's key, pinned at enrolment. */
	server: SignatureCheck;
	listener: LinkListener;
	/** Number of the last connection that the server accepted. */
	connSeqSeen: () => number;
	/** Told of every answer that says what time it is at the server. */
	serverTime: ServerTime;
	clock: Clock;
	random: () => number;
	logger: Logger;
	pace?: Partial<LinkPace>;
}

export interface LinkPace {
	retryBaseMs: number;
	retryCapMs: number;
	/** After a refusal of this agent's identity: a person must act, so there is no hurry. */
	unauthorisedMs: number;
	/** A line that lasted so long was a good one: the back-off begins anew. */
	healthyMs: number;
	/** From dialling to the complete first sync. */
	handshakeMs: number;
	resendMs: number;
	/** The loop was away for so long (suspended machine, jumped clock): the line is not to be trusted. */
	gapMs: number;
}

export const DEFAULT_PACE: LinkPace = {
	retryBaseMs: 500,
	// A whole fleet is to be back within 15 s of a server's return (bench: reconnect), so nobody waits longer.
	retryCapMs: 10_000,
	unauthorisedMs: 60_000,
	healthyMs: 30_000,
	handshakeMs: 20_000,
	resendMs: 10_000,
	gapMs: 30_000
};
