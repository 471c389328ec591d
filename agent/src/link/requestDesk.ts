/**
 * Answers the server's questions about this machine. Each is answered once, and one of a kind at a time: they cost
 * time and disk, and whoever asks twice gets the first answer soon enough.
 */
import { REQUESTS, type RequestAnswer, type RequestArgs, type RequestKind } from '#lib/protocol/requests.ts';
import { type AgentFrames, type WebFrames } from '#lib/protocol/frames.ts';
import { type Logger } from '../logger.ts';
import { type Outgoing } from './connection.ts';

/** What this agent can be asked; a kind left out is answered `unknown_kind`. */
export type RequestHandlers = {
	[K in RequestKind]?: (args: RequestArgs<K>) => Promise<RequestAnswer<K>>;
};

type Result = AgentFrames['answer']['result'];

export class RequestDesk {
	readonly #handlers: RequestHandlers;
	readonly #send: (frame: Outgoing) => boolean;
	readonly #logger: Logger;
	readonly #busy = new Set<string>();

	/** @param send answers false when the line is down: the answer is lost then, and nobody waits for it */
	constructor(handlers: RequestHandlers, send: (frame: Outgoing) => boolean, logger: Logger) {
		this.#handlers = handlers;
		this.#send = send;
		this.#logger = logger;
	}

	async onRequest({ requestId, kind, args }: WebFrames['request']): Promise<void> {
		const result = await this.#answer(kind, args);
		this.#send({ type: 'answer', requestId, result });
	}

	async #answer(kind: string, args: unknown): Promise<Result> {
		if (!isKind(kind)) return refusal('unknown_kind', `This agent does not know the question “${kind}”.`);
		// The map is typed by the kind; the compiler cannot follow that through an index.
		const handler = this.#handlers[kind] as ((args: unknown) => Promise<unknown>) | undefined;
		if (!handler) return refusal('unknown_kind', `This agent does not answer the question “${kind}”.`);
		const parsed = REQUESTS[kind].args.safeParse(args);
		if (!parsed.success) return refusal('bad_args', 'The question was not understood.');
		if (this.#busy.has(kind)) return refusal('busy', 'The agent is at work on the same question already.');
		this.#busy.add(kind);
		try {
			return { ok: true, value: await handler(parsed.data) };
		} catch (error) {
			this.#logger.error({ err: error, kind }, 'a question of the server could not be answered');
			return refusal('failed', 'The agent hit a fault of its own; its log says more.');
		} finally {
			this.#busy.delete(kind);
		}
	}
}

const isKind = (kind: string): kind is RequestKind => Object.hasOwn(REQUESTS, kind);

const refusal = (code: Extract<Result, { ok: false }>['code'], message: string): Result => ({
	ok: false,
	code,
	message
});
