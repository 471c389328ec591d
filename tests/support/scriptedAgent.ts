/**
 * The agent's end of the line, played by a test: real sockets, real signature, and every frame under the test's
 * control. For what a well-behaved agent never does; end-to-end tests use the real one.
 */
import {
	createPublicKey,
	generateKeyPairSync,
	randomBytes,
	randomUUID,
	sign,
	type KeyObject
} from 'node:crypto';
import WebSocket from 'ws';
import { decodeWebFrame, encodeFrame } from '#lib/protocol/codec.ts';
import {
	AGENT_SOCKET_PATH,
	type AgentFrame,
	type WebFrame,
	type WebFrames,
	type WebFrameType
} from '#lib/protocol/frames.ts';
import { authMessage, enrolMessage, type LineSession } from '#lib/protocol/signed.ts';
import type { SeenState } from '#lib/protocol/seen.ts';
import type { ApiClient } from './client.ts';
import { query } from './database.ts';
import { waitFor } from './waitFor.ts';

type Outgoing = AgentFrame extends infer F ? (F extends AgentFrame ? Omit<F, 'v' | 'id'> : never) : never;

const MACHINE = { hostname: 'test-vps', platform: 'linux', release: '6.1', cpus: 2, memoryMb: 4096 };

export interface EnrolledAgent {
	agentId: string;
	privateKey: KeyObject;
	/** X25519. */
	sealKey: KeyObject;
	/** The server's public key, as the enrolment told it. */
	serverKey: string;
	fingerprint: string;
	/** What the agent's disk would hold: the number of its last connection. */
	connSeq: number;
	origin: string;
	capacity: number;
	/** What its program says that it can do. */
	capabilities?: string[];
}

const rawKey = (privateKey: KeyObject): string =>
	createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '';

/** A new agent's keys, and its enrolment signed with them. */
export function enrolmentOf(code: string, { capacity = 50, name = 'test-agent' } = {}) {
	const { privateKey } = generateKeyPairSync('ed25519');
	const { privateKey: sealKey } = generateKeyPairSync('x25519');
	const keys = { publicKey: rawKey(privateKey), sealKey: rawKey(sealKey) };
	const signature = sign(null, enrolMessage(code, keys), privateKey).toString('base64url');
	const body = { code, name, ...keys, signature, machine: MACHINE, version: '0.0.0-test', capacity };
	return { body, privateKey, sealKey };
}

/** Writes a join code into the database, as the operator's page would. */
export async function makeJoinCode(databaseUrl: string): Promise<string> {
	const code = `join-${randomUUID()}`;
	await query(
		databaseUrl,
		`INSERT INTO "AgentJoinCode" ("codeHash", "createdById", "expiresAt")
		 SELECT encode(sha256($1::bytea), 'hex'), id, now() + interval '5 minutes' FROM "User" LIMIT 1`,
		[Buffer.from(code)]
	);
	return code;
}

/** Enrols with a join code of its own. */
export async function enrolAgent(
	client: ApiClient,
	databaseUrl: string,
	{ capacity = 50, name = 'test-agent', isApproved = true, capabilities = ['release'] } = {}
): Promise<EnrolledAgent> {
	const code = await makeJoinCode(databaseUrl);
	const { body, privateKey, sealKey } = enrolmentOf(code, { capacity, name });
	const answer = await client.send<Pick<EnrolledAgent, 'agentId' | 'serverKey' | 'fingerprint'>>(
		'POST',
		'/api/agents/enrol',
		body
	);
	if (answer.status !== 201) throw new Error(`enrol: ${answer.status} ${JSON.stringify(answer.body)}`);
	const { agentId } = answer.body;
	if (isApproved)
		await query(databaseUrl, 'UPDATE "Agent" SET "approvedAt" = now() WHERE id = $1', [agentId]);
	return { ...answer.body, privateKey, sealKey, connSeq: 0, origin: client.origin, capacity, capabilities };
}

export class ScriptedAgent {
	readonly received: WebFrame[] = [];
	/** Every frame that went to the web, as it went. */
	readonly sent: string[] = [];
	readonly closed: Promise<{ code: number; reason: string }>;
	readonly socket: WebSocket;
	/** Of the last handshake. */
	session: LineSession | null = null;
	readonly #enrolled: EnrolledAgent;

	private constructor(enrolled: EnrolledAgent, socket: WebSocket, saysReady: boolean) {
		this.#enrolled = enrolled;
		this.socket = socket;
		this.closed = new Promise((done) =>
			socket.once('close', (code, reason) => done({ code, reason: reason.toString() }))
		);
		socket.on('message', (bytes: Buffer) => {
			const decoded = decodeWebFrame(bytes.toString());
			if (!decoded.ok) throw new Error(`the web sent a bad frame: ${decoded.detail}`);
			const { frame } = decoded;
			this.received.push(frame);
			if (frame.type !== 'welcome') return;
			enrolled.connSeq = frame.connSeq;
			if (saysReady) this.send({ type: 'ready', connSeq: frame.connSeq });
		});
	}

