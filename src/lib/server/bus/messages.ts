/** What nodes say to each other. A kind that is not known comes from a newer node, and is ignored. */
import { z } from 'zod';
import { openItemsSchema, vitalsSchema } from '#lib/protocol/openItems.ts';
import { answerFields } from '#lib/protocol/requests.ts';
import { eaSignsSchema, figuresSchema, seenStateSchema } from '#lib/protocol/seen.ts';
import type { StoredMessage } from '../live/eventHub.ts';

const id = z.uuid();
const account = z.object({ userId: id, accountId: id });
/** Made by a node of the same program from rows of the same database. */
const storedMessage = z.custom<StoredMessage>(
	(value) =>
		z.object({ name: z.enum(['accounts', 'command', 'results']), body: z.object() }).safeParse(value).success
);

export const nodeMessages = {
	/** Still here; every second. Everybody hears their own too, which shows that the bus works. */
	beat: z.object({ type: z.literal('beat') }),
	/** This node is shutting down: nobody waits for it. */
	bye: z.object({ type: z.literal('bye') }),
	/** An agent came to this node, or left it. Pages of these accounts must be told. */
	presence: z.object({
		type: z.literal('presence'),
		agentId: id,
		connSeq: z.int().min(0),
		isUp: z.boolean(),
		accounts: z.array(account)
	}),
	/** To the node that holds the agent's line: hand it this frame, in the protocol's own encoding. */
	frame: z.object({ type: z.literal('frame'), agentId: id, text: z.string() }),
	/**
	 * To the node that holds the agent's line: ask it this, and say what it answered. Only questions that change
	 * nothing: the rest must not be on order of whoever can write to the bus.
	 */
	ask: z.object({
		type: z.literal('ask'),
		requestId: id,
		agentId: id,
		kind: z.enum(['doctor', 'log']),
		args: z.record(z.string(), z.unknown()),
		timeoutMs: z.int().min(1).max(120_000)
	}),
	/** What became of an `ask`. */
	asked: z.object({ type: z.literal('asked'), agentId: id, ...answerFields }),
	/** These accounts changed: their agents must be told, by whoever holds them. */
	sync: z.object({ type: z.literal('sync'), accountIds: z.array(id) }),
	/** This account is no longer the agent's. */
	remove: z.object({ type: z.literal('remove'), agentId: id, accountId: id, epoch: z.int() }),
	/** The sender has pages, or a waiting request, of these users. Repeated while that is so. */
	watch: z.object({ type: z.literal('watch'), userIds: z.array(id), wantsAnswer: z.boolean() }),
	/** Newest reports of agents whose lines the sender holds; `isAnswer` to a first `watch` of these users. */
	reports: z.object({
		type: z.literal('reports'),
		isAnswer: z.boolean(),
		userIds: z.array(id),
		reports: z.array(
			account.extend({
				agentId: id,
				/** Age of the proof, and time since the agent was heard, when this was sent. */
				ageMs: z.number(),
				heardAgeMs: z.number(),
				state: seenStateSchema,
				figures: figuresSchema.nullable(),
				ea: eaSignsSchema.nullable(),
				/** An older node does not say these. */
				open: openItemsSchema.nullable().default(null),
				vitals: vitalsSchema.nullable().default(null)
			})
		)
	}),
	/** A committed live event of a watched user. */
	event: z.object({
		type: z.literal('event'),
		userId: id,
		seq: z.string().regex(/^\d+$/),
		messages: z.array(storedMessage)
	}),
	unnumbered: z.object({ type: z.literal('unnumbered'), userId: id, message: storedMessage }),
	/** These sessions are over, by their public ids; or only their tokens are new. */
	sessions_ended: z.object({
		type: z.literal('sessions_ended'),
		sessionIds: z.array(id),
		isOver: z.boolean().default(true)
	}),
	/** What this agent may do, or is to do, is not what it was: look into the database. */
	agent_changed: z.object({ type: z.literal('agent_changed'), agentId: id })
};

export type NodeMessageType = keyof typeof nodeMessages;
export type NodeMessages = { [K in NodeMessageType]: z.infer<(typeof nodeMessages)[K]> };
export type NodeMessage = NodeMessages[NodeMessageType];
/** A question to an agent whose line another node holds. */
export type AskedElsewhere = Omit<NodeMessages['ask'], 'type'>;
export type RemoteReport = NodeMessages['reports']['reports'][number];

/** Where a message came from, and how much longer it was under way than the quickest ones. */
export interface Passage {
	from: string;
	delayMs: number;
}

/** One handler per kind: a kind without handler does not compile. */
export type NodeMessageHandlers = {
	[K in NodeMessageType]: (message: NodeMessages[K], passage: Passage) => void;
};

const envelopeSchema = z.object({
	from: id,
	sentAtMs: z.number(),
	message: z.looseObject({ type: z.string() })
});

export function encodeEnvelope(from: string, sentAtMs: number, message: NodeMessage): string {
	return JSON.stringify({ from, sentAtMs, message });
}

export type Envelope =
	| { ok: true; from: string; sentAtMs: number; message: NodeMessage }
	| { ok: false; problem: 'malformed' | 'unknown_type' };

export function decodeEnvelope(text: string): Envelope {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { ok: false, problem: 'malformed' };
	}
	const envelope = envelopeSchema.safeParse(value);
	if (!envelope.success) return { ok: false, problem: 'malformed' };
	const { from, sentAtMs, message } = envelope.data;
	const schema = Object.hasOwn(nodeMessages, message.type)
		? nodeMessages[message.type as NodeMessageType]
		: undefined;
	if (!schema) return { ok: false, problem: 'unknown_type' };
	const parsed = schema.safeParse(message);
	return parsed.success
		? { ok: true, from, sentAtMs, message: parsed.data }
		: { ok: false, problem: 'malformed' };
}
