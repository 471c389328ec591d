/**
 * Carries moves of accounts through, whichever web node they were ordered on and however often one is restarted:
 * all that is known of a move lies in the database, and each node looks after the agents whose lines it has. The
 * old agent keeps the account until it has proven that the terminal is down.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { nextMoveStep } from '#lib/domain/accountMove.ts';
import type { Gateway } from '../agents/gateway.ts';
import type { Caller } from '../app.ts';
import type { SystemLog } from '../audit/systemLog.ts';
import type { AgentRouter } from '../bus/agentRouter.ts';
import type { EventHub } from '../live/eventHub.ts';
import type { LiveAccounts } from '../live/liveAccounts.ts';
import type { Logger } from '../logger.ts';
import type { MoveChange, MoveOperator, MoveOrder, MoveStore, OpenMove, Release } from './moveStore.ts';

/** How often an agent is asked again to let go; question or answer may have been lost. */
const ASK_AGAIN_MS = 5_000;
/** Moves are independent of each other; more at once would only queue for connections. */
const SIDE_BY_SIDE = 8;

export interface MovesDependencies {
	store: MoveStore;
	gateway: Pick<Gateway, 'isConnected' | 'epochOf' | 'release' | 'syncAccounts'>;
	agents: Pick<AgentRouter, 'syncAccounts' | 'removeAccount'>;
	hub: EventHub;
	live: LiveAccounts;
	systemLog: Pick<SystemLog, 'add'>;
	/** Commits a Stop that closes nothing, and sends it; the same key is the same Stop. */
	stop: (caller: Caller, accountId: string, key: string) => Promise<unknown>;
	clock: Pick<Clock, 'monotonicMs'>;
	now: () => Date;
	logger: Logger;
}

export class Moves {
	readonly #deps: MovesDependencies;
	/** When agents of this node were asked to let go. */
	#askedAtMs: ReadonlyMap<string, number> = new Map();
	#toldAtMs = -Infinity;

	constructor(deps: MovesDependencies) {
		this.#deps = deps;
	}

	/** @throws AppError NOT_FOUND, MOVE_REFUSED */
	async begin(order: MoveOrder): Promise<void> {
		await this.#tell(await this.#deps.store.begin(order));
		await this.#soon();
	}

	/** @throws AppError NOT_FOUND, MOVE_REFUSED */
	async cancel(accountId: string, operator: MoveOperator): Promise<void> {
		await this.#tell(await this.#deps.store.cancel(accountId, operator));
	}

	/** All that are under way. */
	open(): Promise<OpenMove[]> {
		return this.#deps.store.openMoves();
	}