	/** Opens a socket and stops there: nothing is said. */
	static async dial(
		enrolled: EnrolledAgent,
		headers: Record<string, string> = {},
		{ saysReady = true } = {}
	): Promise<ScriptedAgent> {
		const url = `${enrolled.origin.replace('http', 'ws')}${AGENT_SOCKET_PATH}`;
		const socket = new WebSocket(url, { headers, perMessageDeflate: false });
		const agent = new ScriptedAgent(enrolled, socket, saysReady);
		await new Promise((done, fail) => {
			socket.once('open', done);
			socket.once('error', fail);
		});
		return agent;
	}

	/** Dials, proves who it is, and waits for its accounts. */
	static async connect(enrolled: EnrolledAgent): Promise<ScriptedAgent> {
		const agent = await ScriptedAgent.dial(enrolled);
		await agent.shake();
		await agent.next('sync', (frame) => frame.isLast);
		return agent;
	}

	async shake(signWith: KeyObject = this.#enrolled.privateKey): Promise<void> {
		const { nonce } = await this.next('challenge');
		const { agentId, capacity } = this.#enrolled;
		const session = { agentId, serverNonce: nonce, agentNonce: randomBytes(24).toString('base64url') };
		this.session = session;
		this.send({
			type: 'hello',
			agentId,
			agentVersion: '0.0.0-test',
			capabilities: this.#enrolled.capabilities ?? [],
			machine: MACHINE,
			capacity,
			connSeqSeen: this.#enrolled.connSeq,
			nonce: session.agentNonce
		});
		const signature = sign(null, authMessage(session, this.#enrolled.connSeq), signWith).toString(
			'base64url'
		);
		this.send({ type: 'auth', signature });
	}

	send(frame: Outgoing): void {
		const text = encodeFrame(frame);
		this.sent.push(text);
		this.socket.send(text);
	}

	/** The first frame of this type, past or to come. @throws Error as soon as none can come any more */
	async next<T extends WebFrameType>(
		type: T,
		matches: (frame: WebFrames[T]) => boolean = () => true
	): Promise<WebFrames[T]> {
		const find = () =>
			this.received.find((f): f is WebFrames[T] => f.type === type && matches(f as WebFrames[T]));
		const found = await waitFor(
			`a ${type} frame`,
			() => find() ?? (this.socket.readyState === WebSocket.CLOSED ? 'never' : null)
		);
		if (found === 'never') throw new Error(`the line was closed before a ${type} frame came`);
		return found;
	}

	framesOf<T extends WebFrameType>(type: T): WebFrames[T][] {
		return this.received.filter((frame): frame is WebFrames[T] => frame.type === type);
	}

	answer(
		command: WebFrames['command'],
		outcome: 'success' | 'failed' | 'expired' | 'superseded' | 'indeterminate' = 'success'
	): void {
		this.send({
			type: 'result',
			commandId: command.commandId,
			accountId: command.accountId,
			generation: command.generation,
			epoch: command.epoch,
			outcome,
			errorCode: outcome === 'success' ? null : 'test_reason',
			error: outcome === 'success' ? null : 'The test said so.',
			eaStatus: outcome === 'success' ? 'running' : 'stopped',
			proof: null,
			durationMs: 12
		});
	}

	/** From now on every command is answered at once. */
	answerEverything(): void {
		this.socket.on('message', (bytes: Buffer) => {
			const decoded = decodeWebFrame(bytes.toString());
			if (decoded.ok && decoded.frame.type === 'command') this.answer(decoded.frame);
		});
	}

	report(accountId: string, state: Partial<SeenState> = {}, { epoch = 1, ageMs = 0 } = {}): void {
		this.send({
			type: 'telemetry',
			accounts: [{ accountId, epoch, ageMs, state: seenState(state), figures: null }]
		});
	}

	/** Cuts the line as a power failure would. */
	drop(): void {
		this.socket.terminate();
	}
}

export function seenState(state: Partial<SeenState> = {}): SeenState {
	return {
		algo: 'stopped',
		connection: 'connected',
		ladder: {
			process: 'yes',
			bridge: 'yes',
			login: 'yes',
			broker: 'yes',
			algo_trading: 'no',
			ea_attached: 'no',
			settings: 'unknown',
			ea_ready: 'unknown',
			heartbeat: 'unknown',
			ticks: 'unknown'
		},
		generation: 0,
		activity: null,
		fault: null,
		...state
	};
}
