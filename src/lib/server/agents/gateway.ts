/**
 * All agent lines of this web node: lets agents in, tells them what they must run, and hands what they say to
 * the live table and the result writer.
 */
import { WANTED_BY } from '#lib/domain/commandTransitions.ts';
import { CLOSE, type AssignedAccount, type WebFrames } from '#lib/protocol/frames.ts';
import type { LineSocket } from '#lib/protocol/socket.ts';
import type { KnownAccount } from './agentDirectory.ts';
import type { Release } from '../moves/moveStore.ts';
import { AgentLine, type LineDependencies, type LineEvents, type Outgoing } from './agentLine.ts';

export interface GatewayListener {
	/** The line is ready and its accounts are sent. */
	onArrived(line: AgentLine): Promise<void>;
	onFrame: LineEvents['onFrame'];
	onCopy: LineEvents['onCopy'];
	/** The agent has no line any more. */
	onLeft(line: AgentLine): void;
}

/** An account as the line of its agent knows it. */
export interface HeldAccount {
	agentId: string;
	accountId: string;
	epoch: number;
	known: KnownAccount;
}

/** Sockets that have not proven who they are; more are turned away. */
const MAX_UNPROVEN = 2_500;
const ACCOUNTS_PER_SYNC = 40;
const ACCOUNTS_PER_RELEASE = 200;

export class Gateway {
	readonly #lines = new Map<string, AgentLine>();
	readonly #unproven = new Set<AgentLine>();
	readonly #deps: LineDependencies;
	readonly #listener: GatewayListener;
	#isClosing = false;
	#onEmpty: () => void = () => undefined;

	constructor(deps: LineDependencies, listener: GatewayListener) {
		this.#deps = deps;
		this.#listener = listener;
	}

	/** Whether another socket would be taken in just now. */
	get takesLines(): boolean {
		return !this.#isClosing && this.#unproven.size < MAX_UNPROVEN;
	}

