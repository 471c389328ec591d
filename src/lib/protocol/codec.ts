/**
 * Text frames to typed frames and back. Malformed and unknown are different things: a malformed frame is
 * the peer's fault, an unknown type is a newer peer and is ignored.
 */
import { type z } from 'zod';
import {
	agentFrames,
	PROTOCOL_VERSION,
	webFrames,
	type AgentFrame,
	type WebFrame,
	type WebFrames
} from './frames.ts';

export type Decoded<F> =
	| {
			ok: true;
			frame: F;
			/** As it came, with fields that this version does not know: signatures cover them too. */
			raw: object;
	  }
	| { ok: false; problem: 'malformed'; detail: string }
	| { ok: false; problem: 'unknown_type'; detail: string };

type WithoutEnvelope<F> = F extends unknown ? Omit<F, 'v' | 'id'> : never;

let frameCount = 0;

/** Writes one frame; `v` and `id` are added here. */
export function encodeFrame(frame: WithoutEnvelope<AgentFrame | WebFrame>): string {
	frameCount = (frameCount + 1) % Number.MAX_SAFE_INTEGER;
	return JSON.stringify({ v: PROTOCOL_VERSION, id: frameCount.toString(36), ...frame });
}

function decode<F>(schemas: Record<string, z.ZodType>, text: string): Decoded<F> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { ok: false, problem: 'malformed', detail: 'not JSON' };
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { ok: false, problem: 'malformed', detail: 'not an object' };
	const type = (value as { type?: unknown }).type;
	if (typeof type !== 'string') return { ok: false, problem: 'malformed', detail: 'no type' };
	const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
	if (!schema) return { ok: false, problem: 'unknown_type', detail: type.slice(0, 40) };
	const parsed = schema.safeParse(value);
	if (!parsed.success) {
		const issue = parsed.error.issues[0];
		return { ok: false, problem: 'malformed', detail: `${type}.${issue?.path.join('.')}: ${issue?.message}` };
	}
	return { ok: true, frame: parsed.data as F, raw: value };
}

export const decodeAgentFrame = (text: string): Decoded<AgentFrame> => decode<AgentFrame>(agentFrames, text);
export const decodeWebFrame = (text: string): Decoded<WebFrame> => decode<WebFrame>(webFrames, text);

/** One handler per kind of frame: a kind without handler does not compile. */
export type WebFrameHandlers<R = void> = { [K in keyof WebFrames]: (frame: WebFrames[K]) => R };