	/** Takes every move as far as it goes just now, and asks agents to let go. Called every second. */
	async sweep(): Promise<void> {
		const moves = await this.#deps.store.openMoves();
		const next = async (): Promise<void> => {
			for (let move = moves.shift(); move; move = moves.shift()) await this.#advance(move);
		};
		await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, moves.length) }, next));
		await this.#askForReleases();
		await this.#tellWhatWasMissed();
	}

	/** An agent has proven that an account's terminal is down. */
	async released({ accountId, agentId, epoch }: Release): Promise<void> {
		const { store, logger } = this.#deps;
		const reason = await store.noteReleased({ accountId, agentId, epoch });
		if (reason === null) return;
		logger.info({ accountId, agentId, epoch, reason }, 'an agent let go of an account');
		if (reason === 'machine_gone')
			this.#log(
				'warn',
				'old_machine_back',
				{ accountId, agentId, userId: null },
				'The machine was declared gone and is back. Its agent has ended the terminal of an account that runs elsewhere now.'
			);
		if (reason === 'move') await this.#soon();
	}

	/** What can be done at once is; what cannot is done by the next sweep. */
	async #soon(): Promise<void> {
		await this.sweep().catch((error: unknown) =>
			this.#deps.logger.warn({ err: error }, 'moves could not be taken further just now')
		);
	}

	/** One account's trouble keeps no other from moving. */
	async #advance(move: OpenMove): Promise<void> {
		const { store, stop, logger } = this.#deps;
		try {
			switch (nextMoveStep(move)) {
				case 'stop':
					return void (await stop(callerOf(move), move.accountId, keyOf(move)));
				case 'ask_release':
					return void (await store.askRelease(move));
				case 'finish': {
					const change = await store.finish(move);
					if (change) await this.#tell(change);
					return;
				}
				case 'await_settling':
				case 'await_release':
				case 'await_target':
					return;
			}
		} catch (error) {
			logger.error(
				{ err: error, accountId: move.accountId },
				'a move could not be taken further; it will be'
			);
		}
	}

	async #askForReleases(): Promise<void> {
		const { store, gateway, clock } = this.#deps;
		const nowMs = clock.monotonicMs();
		const askedAtMs = new Map<string, number>();
		const due = new Map<string, Release[]>();
		for (const release of await store.openReleases()) {
			const { accountId, agentId, epoch } = release;
			if (!gateway.isConnected(agentId)) continue;
			const key = `${agentId} ${accountId} ${epoch}`;
			const asked = this.#askedAtMs.get(key);
			const isDue = asked === undefined || nowMs - asked >= ASK_AGAIN_MS;
			askedAtMs.set(key, isDue ? nowMs : asked);
			if (isDue) due.set(agentId, [...(due.get(agentId) ?? []), release]);
		}
		this.#askedAtMs = askedAtMs;
		for (const [agentId, releases] of due) gateway.release(agentId, releases);
	}

	/** Whoever committed that an account goes over may have ended before it said so, or was not heard. */
	async #tellWhatWasMissed(): Promise<void> {
		const { store, gateway, clock } = this.#deps;
		const nowMs = clock.monotonicMs();
		if (nowMs - this.#toldAtMs < ASK_AGAIN_MS) return;
		this.#toldAtMs = nowMs;
		const missed = (await store.arrivedLately()).filter(
			({ accountId, agentId, epoch }) =>
				gateway.isConnected(agentId) && gateway.epochOf(agentId, accountId) !== epoch
		);
		if (missed.length > 0) await gateway.syncAccounts(missed.map(({ accountId }) => accountId));
	}

	/** After the commit: the lines, and the trader's pages. */
	async #tell({ accountId, userId, left, eventSeq }: MoveChange): Promise<void> {
		const { hub, live, agents, logger } = this.#deps;
		hub.publish({
			userId,
			seq: eventSeq,
			messages: [{ name: 'accounts', body: { reason: 'moved', accountIds: [accountId] } }]
		});
		if (left) {
			// What was seen of it was seen on another machine.
			live.forget(accountId, left.agentId);
			agents.removeAccount(left.agentId, accountId, left.epoch);
			this.#log(
				'info',
				'account_moved',
				{ accountId, agentId: left.agentId, userId },
				'The account was moved to another machine.'
			);
		}
		live.markDirty(userId, accountId);
		await agents.syncAccounts([accountId]).catch((error: unknown) => {
			logger.warn(
				{ err: error, accountId },
				'an agent could not be told of a moved account; its next line will'
			);
		});
	}

	#log(
		level: 'info' | 'warn',
		code: string,
		whose: { accountId: string; agentId: string; userId: string | null },
		message: string
	): void {
		this.#deps.systemLog.add({ level, code, message, at: this.#deps.now(), ...whose });
	}
}

/** The Stop is the operator's deed on the trader's account. */
const callerOf = ({ userId, requestedBy }: OpenMove): Caller => ({
	userId,
	session: null,
	origin: { ip: null, userAgent: null },
	operator: requestedBy
});

/** One Stop per move, whichever node sends it. */
const keyOf = ({ accountId, epoch, requestedAt }: OpenMove): string =>
	`move ${accountId} ${epoch} ${requestedAt.getTime()}`;
