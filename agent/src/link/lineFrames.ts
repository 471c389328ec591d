/**
 * What comes in on the line: whether it is our server's, and what is done with it. Opens no line and ends none but
 * one whose other end is not our server.
 */
import { TIME_QUESTION_MS } from '#lib/domain/limits.ts';
import { type WebFrameHandlers } from '#lib/protocol/codec.ts';
import { CAPABILITIES, CLOSE, type SERVER_CAPABILITIES, type WebFrame } from '#lib/protocol/frames.ts';
import { authMessage } from '#lib/protocol/signed.ts';
import { AGENT_VERSION } from '../version.ts';
import { isGenuine } from './genuine.ts';
import { type Line } from './line.ts';
import { type AgentLinkDependencies, type LinkStanding } from './linkPorts.ts';

/** The server dictates the rhythm of the line. */
export interface LineRhythm {
	pingIntervalMs: number;
	lineDeadMs: number;
	telemetryIntervalMs: number;
}

export interface LineFramesDependencies extends AgentLinkDependencies {
	/** The present line. */
	line: () => Line | null;
	onStanding(standing: LinkStanding): void;
	onRhythm(rhythm: LineRhythm): void;
	wake(reason: 'welcomed' | 'synced'): void;
}

const PENDING = 'this agent waits for an operator to approve it on the Agents page';

/** @returns takes in one frame of the present line; `raw` is as it came */
export function createLineFrames(
	deps: LineFramesDependencies
): (line: Line, frame: WebFrame, raw: object) => void {
	const handlers = frameHandlers(deps);
	return (line, frame, raw) => {
		if (line.isForeign) return;
		try {
			if (!isGenuine(deps.server, line.session, frame.type, raw)) return onForged(deps, line, frame);
			// The map is typed by the kind of frame; the compiler cannot follow that through an index.
			(handlers[frame.type] as (frame: WebFrame) => void)(frame);
		} catch (error) {
			deps.logger.error({ err: error, type: frame.type }, 'a frame could not be handled');
		}
	};
}

/** Not from our server, or changed on the way: nothing of it is done. */
function onForged({ logger, listener }: LineFramesDependencies, line: Line, frame: WebFrame): void {
	logger.error({ type: frame.type }, 'SECURITY: a frame is not signed by the server this agent knows');
	if (frame.type === 'command') {
		const message = `A ${frame.kind} for account ${frame.accountId} was not signed by the server; nothing was done.`;
		return listener.onSecurity('forged_command', message);
	}
	listener.onSecurity('forged_frame', `A ${frame.type} was not signed by the server; nothing was done.`);
	line.isForeign = true;
	line.connection.close(CLOSE.unauthorised, `the ${frame.type} is not signed by the server this agent knows`);
}

function frameHandlers(deps: LineFramesDependencies): WebFrameHandlers {
	const { listener, identity, connSeqSeen, serverTime, clock, logger } = deps;
	/** Before the server accepted us it has nothing to order. */
	const whenWelcome = (handle: () => void): void => {
		if (deps.line()?.isWelcome) handle();
	};
	return {
		challenge: ({ nonce }) => {
			const { agentId, machine, capacity } = identity;
			const seen = connSeqSeen();
			const line = deps.line();
			// One challenge per line: a second one could not be answered without mixing two sessions.
			if (!line || line.session) return;
			const session = { agentId, serverNonce: nonce, agentNonce: identity.nonce() };
			line.session = session;
			line.connection.send({
				type: 'hello',
				agentId,
				agentVersion: AGENT_VERSION,
				capabilities: [...CAPABILITIES],
				machine,
				capacity,
				connSeqSeen: seen,
				nonce: session.agentNonce
			});
			line.provedAt = serverTime.asking();
			line.connection.send({ type: 'auth', signature: identity.sign(authMessage(session, seen)) });
		},
		welcome: ({
			connSeq,
			standing,
			pingIntervalMs,
			lineDeadMs,
			telemetryIntervalMs,
			serverTimeMs,
			capabilities
		}) => {
			const line = deps.line();
			if (!line || line.isWelcome) return;
			deps.onStanding(standing);
			line.isPending = standing === 'pending';
			deps.onRhythm({ pingIntervalMs, lineDeadMs, telemetryIntervalMs });
			line.takesDeals = capabilities.includes('deals' satisfies (typeof SERVER_CAPABILITIES)[number]);
			line.givesExperts = capabilities.includes(
				'expert-files' satisfies (typeof SERVER_CAPABILITIES)[number]
			);
			line.isWelcome = true;
			line.nextPingMs = clock.monotonicMs() + pingIntervalMs;
			if (line.provedAt) serverTime.answered(line.provedAt, serverTimeMs);
			line.nextQuestionMs = clock.monotonicMs() + TIME_QUESTION_MS;
			const offsetMs = serverTimeMs - clock.wallMs();
			logger.info({ connSeq, offsetMs }, line.isPending ? PENDING : 'the server accepted this agent');
			listener.onWelcome(connSeq);
			line.connection.send({ type: 'ready', connSeq });
			deps.wake('welcomed');
		},
		sync: (frame) => {
			const line = deps.line();
			if (!line?.isWelcome) return;
			if (!listener.onSync(frame) || !frame.isFull || line.isSynced) return;
			line.isSynced = true;
			listener.onTelemetryDue(true);
			listener.onSynced();
			deps.wake('synced');
		},
		time: ({ question: number, serverTimeMs }) => {
			const question = deps.line()?.question;
			if (question?.number === number) serverTime.answered(question.asked, serverTimeMs);
		},
		locked: ({ reason }) => {
			logger.error({ reason }, 'SECURITY: this agent is locked; its EAs are stopped');
			deps.onStanding('locked');
			listener.onLocked(reason);
		},
		command: (frame) => whenWelcome(() => listener.onCommand(frame)),
		ack: (frame) => whenWelcome(() => listener.onAck(frame)),
		deals_stored: (frame) => whenWelcome(() => listener.onDealsStored(frame)),
		expert_part: (frame) => whenWelcome(() => listener.onExpertPart(frame)),
		settle: (frame) => whenWelcome(() => listener.onSettle(frame)),
		release: (frame) => whenWelcome(() => listener.onRelease(frame)),
		request: (frame) => whenWelcome(() => listener.onRequest(frame))
	};
}
