/**
 * The web's end of the agent line, played by a test: real sockets and the real codec, and every frame under
 * the test's control. It checks the signature as the real one does.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { FILE_PART_BYTES, LINE_DEAD_MS } from '#lib/domain/limits.ts';
import { decodeAgentFrame, encodeFrame } from '#lib/protocol/codec.ts';
import {
	AGENT_SOCKET_PATH,
	CLOSE,
	type AgentFrame,
	type AgentFrames,
	type AgentFrameType,
	type AssignedAccount,
	type WebFrame
} from '#lib/protocol/frames.ts';
import { DEFAULT_POLICY } from '#lib/domain/accountPolicy.ts';
import {
	authMessage,
	commandMessage,
	lineMessage,
	SIGNED_ON_LINE,
	type LineSession
} from '#lib/protocol/signed.ts';
import { sealNow } from '#lib/protocol/sealNode.ts';
import { type SeenState } from '#lib/protocol/seen.ts';
import { waitFor } from './waitFor.ts';

/** What a test sends; without a signature of its own, it is signed as the real web does. */
type Outgoing = WebFrame extends infer F
	? F extends { signature: string }
		? Omit<F, 'v' | 'id' | 'signature'> & { signature?: string }
		: F extends WebFrame
			? Omit<F, 'v' | 'id'>
			: never
	: never;
export type Result = AgentFrames['result'];

/** An account with its password in clear, which is sealed when it is sent. */
export type FakeAccount = Omit<AssignedAccount, 'sealedPassword'> & {
	password: string;
	sealedPassword?: string | null;
};

export interface FakeWebOptions {
	/** Raw Ed25519 public key of the agent, base64url. */
	publicKey: string;
	/** Raw X25519 public key of the agent, base64url. */
	sealKey: string;
	pingIntervalMs?: number;
	/** Long, when left out: agent and fake stand still together where the machine holds this process up. */
	lineDeadMs?: number;
	telemetryIntervalMs?: number;
}

export class FakeWeb {
	/** As the full sync of every new line tells them. */
	readonly accounts = new Map<string, FakeAccount>();
	readonly received: AgentFrame[] = [];
	/** Every frame that went to the agent, as it went. */
	readonly sent: string[] = [];
	/** How far the clock here is ahead of the agent's. */
	clockOffsetMs = 0;
	/** Newest state of every account, from telemetry. */
	readonly states = new Map<string, SeenState>();
	/** False: results are taken in, but not acknowledged. */
	acknowledges = true;
	/** Which batches of deals are answered as stored; all, where it is true. */
	storesDeals: boolean | ((frame: AgentFrames['deals']) => boolean) = true;
	/** False: new lines are refused as unauthorised. */
	authorises = true;
	/** What the welcome says; a pending agent is told no accounts. */
	standing: 'approved' | 'pending' = 'approved';
	/** What it has of traders' uploads, by the digest that it is asked for. */
	readonly files = new Map<string, Buffer>();
	/** Set: what becomes of a question for a part; false, it is left unanswered. */
	onExpertWanted: (frame: AgentFrames['expert_wanted']) => boolean = () => true;
	/** What the welcome says that this server takes. */
	capabilities: string[] = [];
	/** Raw public key of this server, as an agent pins it. */
	readonly serverKey: string;
	/** Set: every new line is signed as if it were this one, as a replay would be. */
	sessionOverride: LineSession | null = null;
	/** Of the present line. */
	session: LineSession | null = null;
	/** How often a line was accepted. */
	connSeq = 0;
	dialled = 0;
	socket: WebSocket | null = null;
	readonly #server: WebSocketServer;
	readonly #options: FakeWebOptions;
	readonly #signingKey = generateKeyPairSync('ed25519').privateKey;

