/**
 * This web node among the others: puts together who is there (Peers, Presence), who wants to hear what
 * (Interest), and what passes between them. PostgreSQL stays the only truth; with the bus away this node goes on
 * with the agents and the people it has, and looks into the database for the rest.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import type { OwnNode } from '../commandCore.ts';
import { isDatabaseAway } from '../databaseAway.ts';
import type { Logger } from '../logger.ts';
import { TO_ALL, type Bus } from './bus.ts';
import { Interest } from './interest.ts';
import { LineKeeper } from './lineKeeper.ts';
import { LiveRelay } from './liveRelay.ts';
import type { NodeMessageHandlers } from './messages.ts';
import type { MessageSeal } from './messageSeal.ts';
import type { NodeStore } from './nodeStore.ts';
import type { OtherNodes } from './otherNodes.ts';
import { Peers } from './peers.ts';
import { Presence } from './presence.ts';

/** How long changes are looked back for after the bus was away, on top of the time it was. */
const CHANGES_MARGIN_MS = 30_000;
/** With everybody within reach, a lost message costs this much at most. */
const QUIET_BACKFILL_MS = 5_000;
const DEGRADED_SYNC_MS = 10_000;

const NO_BUS_NOTICE =
	'Another server process works on the same database, and this one cannot talk to it. Accounts whose agent is connected there are shown as unknown here. The operator must set REDIS_URL on all servers, or stop all but one.';
const LOST_NOTICE =
	'This server has lost contact with the other servers. Accounts whose agent is connected there are shown as unknown here; Stop and Pause reach them through the database within seconds, Start does not. Everything else goes on.';

const DATABASE_NOTICE =
	'The database cannot be reached just now. What the agents report is shown all the same, and Stop works; Start, Pause and changes do not until it is back.';

export interface NodesStatus {
	nodeId: string;
	/** `none`: this server is alone by configuration. */
	bus: 'none' | 'up' | 'away';
	/** Other servers on the same database, and those of them that can be spoken to. */
	others: number;
	reachable: number;
	/** What the pages say about it; null when all is well. */
	notice: string | null;
}

export interface NodesDependencies {
	bus: Bus;
	seal: MessageSeal;
	store: NodeStore;
	/** A new one for every start of the server. */
	nodeId: string;
	clock: TimerClock;
	logger: Logger;
}

/** The parts that depend on what this node has of its own. */
interface Joined {
	own: OwnNode;
	interest: Interest;
	relay: LiveRelay;
	lines: LineKeeper;
}

export class Nodes {
	readonly #deps: NodesDependencies;
	readonly #peers: Peers;
	readonly #presence: Presence;
	#onSessionsEnded: (sessionIds: readonly string[], isOver: boolean) => void = () => undefined;
	#onAgentChanged: (agentId: string) => void = () => undefined;
	#joined: Joined | null = null;
	#shown = '';
	#notice: string | null = null;
	#awaySinceMs: number | null = null;
	#backfilledAtMs = 0;
	#syncedAtMs = 0;
	#wasWarned = false;
	/** As the last look found it. */
	#isDatabaseAway = false;

