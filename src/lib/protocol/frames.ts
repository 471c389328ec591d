/**
 * The wire between web and agent: one WebSocket at /agent/v1, JSON text frames `{v, id, type, …}`.
 * docs/protocol.md tells the conversation; this file is the catalogue. Handlers on both sides are closed
 * over it, so that a missing one does not compile.
 */
import { z } from 'zod';
import { accountNumberSchema, serverNameSchema } from '../domain/accountInput.ts';
import { accountPolicySchema } from '../domain/accountPolicy.ts';
import { COMMAND_KINDS } from '../domain/commandLifecycle.ts';
import { eaSettingsSchema } from '../domain/eaSettings.ts';
import { sha256Schema } from '../domain/expertFileSchema.ts';
import {
	INCIDENT_ACTIONS,
	INCIDENT_KINDS,
	INCIDENT_OUTCOMES,
	MOST_INCIDENT_STEPS
} from '../domain/incident.ts';
import { FILE_PART_BYTES } from '../domain/limits.ts';
import { dealFields } from './deals.ts';
import { machineLoadSchema } from './machineLoad.ts';
import { openItemsSchema, vitalsSchema } from './openItems.ts';
import { answerFields, requestFields } from './requests.ts';
import { eaSignsSchema, figuresSchema, proofSchema, seenStateSchema, WANTED_STATES } from './seen.ts';

export const PROTOCOL_VERSION = 1;
export const AGENT_SOCKET_PATH = '/agent/v1';

const uuid = z.uuid();
const generation = z.int().min(0);
/** Numbers the batches of deals within one run of an agent. */
const batch = z.int().min(1);
const epoch = z.int().min(1);
const envelope = { v: z.literal(PROTOCOL_VERSION), id: z.string().max(40) };
/** Of the server's key, base64url: what it covers is in signed.ts. */
const signature = z.string().max(200);
const nonce = z.string().min(20).max(100);
const commandRef = { commandId: uuid, accountId: uuid, generation };

/** What an agent can do; a kind of message goes only to an agent that announced it. */
export const CAPABILITIES = [
	'ea-commands',
	'telemetry',
	'requests',
	'release',
	'deals',
	'connection',
	'expert-files'
] as const;

/** What a server takes beyond what every server does; an agent sends such a kind only to one that announced it. */
export const SERVER_CAPABILITIES = ['deals', 'expert-files'] as const;

export const machineSchema = z.object({
	hostname: z.string().max(100),
	platform: z.string().max(40),
	release: z.string().max(100),
	cpus: z.int().min(1).max(4096),
	memoryMb: z.int().min(1)
});
export type Machine = z.infer<typeof machineSchema>;

export { WANTED_STATES, type WantedState } from './seen.ts';

/** One account as its agent must run it. */
export const assignedAccountSchema = z.object({
	accountId: uuid,
	epoch,
	accountNumber: accountNumberSchema,
	serverName: serverNameSchema,
	broker: z.string().max(64),
	/** Whose account it is: the password is bound to it. */
	userId: uuid,
	/** Sealed to this agent (seal.ts). Null: there is none that it could open; the trader is asked for it. */
	sealedPassword: z.string().max(700).nullable(),
	wanted: z.enum(WANTED_STATES),
	generation,
	settings: eaSettingsSchema,
	policy: accountPolicySchema,
	/** When the trader switched the watchdog on last: a newer moment closes a circuit that is open. */
	watchdogAskedAtMs: z.int().min(0).default(0),
	/** False: the trader disconnected it, so its terminal is kept down; only a stopped account is. */
	isConnectionWanted: z.boolean().default(true),
	/** When the trader wanted its terminal brought up anew last: a newer moment does so, once, while it is stopped. */
	reconnectAskedAtMs: z.int().min(0).default(0)
});
export type AssignedAccount = z.infer<typeof assignedAccountSchema>;