	private constructor(server: WebSocketServer, options: FakeWebOptions) {
		this.#server = server;
		this.#options = options;
		this.serverKey = createPublicKey(this.#signingKey).export({ format: 'jwk' }).x ?? '';
		server.on('connection', (socket) => this.#onConnection(socket));
	}

	static async listen(options: FakeWebOptions, port = 0): Promise<FakeWeb> {
		const server = new WebSocketServer({ host: '127.0.0.1', port, path: AGENT_SOCKET_PATH });
		await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
		return new FakeWeb(server, options);
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** What time it is here. */
	nowMs(): number {
		return Date.now() + this.clockOffsetMs;
	}

	send(frame: Outgoing): void {
		const text = encodeFrame(this.signed(frame));
		this.sent.push(text);
		this.socket?.send(text);
	}

	/** The frame as the real web would send it on the present line. */
	signed(frame: Outgoing, session = this.session): Parameters<typeof encodeFrame>[0] {
		if (!session || 'signature' in frame) return frame as Parameters<typeof encodeFrame>[0];
		const signedType = SIGNED_ON_LINE.find((type) => type === frame.type);
		if (frame.type !== 'command' && !signedType) return frame as Parameters<typeof encodeFrame>[0];
		const message = signedType
			? lineMessage(signedType, session, frame)
			: commandMessage(session.agentId, frame);
		const signature = sign(null, message, this.#signingKey).toString('base64url');
		return { ...frame, signature } as Parameters<typeof encodeFrame>[0];
	}

	/** Adds or changes an account and tells the agent, as the real one does after every change. */
	assign(account: FakeAccount): void {
		this.accounts.set(account.accountId, account);
		this.send({ type: 'sync', isFull: false, isLast: true, accounts: [this.#sealed(account)], removed: [] });
	}

	/** As the agent gets it; with `sealedPassword` given, exactly that. */
	#sealed({ password, ...account }: FakeAccount, agentId = this.session?.agentId ?? ''): AssignedAccount {
		const { sealKey } = this.#options;
		if (account.sealedPassword !== undefined) return { ...account, sealedPassword: account.sealedPassword };
		return { ...account, sealedPassword: sealNow(password, { ...account, agentId, sealKey }) };
	}

	remove(accountId: string): void {
		const epoch = this.accounts.get(accountId)?.epoch ?? 1;
		this.accounts.delete(accountId);
		this.send({ type: 'sync', isFull: false, isLast: true, accounts: [], removed: [{ accountId, epoch }] });
	}

	/** Sends a command with the account's next generation. @returns its id and generation */
	command(
		accountId: string,
		kind: CommandKind,
		{ closePositions = false, timeLeftMs = 15_000 }: { closePositions?: boolean; timeLeftMs?: number } = {}
	): { commandId: string; generation: number } {
		const account = this.accounts.get(accountId);
		if (!account) throw new Error(`the fake web has no account ${accountId}`);
		const generation = account.generation + 1;
		const wanted = ({ start_ea: 'RUNNING', pause_ea: 'PAUSED', stop_ea: 'STOPPED' } as const)[kind];
		this.accounts.set(accountId, { ...account, generation, wanted });
		const commandId = randomUUID();
		const { epoch, settings } = account;
		this.send({
			type: 'command',
			commandId,
			accountId,
			generation,
			epoch,
			kind,
			closePositions,
			settings,
			notAfterMs: kind === 'start_ea' ? this.nowMs() + timeLeftMs : null
		});
		return { commandId, generation };
	}

	framesOf<T extends AgentFrameType>(type: T): Array<AgentFrames[T]> {
		return this.received.filter((frame): frame is AgentFrames[T] => frame.type === type);
	}

	resultsOf(commandId: string): Result[] {
		return this.framesOf('result').filter((result) => result.commandId === commandId);
	}

	result(commandId: string, timeoutMs = 40_000): Promise<Result> {
		return waitFor(`the result of ${commandId}`, () => this.resultsOf(commandId)[0], { timeoutMs });
	}

	state(
		accountId: string,
		description: string,
		isThere: (state: SeenState) => boolean,
		timeoutMs = 40_000
	): Promise<SeenState> {
		return waitFor(
			`${description} (account ${accountId})`,
			() => {
				const state = this.states.get(accountId);
				if (state && isThere(state)) return state;
				throw new Error(`seen is ${JSON.stringify(state)}`);
			},
			{ timeoutMs }
		);
	}

	connected(timeoutMs = 30_000): Promise<unknown> {
		return waitFor('the agent to connect', () => this.socket !== null, { timeoutMs });
	}

	/** Resolves when everything was read that came over the last line, and that line is gone. */
	disconnected(): Promise<unknown> {
		return waitFor('the line to be seen to end', () => this.socket === null);
	}

	/** Resolves when the agent has taken in whatever was sent to it before. */
	async heard({ accountId, generation }: Pick<FakeAccount, 'accountId' | 'generation'>): Promise<void> {
		const commandId = randomUUID();
		this.send({ type: 'settle', commands: [{ commandId, accountId, generation, kind: 'stop_ea' }] });
		await waitFor('the agent to have heard it', () =>
			this.framesOf('settled').some(({ answers }) => answers.some((each) => each.commandId === commandId))
		);
	}

	/** Ends the present line the hard way. */
	cut(): void {
		this.socket?.terminate();
		this.socket = null;
	}

	async close(): Promise<void> {
		for (const client of this.#server.clients) client.terminate();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	#onConnection(socket: WebSocket): void {
		this.dialled += 1;
		const nonce = randomBytes(24).toString('base64url');
		let hello: AgentFrames['hello'] | null = null;
		let session: LineSession | null = null;
		const send = (frame: Outgoing): void => {
			const text = encodeFrame(this.signed(frame, this.sessionOverride ?? session));
			this.sent.push(text);
			socket.send(text);
		};
		socket.on('error', () => {});
		socket.on('close', () => {
			if (this.socket === socket) this.socket = null;
		});
		socket.on('message', (bytes: Buffer) => {
			const decoded = decodeAgentFrame(bytes.toString('utf8'));
			if (!decoded.ok) throw new Error(`the agent sent ${decoded.problem}: ${decoded.detail}`);
			const { frame } = decoded;
			this.received.push(frame);
			if (frame.type === 'hello') {
				hello = frame;
				session = { agentId: hello.agentId, serverNonce: nonce, agentNonce: hello.nonce };
			} else if (frame.type === 'auth') this.#welcome(socket, send, hello, session, frame.signature);
			else this.#onFrame(frame, this.socket === socket);
		});
		send({ type: 'challenge', nonce });
	}

	#welcome(
		socket: WebSocket,
		send: (frame: Outgoing) => void,
		hello: AgentFrames['hello'] | null,
		session: LineSession | null,
		signature: string
	): void {
		const {
			publicKey,
			pingIntervalMs = 500,
			lineDeadMs = LINE_DEAD_MS,
			telemetryIntervalMs = 100
		} = this.#options;
		const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
		const isRight =
			hello !== null &&
			session !== null &&
			verify(null, authMessage(session, hello.connSeqSeen), key, Buffer.from(signature, 'base64url'));
		if (!isRight || !this.authorises) return socket.close(CLOSE.unauthorised, 'not enrolled here');
		this.socket = socket;
		this.session = session;
		this.connSeq += 1;
		send({
			type: 'welcome',
			connSeq: this.connSeq,
			standing: this.standing,
			serverTimeMs: this.nowMs(),
			pingIntervalMs,
			lineDeadMs,
			telemetryIntervalMs,
			capabilities: this.capabilities
		});
		if (this.standing === 'pending') return;
		const accounts = [...this.accounts.values()].map((account) => this.#sealed(account, session?.agentId));
		send({ type: 'sync', isFull: true, isLast: true, accounts, removed: [] });
	}

	/** @param isPresent else what the agent saw is the past: its line has ended since */
	#onFrame(frame: AgentFrame, isPresent: boolean): void {
		if (frame.type === 'time')
			this.send({ type: 'time', question: frame.question, serverTimeMs: this.nowMs() });
		if (frame.type === 'deals') {
			const { accountId, epoch, batch } = frame;
			const isStored = typeof this.storesDeals === 'function' ? this.storesDeals(frame) : this.storesDeals;
			if (isStored) this.send({ type: 'deals_stored', accountId, epoch, batch });
		}
		if (frame.type === 'expert_wanted' && this.onExpertWanted(frame)) {
			const { accountId, sha256, offset } = frame;
			const part = this.files.get(sha256)?.subarray(offset, offset + FILE_PART_BYTES);
			const base64 = part?.toString('base64') ?? null;
			this.send({ type: 'expert_part', accountId, sha256, offset, base64 });
		}
		if (frame.type === 'telemetry' && isPresent)
			for (const { accountId, state } of frame.accounts) if (state) this.states.set(accountId, state);
		if (frame.type === 'result' && this.acknowledges) {
			const { commandId, accountId } = frame;
			this.send({ type: 'ack', results: [{ commandId, accountId }] });
		}
	}
}

export const SETTINGS: EaSettings = {
	maxLotSize: '0.10',
	maxLoss: '500',
	safetyMode: 'GREEN',
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'H1', magic: 770_001 }
};

let accountNumber = 5_000_000;

/** An account as the sync names it, never commanded. */
export function assignedAccount(change: Partial<FakeAccount> = {}): FakeAccount {
	accountNumber += 1;
	return {
		accountId: randomUUID(),
		userId: randomUUID(),
		epoch: 1,
		accountNumber: accountNumber.toString(),
		serverName: 'Quintet-Demo',
		broker: 'Quintet Simulated Broker',
		password: 'right-password',
		wanted: 'STOPPED',
		generation: 0,
		settings: SETTINGS,
		policy: DEFAULT_POLICY,
		watchdogAskedAtMs: 0,
		isConnectionWanted: true,
		reconnectAskedAtMs: 0,
		...change
	};
}
