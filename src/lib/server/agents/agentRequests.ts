/**
 * Questions to agents about their machines: each has an id and a time; the first answer counts, a late one is
 * dropped. An agent whose line another web node holds is asked by that node, and the answer comes back over the bus.
 * Nothing depends on it: what is lost, or a node that dies meanwhile, ends as a sentence and in bounded time.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import { REQUESTS, type RequestAnswer, type RequestArgs, type RequestKind } from '#lib/protocol/requests.ts';
import type { AskedElsewhere } from '../bus/messages.ts';
import type { AgentRoute } from '../bus/otherNodes.ts';
import { AppError } from '../errors.ts';
import type { Gateway } from './gateway.ts';

type Result = AgentFrames['answer']['result'];
/** An answer, or a sentence why there is none. */
type Outcome = Result | string;

interface Waiting {
	agentId: string;
	settle: (outcome: Outcome) => void;
}

/** Questions that are open at once; more are refused. */
const MOST_WAITING = 1_000;
/** How often it is looked whether the node that was asked can still answer. */
const LOOK_MS = 500;
/** The way over the bus and back; the node that asks the agent keeps the given time itself. */
const PASSAGE_MS = 2_000;

export interface AgentRequestsDependencies {
	gateway: Pick<Gateway, 'ask' | 'isConnected'>;
	routeOf: (agentId: string) => AgentRoute;
	/**
	 * Hands the question to the node that has the agent's line.
	 * @returns whether that node can still answer, to be asked again and again; null when there is no way to it
	 */
	askElsewhere: (question: AskedElsewhere) => (() => boolean) | null;
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
	async ask<K extends AskedElsewhere['kind']>(
		agentId: string,
		kind: K,
		args: RequestArgs<K>,
		timeoutMs: number
	): Promise<RequestAnswer<K>> {
		const question = { agentId, kind, args, timeoutMs };
		const outcome = this.#deps.gateway.isConnected(agentId)
			? await this.#askHere(question)
			: await this.#askThere(question);
		if (typeof outcome === 'string') throw unavailable(outcome);
		if (!outcome.ok) throw unavailable(outcome.message);
		const answer = REQUESTS[kind].answer.safeParse(outcome.value);
		if (!answer.success) throw unavailable('The agent’s answer was not understood; its version may differ.');
		return answer.data as RequestAnswer<K>;
	}

	/** Of the agent that was asked, or of the node that asked it; and of no other. */
	onAnswer(
		agentId: string,
		{ requestId, result }: Pick<AgentFrames['answer'], 'requestId' | 'result'>
	): void {
		const waiting = this.#waiting.get(requestId);
		if (waiting?.agentId === agentId) waiting.settle(result);
	}

	/** For another node, of an agent whose line is here. Never throws. */
	async answerFor({ agentId, kind, args, timeoutMs }: AskedElsewhere): Promise<Result> {
		const checked = REQUESTS[kind].args.safeParse(args);
		if (!checked.success) return { ok: false, code: 'bad_args', message: 'The question was not understood.' };
		const outcome = this.#deps.gateway.isConnected(agentId)
			? await this.#askHere({ agentId, kind, args: checked.data, timeoutMs })
			: 'The agent has just left the server that it was connected to.';
		return typeof outcome === 'string' ? { ok: false, code: 'failed', message: outcome } : outcome;
	}

	async #askHere({ agentId, kind, args, timeoutMs }: Question): Promise<Outcome> {
		return this.#await(
			agentId,
			timeoutMs,
			`The agent did not answer within ${seconds(timeoutMs)}.`,
			(requestId) =>
				this.#deps.gateway.ask(agentId, { requestId, kind, args })
					? null
					: 'This agent is too old to be asked; update it.'
		);
	}

	async #askThere({ agentId, kind, args, timeoutMs }: Question): Promise<Outcome> {
		const { routeOf, askElsewhere, clock } = this.#deps;
		const route = routeOf(agentId);
		if (route !== 'elsewhere') return WHY_NOT[route];
		let stopLooking = (): void => undefined;
		const late = `The server that the agent is connected to did not answer within ${seconds(timeoutMs)}.`;
		try {
			return await this.#await(agentId, timeoutMs + PASSAGE_MS, late, (requestId, settle) => {
				const canAnswer = askElsewhere({ requestId, agentId, kind, args, timeoutMs });
				if (!canAnswer) return WHY_NOT.unreachable;
				const look = (): void => {
					if (!canAnswer())
						return settle('The agent, or the server that it was connected to, left before the answer came.');
					stopLooking = clock.after(LOOK_MS, look);
				};
				look();
				return null;
			});
		} finally {
			stopLooking();
		}
	}

	/** @param send returns a sentence when the question could not be sent */
	async #await(
		agentId: string,
		timeoutMs: number,
		late: string,
		send: (requestId: string, settle: Waiting['settle']) => string | null
	): Promise<Outcome> {
		const { clock, newId } = this.#deps;
		if (this.#waiting.size >= MOST_WAITING) return 'Too many questions are open just now.';
		const requestId = newId();
		const { promise, resolve } = Promise.withResolvers<Outcome>();
		this.#waiting.set(requestId, { agentId, settle: resolve });
		const forget = clock.after(timeoutMs, () => resolve(late));
		try {
			return send(requestId, resolve) ?? (await promise);
		} finally {
			forget();
			this.#waiting.delete(requestId);
		}
	}
}

interface Question {
	agentId: string;
	kind: AskedElsewhere['kind'];
	args: RequestArgs<RequestKind>;
	timeoutMs: number;
}

const seconds = (ms: number): string => `${ms / 1_000} s`;

const WHY_NOT: Record<Exclude<AgentRoute, 'elsewhere'>, string> = {
	here: 'The agent is being told its accounts just now.',
	none: 'The agent is not connected.',
	unreachable: 'The agent is connected to another of the servers, which cannot be reached just now.'
};

const unavailable = (why: string): AppError =>
	new AppError('UNAVAILABLE', `${why} Try again in a moment.`, { retryAfterSeconds: 3 });
