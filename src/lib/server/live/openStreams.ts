/**
 * Which live streams are open, by session and user: the oldest one makes room for the newest, and the streams
 * of a session end with it.
 */
import { MAX_STREAMS, MAX_STREAMS_PER_SESSION, MAX_STREAMS_PER_USER } from '#lib/domain/limits.ts';
import type { StreamEvents } from '#lib/domain/views.ts';

export type CloseReason = StreamEvents['closed']['reason'];

export interface OpenStream {
	readonly userId: string;
	readonly sessionId: string;
	/** Tells the page why, and closes. */
	close(reason: CloseReason): void;
}

export interface OpenStreams {
	/** Takes the stream in; where that is one too many, the oldest is closed. @returns what to call at its end */
	add(stream: OpenStream): () => void;
	endSessions(sessionIds: readonly string[]): void;
	/** Sessions with an open stream. */
	sessionIds(): string[];
	readonly size: number;
}

export function createOpenStreams(
	limits = { perSession: MAX_STREAMS_PER_SESSION, perUser: MAX_STREAMS_PER_USER, all: MAX_STREAMS }
): OpenStreams {
	/** In the order of their opening. */
	const all = new Set<OpenStream>();
	const bySession = new Map<string, Set<OpenStream>>();
	const byUser = new Map<string, Set<OpenStream>>();

	const put = (index: Map<string, Set<OpenStream>>, key: string, stream: OpenStream) => {
		const streams = index.get(key) ?? new Set();
		index.set(key, streams.add(stream));
		return streams;
	};
	const drop = (index: Map<string, Set<OpenStream>>, key: string, stream: OpenStream) => {
		const streams = index.get(key);
		streams?.delete(stream);
		if (streams?.size === 0) index.delete(key);
	};
	function release(stream: OpenStream): void {
		all.delete(stream);
		drop(bySession, stream.sessionId, stream);
		drop(byUser, stream.userId, stream);
	}
	function close(stream: OpenStream, reason: CloseReason): void {
		release(stream);
		stream.close(reason);
	}
	function bound(streams: Set<OpenStream>, limit: number): void {
		const [oldest] = streams;
		if (oldest && streams.size > limit) close(oldest, 'too_many_streams');
	}

	return {
		add(stream) {
			all.add(stream);
			const ofSession = put(bySession, stream.sessionId, stream);
			const ofUser = put(byUser, stream.userId, stream);
			bound(ofSession, limits.perSession);
			bound(ofUser, limits.perUser);
			bound(all, limits.all);
			return () => release(stream);
		},
		endSessions(sessionIds) {
			for (const id of sessionIds)
				for (const stream of [...(bySession.get(id) ?? [])]) close(stream, 'signed_out');
		},
		sessionIds: () => [...bySession.keys()],
		get size() {
			return all.size;
		}
	};
}
