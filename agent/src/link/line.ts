/** One line to the server, as far as it has come. */
import { type LineSession } from '#lib/protocol/signed.ts';
import { type Connection } from './connection.ts';
import { type Asked } from './serverTime.ts';

export interface Line {
	connection: Connection;
	/** From the challenge on. */
	session: LineSession | null;
	isPending: boolean;
	/** Its other end is not our server: nothing more is heard of it. */
	isForeign: boolean;
	dialledAtMs: number;
	isWelcome: boolean;
	/** The server said so in its welcome. */
	takesDeals: boolean;
	givesExperts: boolean;
	isSynced: boolean;
	nextPingMs: number;
	nextTelemetryMs: number;
	nextResendMs: number;
	nextQuestionMs: number;
	/** When the proof of identity left, which the welcome answers; null before. */
	provedAt: Asked | null;
	/** The question for the time that is under way. */
	question: { number: number; asked: Asked } | null;
}

/** @param pingIntervalMs until the server has dictated its own */
export const newLine = (
	connection: Connection,
	nowMs: number,
	pace: { pingIntervalMs: number; resendMs: number }
): Line => ({
	connection,
	session: null,
	isPending: false,
	isForeign: false,
	dialledAtMs: nowMs,
	isWelcome: false,
	takesDeals: false,
	givesExperts: false,
	isSynced: false,
	nextPingMs: nowMs + pace.pingIntervalMs,
	nextTelemetryMs: nowMs,
	nextResendMs: nowMs + pace.resendMs,
	nextQuestionMs: nowMs,
	provedAt: null,
	question: null
});
