/**
 * Questions to agents about their machines: each has an id and a time; the first answer counts, a late one is
 * dropped. Only agents with a line on this node can be asked.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import { REQUESTS, type RequestAnswer, type RequestArgs, type RequestKind } from '#lib/protocol/requests.ts';
import type { AgentRoute } from '../bus/otherNodes.ts';
import { AppError } from '../errors.ts';
import type { Gateway } from './gateway.ts';

interface Waiting {
	agentId: string;
	settle: (result: AgentFrames['answer']['result'] | null) => void;
}

/** Questions that are open at once; more are refused. */
const MOST_WAITING = 1_000;

export interface AgentRequestsDependencies {
	gateway: Pick<Gateway, 'ask' | 'isConnected'>;
	routeOf: (agentId: string) => AgentRoute;
	clock: TimerClock;
	/** A new UUID. */
	newId: () => string;
}

export class AgentRequests {
	readonly #deps: AgentRequestsDependencies;
	readonly #waiting = new Map<string, Waiting>();

	constructor(deps: AgentRequestsDependencies) {
		this.#deps = deps;
	}

	/** @throws AppError UNAVAILABLE when there is no answer, with the reason and what to do */
	async ask<K extends RequestKind>(
		agentId: string,
		kind: K,
		args: RequestArgs<K>,
		timeoutMs: number
	): Promise<RequestAnswer<K>> {
		const { gateway, routeOf, clock, newId } = this.#deps;
		if (!gateway.isConnected(agentId)) throw unavailable(WHY_NOT[routeOf(agentId)]);
		if (this.#waiting.size >= MOST_WAITING) throw unavailable('Too many questions are open just now.');
		const requestId = newId();
		const { promise, resolve } = Promise.withResolvers<AgentFrames['answer']['result'] | null>();
		this.#waiting.set(requestId, { agentId, settle: resolve });
		const forget = clock.after(timeoutMs, () => resolve(null));
		try {
			if (!gateway.ask(agentId, { requestId, kind, args }))
				throw unavailable('This agent is too old to be asked; update it.');
			const result = await promise;
			if (result === null) throw unavailable(`The agent did not answer within ${timeoutMs / 1_000} s.`);
			if (!result.ok) throw unavailable(result.message);
			const answer = REQUESTS[kind].answer.safeParse(result.value);
			if (!answer.success)
				throw unavailable('The agent’s answer was not understood; its version may differ.');
			return answer.data as RequestAnswer<K>;
		} finally {
			forget();
			this.#waiting.delete(requestId);
		}
	}

	/** Of the agent that was asked, and of no other. */
	onAnswer(agentId: string, { requestId, result }: AgentFrames['answer']): void {
		const waiting = this.#waiting.get(requestId);
		if (waiting?.agentId === agentId) waiting.settle(result);
	}
}

const WHY_NOT: Record<AgentRoute, string> = {
	here: 'The agent is being told its accounts just now.',
	none: 'The agent is not connected.',
	elsewhere: 'The agent is connected to another of the servers, and can be asked only there.',
	unreachable: 'The agent is connected to another of the servers, which cannot be reached just now.'
};

const unavailable = (why: string): AppError =>
	new AppError('UNAVAILABLE', `${why} Try again in a moment.`, { retryAfterSeconds: 3 });
