/**
 * All agent lines of this web node: lets agents in, tells them what they must run, and hands what they say to
 * the live table and the result writer. Owns the WebSocket server.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { AGENT_SOCKET_PATH, CLOSE, type AssignedAccount } from '#lib/protocol/frames.ts';
import type { Logger } from '../logger.ts';
import type { AgentDirectory } from './agentDirectory.ts';
import { AgentLine, type LineEvents, type LineRhythm, type Outgoing } from './agentLine.ts';

export interface GatewayListener {
	/** The line is ready and its accounts are sent. */
	onArrived(line: AgentLine): Promise<void>;
	onFrame: LineEvents['onFrame'];
	/** The agent has no line any more. */
	onLeft(line: AgentLine): void;
}

/** Sockets that have not proven who they are; more are turned away. */
const MAX_UNPROVEN = 2_500;
const ACCOUNTS_PER_SYNC = 40;

export class Gateway {
	readonly #server = new WebSocketServer({
		noServer: true,
		maxPayload: MAX_FRAME_BYTES,
		perMessageDeflate: false,
		clientTracking: false
	});
	readonly #lines = new Map<string, AgentLine>();
	readonly #unproven = new Set<AgentLine>();
	readonly #directory: AgentDirectory;
	readonly #rhythm: LineRhythm;
	readonly #listener: GatewayListener;
	readonly #logger: Logger;
	readonly #now: () => number;
	#isClosing = false;

	constructor(
		directory: AgentDirectory,
		rhythm: LineRhythm,
		listener: GatewayListener,
		logger: Logger,
		now: () => number
	) {
		this.#directory = directory;
		this.#rhythm = rhythm;
		this.#listener = listener;
		this.#logger = logger;
		this.#now = now;
	}

	/**
	 * Takes over an HTTP upgrade. Browsers have no business here: a request with an Origin or a cookie is a page
	 * that tries to reach an agent's endpoint.
	 */
	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const { pathname } = new URL(request.url ?? '/', 'http://agent');
		if (pathname !== AGENT_SOCKET_PATH) return refuse(socket, '404 Not Found');
		if (request.headers.origin !== undefined || request.headers.cookie !== undefined)
			return refuse(socket, '403 Forbidden');
		if (this.#isClosing || this.#unproven.size >= MAX_UNPROVEN)
			return refuse(socket, '503 Service Unavailable');
		this.#server.handleUpgrade(request, socket, head, (webSocket) => {
			const events: LineEvents = {
				onReady: (line) => this.#onReady(line),
				onFrame: (line, frame) => this.#listener.onFrame(line, frame),
				onClose: (line) => this.#onClose(line)
			};
			this.#unproven.add(
				new AgentLine(webSocket, this.#directory, this.#rhythm, events, this.#logger, this.#now)
			);
		});
	}

	/** Connected means: proven, and told all its accounts. */
	isConnected(agentId: string): boolean {
		return this.#lines.get(agentId)?.isSynced ?? false;
	}

	/** When a connected agent was heard last; null when it is not connected. */
	heardAtMs(agentId: string): number | null {
		return this.#lines.get(agentId)?.heardAtMs ?? null;
	}

	connectedIds(): string[] {
		return [...this.#lines].filter(([, line]) => line.isSynced).map(([agentId]) => agentId);
	}

	send(agentId: string, frame: Outgoing): boolean {
		const line = this.#lines.get(agentId);
		return line?.isSynced ? line.send(frame) : false;
	}

	/** Tells the agents of these accounts how they must run now; an account that is not active is taken away. */
	async syncAccounts(accountIds: readonly string[]): Promise<void> {
		const assigned = await this.#directory.assignedAccounts(accountIds);
		for (const { userId, agentId, accountId, epoch, account } of assigned) {
			const line = this.#lines.get(agentId);
			// The full list is still being read and may be older than this: ask again right after it.
			if (line && !line.isSynced) line.changedBeforeSync.add(accountId);
			if (!line?.isSynced) continue;
			line.accounts.set(accountId, { userId, epoch });
			if (account) line.send({ type: 'sync', isFull: false, isLast: true, accounts: [account], removed: [] });
		}
		const active = new Set(assigned.map(({ accountId }) => accountId));
		for (const accountId of accountIds.filter((id) => !active.has(id)))
			for (const line of this.#lines.values()) {
				const known = line.accounts.get(accountId);
				if (known && line.agent) this.removeAccount(line.agent.id, accountId, known.epoch);
			}
	}

	removeAccount(agentId: string, accountId: string, epoch: number): void {
		const line = this.#lines.get(agentId);
		if (!line?.accounts.delete(accountId)) return;
		line.send({ type: 'sync', isFull: false, isLast: true, accounts: [], removed: [{ accountId, epoch }] });
	}

	close(): void {
		this.#isClosing = true;
		for (const line of [...this.#lines.values(), ...this.#unproven])
			line.close(CLOSE.serviceRestart, 'the server restarts');
		this.#server.close();
	}

	#onReady(line: AgentLine): void {
		this.#unproven.delete(line);
		const agent = line.agent;
		if (!agent) return;
		// The newest line counts: an agent that dials again has lost the old one, whatever TCP says.
		const older = this.#lines.get(agent.id);
		this.#lines.set(agent.id, line);
		older?.close(CLOSE.replaced, 'a newer connection of this agent took over');
		this.#sendAccounts(line, agent.id).catch((error: unknown) => {
			this.#logger.error({ err: error, agentId: agent.id }, 'an agent could not be given its accounts');
			line.close(CLOSE.serviceRestart, 'the server cannot read your accounts just now');
		});
	}

	async #sendAccounts(line: AgentLine, agentId: string): Promise<void> {
		const accounts = (await this.#directory.accountsOf(agentId)) ?? [];
		if (this.#lines.get(agentId) !== line) return;
		for (const { userId, accountId, epoch } of accounts) line.accounts.set(accountId, { userId, epoch });
		const sendable = accounts.flatMap(({ account }) => account ?? []);
		// A full list takes away what is not on it; one that lacks an account is none.
		const isFull = sendable.length === accounts.length;
		for (const part of syncParts(sendable)) line.send({ type: 'sync', isFull, ...part, removed: [] });
		line.isSynced = true;
		if (line.changedBeforeSync.size > 0) await this.syncAccounts([...line.changedBeforeSync]);
		line.changedBeforeSync.clear();
		await this.#listener.onArrived(line);
	}

	#onClose(line: AgentLine): void {
		this.#unproven.delete(line);
		if (!line.agent || this.#lines.get(line.agent.id) !== line) return;
		this.#lines.delete(line.agent.id);
		this.#listener.onLeft(line);
	}
}

function syncParts(accounts: AssignedAccount[]): { isLast: boolean; accounts: AssignedAccount[] }[] {
	const parts = [];
	for (let i = 0; i === 0 || i < accounts.length; i += ACCOUNTS_PER_SYNC)
		parts.push({
			isLast: i + ACCOUNTS_PER_SYNC >= accounts.length,
			accounts: accounts.slice(i, i + ACCOUNTS_PER_SYNC)
		});
	return parts;
}

function refuse(socket: Duplex, status: string): void {
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
