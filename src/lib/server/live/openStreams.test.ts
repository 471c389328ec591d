import { describe, expect, it } from 'vitest';
import { createOpenStreams, type OpenStream } from './openStreams.ts';

function stream(userId: string, sessionId: string): OpenStream & { closed: string[] } {
	const closed: string[] = [];
	return { userId, sessionId, closed, close: (reason) => closed.push(reason) };
}
const open = (limits = { perSession: 2, perUser: 3, all: 5 }) => createOpenStreams(limits);

describe('open streams', () => {
	it('closes the oldest of a session, of a user and of all, and nothing else', () => {
		const streams = open();
		const added = ['s1', 's1', 's1', 's2', 's2', 's3'].map((sessionId) => {
			const one = stream('u1', sessionId);
			streams.add(one);
			return one;
		});
		// Third of s1: its first goes. Then three are open; every further one of the user costs his oldest.
		expect(added.map(({ closed }) => closed.length)).toEqual([1, 1, 1, 0, 0, 0]);
		expect(streams.size).toBe(3);

		const others = ['u2', 'u3', 'u4'].map((userId) => {
			const one = stream(userId, userId);
			streams.add(one);
			return one;
		});
		expect(streams.size).toBe(5);
		expect(added[3]?.closed).toEqual(['too_many_streams']);
		expect(others.every(({ closed }) => closed.length === 0)).toBe(true);
	});

	it('ends the streams of a session, and knows which sessions have one', () => {
		const streams = open();
		const [mine, other] = [stream('u1', 's1'), stream('u1', 's2')];
		const release = streams.add(mine);
		streams.add(other);
		expect(streams.sessionIds()).toEqual(['s1', 's2']);
		streams.endSessions(['s1', 'nobody']);
		expect([mine.closed, other.closed]).toEqual([['signed_out'], []]);
		release();
		release();
		expect([streams.sessionIds(), streams.size]).toEqual([['s2'], 1]);
	});
});
