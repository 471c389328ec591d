/**
 * What the server asks of an agent itself and its machine (`request`), each answered once (`answer`) or not at
 * all: whoever asks sets itself a time. Nothing here changes what an account does; that is what commands are for.
 */
import { z } from 'zod';
import { doctorReportSchema } from './doctorReport.ts';

/** By kind: what the question says, and the shape of the answer. */
export const REQUESTS = {
	/** Runs the doctor on the agent's machine; takes up to some ten seconds. */
	doctor: { args: z.object({}), answer: doctorReportSchema },
	/** The newest lines of the agent's log, oldest first; `isCut`: more were asked for than fit. */
	log: {
		args: z.object({ lines: z.int().min(1).max(300) }),
		answer: z.object({ lines: z.array(z.string().max(500)).max(300), isCut: z.boolean() })
	},
	/** Makes new keys and hands them in (POST /api/agents/rotate); the line is dialled anew with them. */
	rotate_keys: { args: z.object({}), answer: z.object({ fingerprint: z.string().max(60) }) }
};
export type RequestKind = keyof typeof REQUESTS;
export type RequestArgs<K extends RequestKind> = z.infer<(typeof REQUESTS)[K]['args']>;
export type RequestAnswer<K extends RequestKind> = z.infer<(typeof REQUESTS)[K]['answer']>;

/** Why an agent does not answer a question. */
export const REQUEST_REFUSALS = ['unknown_kind', 'bad_args', 'busy', 'failed'] as const;

/** The fields of the two frames; the kind is open, so that an older agent can say that it does not know it. */
export const requestFields = {
	requestId: z.uuid(),
	kind: z.string().max(40),
	args: z.record(z.string(), z.unknown())
};
export const answerFields = {
	requestId: z.uuid(),
	result: z.discriminatedUnion('ok', [
		/** The value has the shape of its kind's answer: parse it with `REQUESTS[kind].answer`. */
		z.object({ ok: z.literal(true), value: z.unknown() }),
		z.object({ ok: z.literal(false), code: z.enum(REQUEST_REFUSALS), message: z.string().max(300) })
	])
};