/** How a command ended on one account, as the agent knows it. */
export const OUTCOMES = ['success', 'failed', 'expired', 'superseded', 'indeterminate'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const resultBody = {
	...commandRef,
	epoch,
	outcome: z.enum(OUTCOMES),
	errorCode: z.string().max(40).nullable(),
	/** What went wrong and what to do, for the trader. */
	error: z.string().max(500).nullable(),
	/** What the EA was seen to be right after: an `AlgoState`. */
	eaStatus: z.string().max(20).nullable(),
	proof: proofSchema.nullable(),
	/** From the agent's accepting to the outcome. */
	durationMs: z.int().min(0)
};

export const agentFrames = {
	hello: z.object({
		...envelope,
		type: z.literal('hello'),
		agentId: uuid,
		agentVersion: z.string().max(40),
		capabilities: z.array(z.string().max(40)).max(50),
		machine: machineSchema,
		capacity: z.int().min(1).max(1000),
		/** Number of the last connection the server accepted, as this agent remembers it. */
		connSeqSeen: z.int().min(0),
		/** The server's signatures on this line cover it, so that none of an older line passes. */
		nonce
	}),
	auth: z.object({ ...envelope, type: z.literal('auth'), signature: z.string().max(200) }),
	/** The number of this connection is on the agent's disk; only now it is given work (connectionCounter.ts). */
	ready: z.object({ ...envelope, type: z.literal('ready'), connSeq: z.int().min(1) }),
	/** The command is in the journal; the work goes on. Repeated with another stage or proof while it lasts. */
	progress: z.object({
		...envelope,
		type: z.literal('progress'),
		...commandRef,
		epoch,
		stage: z.string().max(120),
		proof: proofSchema.nullable()
	}),
	/** The journal's last word on a command; repeated after every reconnect until acknowledged. */
	result: z.object({ ...envelope, type: z.literal('result'), ...resultBody }),
	/** Answer to `settle` for commands the journal does not know or still has in work. */
	settled: z.object({
		...envelope,
		type: z.literal('settled'),
		answers: z
			.array(z.object({ ...commandRef, verdict: z.enum(['never_received', 'in_work', 'answered']) }))
			.max(200)
	}),
	telemetry: z.object({
		...envelope,
		type: z.literal('telemetry'),
		accounts: z
			.array(
				z.object({
					accountId: uuid,
					epoch,
					/** How old the newest proof behind these facts is. */
					ageMs: z.int().min(0),
					/** Left out while unchanged. */
					state: seenStateSchema.optional(),
					figures: figuresSchema.nullable().optional(),
					/** With every entry, since its age moves by itself; null without an EA on the chart. */
					ea: eaSignsSchema.nullable().optional(),
					/** All that is open, when anything of it changed; null when that is not known. */
					open: openItemsSchema.nullable().optional(),
					/** With every entry, since its ages move by themselves. */
					vitals: vitalsSchema.nullable().optional()
				})
			)
			.max(200)
	}),
	/** What time is it at the server? Answered at once. */
	time: z.object({ ...envelope, type: z.literal('time'), question: z.int().min(0) }),
	/** What the watchdog found on an account and does about it; the newest word counts, and is repeated after reconnects. */
	incident: z.object({
		...envelope,
		type: z.literal('incident'),
		accountId: uuid,
		epoch,
		incidentId: uuid,
		kind: z.enum(INCIDENT_KINDS),
		/** Since all was well for the last time; since it was noticed; since it was over (null: it is not). */
		startedAgeMs: z.int().min(0),
		detectedAgeMs: z.int().min(0),
		endedAgeMs: z.int().min(0).nullable(),
		outcome: z.enum(INCIDENT_OUTCOMES).nullable(),
		restarts: z.int().min(0).max(1000),
		steps: z
			.array(
				z.object({
					action: z.enum(INCIDENT_ACTIONS),
					afterMs: z.int().min(0),
					error: z.string().max(200).nullable()
				})
			)
			.max(MOST_INCIDENT_STEPS),
		openPositions: z.int().min(0).max(1_000_000).nullable(),
		unprotectedPositions: z.int().min(0).max(1_000_000).nullable()
	}),
	event: z.object({
		...envelope,
		type: z.literal('event'),
		accountId: uuid.nullable(),
		level: z.enum(['info', 'warn', 'error']),
		code: z.string().max(40),
		message: z.string().max(500),
		ageMs: z.int().min(0)
	}),
	/**
	 * The account's terminal is proven down, its directory with everything saved in it is removed, and this agent never
	 * runs it again under this epoch or a lower one. Said every time it is asked (`release`).
	 */
	released: z.object({ ...envelope, type: z.literal('released'), accountId: uuid, epoch }),
	/**
	 * New in an account's trade history; repeated until `deals_stored` names this batch. To servers with the capability
	 * `deals`.
	 */
	deals: z.object({ ...envelope, type: z.literal('deals'), accountId: uuid, epoch, batch, ...dealFields }),
	/**
	 * A part of a file that an account is to run, by its digest: the EA that its trader uploaded, or its inputs. One at
	 * a time; asked again when no `expert_part` comes. To servers with the capability `expert-files`.
	 */
	expert_wanted: z.object({
		...envelope,
		type: z.literal('expert_wanted'),
		accountId: uuid,
		epoch,
		sha256: sha256Schema,
		offset: z.int().min(0)
	}),
	/** How busy the machine is; now and then. */
	load: z.object({ ...envelope, type: z.literal('load'), load: machineLoadSchema }),
	/** To a `request`, once; a late one is dropped. */
	answer: z.object({ ...envelope, type: z.literal('answer'), ...answerFields })
};

export const webFrames = {
	challenge: z.object({ ...envelope, type: z.literal('challenge'), nonce }),
	welcome: z.object({
		...envelope,
		type: z.literal('welcome'),
		signature,
		connSeq: z.int().min(1),
		/** Pending: an operator has not approved this agent yet; it gets no accounts and waits. */
		standing: z.enum(['approved', 'pending']),
		serverTimeMs: z.int(),
		/** The server dictates the rhythm of the line. */
		pingIntervalMs: z.int().min(50),
		lineDeadMs: z.int().min(100),
		telemetryIntervalMs: z.int().min(50),
		/** SERVER_CAPABILITIES; an older server does not say. */
		capabilities: z.array(z.string().max(40)).max(50).default([])
	}),
	/** Answer to the agent's question with this number. */
	time: z.object({
		...envelope,
		type: z.literal('time'),
		signature,
		question: z.int().min(0),
		serverTimeMs: z.int().min(0)
	}),
	/** Two copies of this agent were seen: it stops its EAs and is not let in until an operator gave it new keys. */
	locked: z.object({ ...envelope, type: z.literal('locked'), signature, reason: z.string().max(300) }),
	/** The assigned accounts. In parts; with `isFull`, accounts in none of the parts are no longer ours. */
	sync: z.object({
		...envelope,
		type: z.literal('sync'),
		signature,
		isFull: z.boolean(),
		isLast: z.boolean(),
		accounts: z.array(assignedAccountSchema).max(50),
		removed: z.array(z.object({ accountId: uuid, epoch })).max(200)
	}),
	command: z.object({
		...envelope,
		type: z.literal('command'),
		signature,
		...commandRef,
		epoch,
		kind: z.enum(COMMAND_KINDS),
		closePositions: z.boolean(),
		settings: eaSettingsSchema,
		/**
		 * Start: not accepted after this moment of the server's time (ms since 1970), but answered `expired`. The
		 * agent bounds the server's time by what it asked (`time`), not by its own clock. Null: no limit.
		 */
		notAfterMs: z.int().min(0).nullable()
	}),
	/** These results are committed; the agent may forget them. */
	ack: z.object({
		...envelope,
		type: z.literal('ack'),
		results: z.array(z.object({ commandId: uuid, accountId: uuid })).max(200)
	}),
	/** The deals of this batch are committed, each once, however often they were told. */
	deals_stored: z.object({
		...envelope,
		type: z.literal('deals_stored'),
		signature,
		accountId: uuid,
		epoch,
		batch
	}),
	/** After a reconnect: what became of these? A Start the journal does not know must never run any more. */
	settle: z.object({
		...envelope,
		type: z.literal('settle'),
		commands: z.array(z.object({ ...commandRef, kind: z.enum(COMMAND_KINDS) })).max(200)
	}),
	/**
	 * These accounts leave the agent, as of these epochs: end their terminals before anything else. Repeated until
	 * `released` says that it is done; to agents with the capability `release`.
	 */
	release: z.object({
		...envelope,
		type: z.literal('release'),
		signature,
		accounts: z
			.array(z.object({ accountId: uuid, epoch }))
			.min(1)
			.max(200)
	}),
	/**
	 * The bytes from there on, FILE_PART_BYTES at most. Not signed: they count only when the whole has the digest that
	 * a signed word of the server named. Null: no file of this account has it.
	 */
	expert_part: z.object({
		...envelope,
		type: z.literal('expert_part'),
		accountId: uuid,
		sha256: sha256Schema,
		offset: z.int().min(0),
		base64: z
			.string()
			.max(Math.ceil(FILE_PART_BYTES / 3) * 4)
			.nullable()
	}),
	/** A question about the agent's machine (requests.ts); to agents with the capability `requests`. */
	request: z.object({ ...envelope, type: z.literal('request'), signature, ...requestFields })
};

export type AgentFrameType = keyof typeof agentFrames;
export type WebFrameType = keyof typeof webFrames;
export type AgentFrames = { [K in AgentFrameType]: z.infer<(typeof agentFrames)[K]> };
export type WebFrames = { [K in WebFrameType]: z.infer<(typeof webFrames)[K]> };
export type AgentFrame = AgentFrames[AgentFrameType];
export type WebFrame = WebFrames[WebFrameType];

/** Close codes of the agent line; the reason is sent along in words. */
export const CLOSE = {
	normal: 1000,
	serviceRestart: 1012,
	policyViolation: 1008,
	tooBig: 1009,
	/** A newer connection of the same agent took over. */
	replaced: 4001,
	/** Unknown, revoked, or the signature is wrong: do not retry quickly. */
	unauthorised: 4003,
	/** Two copies of this agent's identity were seen; the signed `locked` before it says so. */
	locked: 4005,
	/** Nothing was heard for too long. */
	lineDead: 4008,
	/** The peer did not read; its queue grew beyond the bound. */
	slowConsumer: 4009
} as const;