	/** A socket whose other end says it is an agent; it has a few seconds to prove it. */
	accept(socket: LineSocket): void {
		const events: LineEvents = {
			onReady: (line) => this.#onReady(line),
			onFrame: (line, frame) => {
				// An older line may still deliver: outcomes stay true, but what it saw is not the present any more.
				if (this.#isCurrent(line) || frame.type === 'result') this.#listener.onFrame(line, frame);
			},
			onCopy: (agent, reason) => {
				this.#listener.onCopy(agent, reason);
				this.lock(agent.id, reason);
			},
			onClose: (line) => this.#onClose(line)
		};
		this.#unproven.add(new AgentLine(socket, events, this.#deps));
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

	/** Agents with a line here, whether they may be given anything or not. */
	presentIds(): string[] {
		return [...this.#lines.keys()];
	}

	/** The same with the number of each agent's connection. */
	lines(): { agentId: string; connSeq: number }[] {
		return [...this.#lines].map(([agentId, { connSeq }]) => ({ agentId, connSeq }));
	}

	/** The number of this agent's connection; null without a line here. */
	connSeqOf(agentId: string): number | null {
		return this.#lines.get(agentId)?.connSeq ?? null;
	}

	/** The accounts that agents on these lines were given. */
	accountIds(): string[] {
		return [...this.#lines.values()].flatMap((line) => [...line.accounts.keys()]);
	}

	/** Ends the line of this agent when a connection with a higher number is known of. */
	closeOlder(agentId: string, connSeq: number, code: number, reason: string): void {
		const line = this.#lines.get(agentId);
		if (line && line.connSeq < connSeq) line.close(code, reason);
	}

	send(agentId: string, frame: Outgoing): boolean {
		const line = this.#lines.get(agentId);
		if (!line?.isSynced) return false;
		if (frame.type === 'command') {
			const known = line.accounts.get(frame.accountId)?.known;
			if (known) {
				known.generation = Math.max(known.generation, frame.generation);
				known.wanted = WANTED_BY[frame.kind];
			}
		}
		return line.send(frame);
	}

	/** @returns false when it has no line here, or is too old to be asked anything */
	ask(agentId: string, question: Omit<WebFrames['request'], 'v' | 'id' | 'type' | 'signature'>): boolean {
		const line = this.#lines.get(agentId);
		if (!line?.isSynced || !line.capabilities.has('requests')) return false;
		return line.send({ type: 'request', ...question });
	}

	/** The accounts of this trader that agents on these lines were given. */
	heldAccountsOf(userId: string): HeldAccount[] {
		return [...this.#lines].flatMap(([agentId, line]) =>
			line.isSynced
				? [...line.accounts].flatMap(([accountId, account]) =>
						account.userId === userId
							? { agentId, accountId, epoch: account.epoch, known: account.known }
							: []
					)
				: []
		);
	}

	/**
	 * Tells the agents of these accounts how they must run now; an account that is not active, or another's now, is
	 * taken away.
	 */
	async syncAccounts(accountIds: readonly string[]): Promise<void> {
		const assigned = await this.#deps.directory.assignedAccounts(accountIds);
		for (const { userId, agentId, accountId, epoch, known, account } of assigned) {
			const line = this.#lines.get(agentId);
			// The full list is still being read and may be older than this: ask again right after it.
			if (line && !line.isSynced) line.changedBeforeSync.add(accountId);
			if (!line?.isSynced) continue;
			line.accounts.set(accountId, { userId, epoch, known });
			line.leaving.delete(accountId);
			line.send({ type: 'sync', isFull: false, isLast: true, accounts: [account], removed: [] });
		}
		const holders = new Map(assigned.map(({ accountId, agentId }) => [accountId, agentId]));
		for (const accountId of accountIds)
			for (const [agentId, line] of this.#lines) {
				const known = line.accounts.get(accountId);
				if (known && holders.get(accountId) !== agentId) this.removeAccount(agentId, accountId, known.epoch);
			}
	}

	/** Under which epoch the agent of a line here has the account; null when it has not. */
	epochOf(agentId: string, accountId: string): number | null {
		return this.#lines.get(agentId)?.accounts.get(accountId)?.epoch ?? null;
	}

	removeAccount(agentId: string, accountId: string, epoch: number): void {
		const line = this.#lines.get(agentId);
		if (!line?.accounts.delete(accountId)) return;
		line.leaving.add(accountId);
		line.send({ type: 'sync', isFull: false, isLast: true, accounts: [], removed: [{ accountId, epoch }] });
	}

	/** Asks the agent to end these terminals and to let go; it answers when that is proven. */
	release(agentId: string, releases: readonly Release[]): void {
		const line = this.#lines.get(agentId);
		if (line?.isSynced) this.#release(line, releases);
	}

	/** Whether this agent's line was opened as an approved one; null without a line here. */
	isApprovedLine(agentId: string): boolean | null {
		return this.#lines.get(agentId)?.agent?.isApproved ?? null;
	}

	/**
	 * Ends an agent's line because what it may do changed; from now on not a word of it is heard.
	 * @returns false when it has none here
	 */
	dismiss(agentId: string, code: number, reason: string): boolean {
		const line = this.#lines.get(agentId);
		if (!line) return false;
		line.dismiss(code, reason);
		this.#onClose(line);
		return true;
	}

	/** Two copies of this agent were seen: the one with a line here is told so, and its line ends. */
	lock(agentId: string, reason: string): void {
		const line = this.#lines.get(agentId);
		if (!line) return;
		line.lock(reason);
		this.#onClose(line);
	}

	/** Ends all lines, and takes no new ones. @returns when they are gone; who does not answer is cut off */
	close(): Promise<void> {
		this.#isClosing = true;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#onEmpty = resolve;
		for (const line of [...this.#lines.values(), ...this.#unproven])
			line.close(CLOSE.serviceRestart, 'the server restarts');
		this.#tellIfEmpty();
		return promise;
	}

	#tellIfEmpty(): void {
		if (this.#lines.size === 0 && this.#unproven.size === 0) this.#onEmpty();
	}

	#isCurrent(line: AgentLine): boolean {
		return line.agent !== null && this.#lines.get(line.agent.id) === line;
	}

	#onReady(line: AgentLine): void {
		this.#unproven.delete(line);
		const agent = line.agent;
		if (!agent) return;
		// The newest line counts: an agent that dials again has lost the old one, whatever TCP says.
		const older = this.#lines.get(agent.id);
		this.#lines.set(agent.id, line);
		older?.close(CLOSE.replaced, 'a newer connection of this agent took over');
		// Until a person approves it, it is told nothing; then it is asked to come anew.
		if (!agent.isApproved) return;
		this.#sendAccounts(line, agent.id).catch((error: unknown) => {
			this.#deps.logger.error({ err: error, agentId: agent.id }, 'an agent could not be given its accounts');
			line.close(CLOSE.serviceRestart, 'the server cannot read your accounts just now');
		});
	}

	async #sendAccounts(line: AgentLine, agentId: string): Promise<void> {
		const releases = (await this.#deps.directory.releasesOf(agentId)) ?? [];
		const accounts = (await this.#deps.directory.accountsOf(agentId)) ?? [];
		if (this.#lines.get(agentId) !== line) return;
		// Before anything else: what may run here and is another's by now.
		this.#release(line, releases);
		for (const { userId, accountId, epoch, known } of accounts)
			line.accounts.set(accountId, { userId, epoch, known });
		for (const part of syncParts(accounts.map(({ account }) => account)))
			line.send({ type: 'sync', isFull: true, ...part, removed: [] });
		line.isSynced = true;
		if (line.changedBeforeSync.size > 0) await this.syncAccounts([...line.changedBeforeSync]);
		line.changedBeforeSync.clear();
		await this.#listener.onArrived(line);
	}

	#release(line: AgentLine, releases: readonly Release[]): void {
		// One that came back under a newer epoch stays.
		const due = releases.filter(
			({ accountId, epoch }) => (line.accounts.get(accountId)?.epoch ?? 0) <= epoch
		);
		for (const { accountId } of due) {
			line.accounts.delete(accountId);
			line.leaving.add(accountId);
		}
		if (!line.capabilities.has('release')) return;
		for (let i = 0; i < due.length; i += ACCOUNTS_PER_RELEASE) {
			const accounts = due.slice(i, i + ACCOUNTS_PER_RELEASE);
			line.send({
				type: 'release',
				accounts: accounts.map(({ accountId, epoch }) => ({ accountId, epoch }))
			});
		}
	}

	#onClose(line: AgentLine): void {
		this.#unproven.delete(line);
		if (line.agent && this.#isCurrent(line)) {
			this.#lines.delete(line.agent.id);
			this.#listener.onLeft(line);
		}
		this.#tellIfEmpty();
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