	constructor(deps: NodesDependencies) {
		this.#deps = deps;
		const { bus, seal, store, clock, logger, nodeId } = deps;
		this.#presence = new Presence({
			store,
			clock,
			ownLines: () => this.#joined?.own.gateway.lines() ?? [],
			ownConnSeq: (agentId) => this.#joined?.own.gateway.connSeqOf(agentId) ?? null,
			onNewerElsewhere: (agentId, connSeq) => this.#joined?.lines.yieldTo(agentId, connSeq)
		});
		this.#peers = new Peers({
			nodeId,
			bus,
			seal,
			clock,
			logger,
			onMet: (id) => this.#met(id),
			onLost: () => this.#showChange(),
			onBack: () => this.#back()
		});
	}

	/** Takes up the talk with the other nodes. Called once. */
	join(own: OwnNode): OtherNodes {
		const { store, clock, logger } = this.#deps;
		const peers = this.#peers;
		const presence = this.#presence;
		const interest = new Interest({
			peers,
			clock,
			present: () => this.#presentUserIds(),
			onWatched: (id, userIds) => relay.answerWatch(id, userIds),
			onAnswered: (userIds) => this.#backfill(userIds)
		});
		const relay = new LiveRelay({ peers, interest, own, store, clock, logger });
		const lines = new LineKeeper({ gateway: own.gateway, store, logger });
		this.#joined = { own, interest, relay, lines };
		peers.open(this.#handlers(this.#joined));
		return {
			routeOf: (agentId) => {
				const holder = presence.holderOf(agentId);
				if (holder === null) return 'none';
				return peers.isReachable(holder) ? 'elsewhere' : 'unreachable';
			},
			connectedIds: () => presence.heldBy((nodeId) => peers.isReachable(nodeId)),
			heardAtMs: (agentId) => relay.agentHeardAtMs(agentId),
			send: (agentId, frame) => {
				const holder = presence.holderOf(agentId);
				if (holder === null || !peers.isReachable(holder)) return false;
				peers.send(holder, { type: 'frame', agentId, text: encodeFrame(frame) });
				return true;
			},
			ask: (question) => {
				const holder = presence.holderOf(question.agentId);
				if (holder === null || !peers.isReachable(holder)) return null;
				peers.send(holder, { type: 'ask', ...question });
				return () => peers.isReachable(holder) && presence.holderOf(question.agentId) === holder;
			},
			syncAccounts: (accountIds) => peers.send(TO_ALL, { type: 'sync', accountIds: [...accountIds] }),
			removeAccount: (agentId, accountId, epoch) =>
				peers.send(TO_ALL, { type: 'remove', agentId, accountId, epoch }),
			linePresence: (line) => {
				if (line.isUp) presence.arrivedHere(line.agentId);
				peers.send(TO_ALL, { type: 'presence', ...line });
			},
			pushReports: (userId, accountIds) => relay.pushReports(userId, accountIds),
			watch: (userId) => interest.watch(userId)
		};
	}

	/** What the pages are to say, as it was last told to all of them: a page that opens now says the same. */
	get notice(): string | null {
		return this.#notice;
	}

	status(): NodesStatus {
		const others = this.#presence.others();
		const reachable = others.filter((id) => this.#peers.isReachable(id));
		const isShared = this.#deps.bus.scope === 'servers';
		const bus = !isShared ? 'none' : this.#peers.isInContact ? 'up' : 'away';
		return {
			nodeId: this.#deps.nodeId,
			bus,
			others: others.length,
			reachable: reachable.length,
			notice: this.#noticeOf(others.length - reachable.length)
		};
	}

	/** These sessions are over, or have new tokens: tells the other nodes. The caller sees to this one. */
	sessionsEnded(sessionIds: readonly string[], isOver: boolean): void {
		if (sessionIds.length > 0)
			this.#peers.send(TO_ALL, { type: 'sessions_ended', sessionIds: [...sessionIds], isOver });
	}

	/** Calls back when another node ended sessions, or gave them new tokens. */
	onSessionsEnded(callback: (sessionIds: readonly string[], isOver: boolean) => void): void {
		this.#onSessionsEnded = callback;
	}

	/** The row of this agent changed: tells the other nodes. The caller sees to this one. */
	agentChanged(agentId: string): void {
		this.#peers.send(TO_ALL, { type: 'agent_changed', agentId });
	}

	/** Calls back when another node changed what an agent may do or is to do. */
	onAgentChanged(callback: (agentId: string) => void): void {
		this.#onAgentChanged = callback;
	}

	/** Every second: says that this node is there, repeats what it wants, and looks for what it missed. */
	async beat(): Promise<void> {
		this.#peers.beat();
		this.#joined?.interest.renew();
		if (!this.#peers.isInContact) this.#awaySinceMs ??= this.#deps.clock.monotonicMs();
		this.#showChange();
		await this.#lookForMissed();
	}

	/** Every other second: renews the lease in the database, and reads who holds which agent. */
	async refresh(): Promise<void> {
		try {
			await this.#presence.refresh((nodeId) => this.#peers.isReachable(nodeId));
			this.#isDatabaseAway = false;
		} catch (error) {
			this.#isDatabaseAway = isDatabaseAway(error);
			this.#showChange();
			throw error;
		}
		this.#warnOnce();
		if (this.#isDegraded()) this.#joined?.own.hub.serversChanged();
		this.#showChange();
	}

	/** Gives up lease and lines, and says good-bye. */
	async close(): Promise<void> {
		await this.#deps.store.end().catch((error: unknown) => {
			this.#deps.logger.warn({ err: error }, 'the lease of this server could not be given up; it runs out');
		});
		this.#peers.send(TO_ALL, { type: 'bye' });
		await this.#deps.bus.close();
	}

	#handlers({ own, interest, relay, lines }: Joined): NodeMessageHandlers {
		return {
			beat: () => undefined,
			bye: (_, { from }) => this.#left(from),
			presence: ({ agentId, connSeq, isUp, accounts }, { from }) => {
				this.#presence.told(from, agentId, connSeq, isUp);
				for (const { userId, accountId } of accounts)
					if (own.hub.hasListeners(userId)) own.live.markDirty(userId, accountId);
			},
			frame: (message) => lines.onFrame(message),
			ask: ({ type: _, ...question }, { from }) => {
				const { requestId, agentId } = question;
				void own.requests
					.answerFor(question)
					.then((result) => this.#peers.send(from, { type: 'asked', requestId, agentId, result }));
			},
			asked: ({ agentId, requestId, result }) => own.requests.onAnswer(agentId, { requestId, result }),
			sync: (message) => lines.onSync(message),
			remove: ({ agentId, accountId, epoch }) => {
				own.live.forget(accountId, agentId);
				own.gateway.removeAccount(agentId, accountId, epoch);
			},
			watch: ({ userIds, wantsAnswer }, { from }) => interest.onWatch(from, userIds, wantsAnswer),
			reports: (message, { from, delayMs }) => {
				relay.onReports(message, delayMs);
				if (message.isAnswer) interest.onAnswer(from, message.userIds);
			},
			event: (message) => relay.onEvent(message),
			unnumbered: ({ userId, message }) => own.hub.deliverUnnumbered(userId, message),
			sessions_ended: ({ sessionIds, isOver }) => this.#onSessionsEnded(sessionIds, isOver),
			agent_changed: ({ agentId }) => this.#onAgentChanged(agentId)
		};
	}

	#met(nodeId: string): void {
		this.#presence.met(nodeId);
		this.#peers.beat();
		this.#joined?.interest.startOver();
		this.#showChange();
	}

	#left(nodeId: string): void {
		this.#peers.forget(nodeId);
		this.#presence.gone(nodeId);
		this.#joined?.interest.forget(nodeId);
		this.#showChange();
	}

	/** The bus is back: everything that was said meanwhile is caught up with. */
	#back(): void {
		const { clock, logger } = this.#deps;
		const awayMs = this.#awaySinceMs === null ? null : clock.monotonicMs() - this.#awaySinceMs;
		this.#awaySinceMs = null;
		this.#joined?.interest.startOver();
		this.#backfill(this.#presentUserIds());
		if (awayMs !== null)
			this.#joined?.lines.syncChanged(awayMs + CHANGES_MARGIN_MS).catch((error: unknown) => {
				logger.error({ err: error }, 'changes made on other servers could not be looked up');
			});
		this.#showChange();
	}

	#presentUserIds(): string[] {
		if (!this.#joined) return [];
		const { hub, commands } = this.#joined.own;
		return [...new Set([...hub.userIds(), ...commands.waitingUserIds()])];
	}

	/** Some other server works on the same database, and cannot be spoken to. */
	#isDegraded(): boolean {
		return this.#presence.others().some((id) => !this.#peers.isReachable(id));
	}

	async #lookForMissed(): Promise<void> {
		if (!this.#joined || this.#presence.others().length === 0) return;
		const now = this.#deps.clock.monotonicMs();
		const isDegraded = this.#isDegraded();
		if (!isDegraded && now - this.#backfilledAtMs < QUIET_BACKFILL_MS) return;
		this.#backfilledAtMs = now;
		await this.#joined.relay.backfill(this.#presentUserIds());
		if (!isDegraded || now - this.#syncedAtMs < DEGRADED_SYNC_MS) return;
		this.#syncedAtMs = now;
		await this.#joined.lines.syncChanged(CHANGES_MARGIN_MS);
	}

	#backfill(userIds: readonly string[]): void {
		this.#joined?.relay.backfill(userIds).catch((error: unknown) => {
			this.#deps.logger.warn(
				{ err: error },
				'events of other servers could not be looked up; the next look will'
			);
		});
	}

	/** Pages hear at once when servers come within reach or leave it. */
	#showChange(): void {
		const others = this.#presence.others();
		const shown = others.map((id) => `${id}:${this.#peers.isReachable(id)}`).sort();
		const { notice } = this.status();
		const signature = JSON.stringify([shown, notice]);
		if (signature === this.#shown) return;
		this.#shown = signature;
		this.#notice = notice;
		this.#joined?.own.hub.serversChanged();
	}

	#noticeOf(unreachable: number): string | null {
		if (this.#isDatabaseAway) return DATABASE_NOTICE;
		if (unreachable === 0) return null;
		return this.#isWithoutBus() ? NO_BUS_NOTICE : LOST_NOTICE;
	}

	/** Some process on this database was started without a bus: this one, or another. */
	#isWithoutBus(): boolean {
		return this.#deps.bus.scope === 'process' || this.#presence.mutes().length > 0;
	}

	#warnOnce(): void {
		const others = this.#presence.others().length;
		const isMistake = others > 0 && this.#isWithoutBus();
		if (isMistake && !this.#wasWarned)
			this.#deps.logger.warn(
				{ others },
				'another server process works on the same database and there is no bus between them: set REDIS_URL on all of them, or stop all but one'
			);
		this.#wasWarned = isMistake;
	}
}
