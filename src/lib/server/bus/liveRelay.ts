/**
 * Carries live events and reports between nodes. A message that is lost does no harm: events have numbers, and
 * the stream that sees a gap, or hears that there is more, reads it from the database.
 */
import type { Clock } from '#lib/domain/clock.ts';
import type { OwnNode } from '../commandCore.ts';
import type { EventRelay, StoredEvent, StoredMessage } from '../live/eventHub.ts';
import type { LiveEa, SentReport } from '../live/liveAccounts.ts';
import { liveVitals, sentVitals } from '../live/vitals.ts';
import type { Logger } from '../logger.ts';
import type { Interest } from './interest.ts';
import type { NodeMessages, RemoteReport } from './messages.ts';
import type { NodeStore } from './nodeStore.ts';
import type { Peers } from './peers.ts';

const REPORTS_PER_MESSAGE = 50;

export interface LiveRelayDependencies {
	peers: Peers;
	interest: Interest;
	own: OwnNode;
	store: Pick<NodeStore, 'eventNumbers'>;
	clock: Clock;
	logger: Logger;
}

export class LiveRelay implements EventRelay {
	readonly #deps: LiveRelayDependencies;
	/** When agents on other nodes were heard last, in this server's time. */
	readonly #heardAtMs = new Map<string, number>();

	constructor(deps: LiveRelayDependencies) {
		this.#deps = deps;
		deps.own.hub.relayTo(this);
	}

	isWanted(userId: string): boolean {
		return this.#deps.interest.watchersOf(userId).length > 0;
	}

	stored({ userId, seq, messages }: StoredEvent): void {
		for (const nodeId of this.#deps.interest.watchersOf(userId))
			this.#deps.peers.send(nodeId, { type: 'event', userId, seq: String(seq), messages });
	}

	unnumbered(userId: string, message: StoredMessage): void {
		for (const nodeId of this.#deps.interest.watchersOf(userId))
			this.#deps.peers.send(nodeId, { type: 'unnumbered', userId, message });
	}

	/** These accounts have news that came over lines of this node. */
	pushReports(userId: string, accountIds: ReadonlySet<string>): void {
		for (const nodeId of this.#deps.interest.watchersOf(userId))
			this.#sendReports(nodeId, [userId], this.#deps.own.live.ownReportsOf(userId, accountIds), false);
	}

	/** Another node began to watch these users: it gets all there is of them here, even when that is nothing. */
	answerWatch(nodeId: string, userIds: readonly string[]): void {
		const reports = userIds.flatMap((userId) => this.#deps.own.live.ownReportsOf(userId));
		this.#sendReports(nodeId, userIds, reports, true);
	}

	agentHeardAtMs(agentId: string): number | null {
		return this.#heardAtMs.get(agentId) ?? null;
	}

	onReports({ reports }: NodeMessages['reports'], delayMs: number): void {
		const now = this.#deps.clock.wallMs();
		for (const { ageMs, heardAgeMs, ea, vitals, ...report } of reports) {
			// The line came over to this node while the message was under way: what it says here is newer.
			if (this.#deps.own.gateway.heardAtMs(report.agentId) !== null) continue;
			this.#heardAtMs.set(report.agentId, now - heardAgeMs - delayMs);
			const heartbeatAgeMs = ea?.heartbeatAgeMs ?? null;
			const liveEa: LiveEa | null = ea && {
				errors: ea.errors,
				heartbeatAtMs: heartbeatAgeMs === null ? null : now - heartbeatAgeMs - delayMs
			};
			this.#deps.own.live.receiveSent({
				...report,
				ea: liveEa,
				vitals: vitals && liveVitals(vitals, now - delayMs),
				seenAtMs: now - ageMs - delayMs
			});
		}
	}

	onEvent({ userId, seq, messages }: NodeMessages['event']): void {
		this.#deps.own.hub.deliver({ userId, seq: BigInt(seq), messages });
		if (messages.some((message) => message.name === 'results')) void this.#lookAgain(userId);
	}

	/** Whatever was committed for these users and not heard of here is read from the database. */
	async backfill(userIds: readonly string[]): Promise<void> {
		const { own, store } = this.#deps;
		const { hub, commands } = own;
		const waiting = commands.waitingUserIds();
		const present = userIds.filter((userId) => hub.hasListeners(userId) || waiting.has(userId));
		if (present.length === 0) return;
		for (const { userId, seq } of await store.eventNumbers(present)) hub.reached(userId, seq);
		for (const userId of present) if (waiting.has(userId)) await this.#lookAgain(userId);
	}

	async #lookAgain(userId: string): Promise<void> {
		// Who waits is answered after 30 s at the latest, by a look of its own.
		await this.#deps.own.commands.lookAgain(userId).catch((error: unknown) => {
			this.#deps.logger.warn({ err: error }, 'results that another server wrote could not be read');
		});
	}

	#sendReports(nodeId: string, userIds: readonly string[], reports: SentReport[], isAnswer: boolean): void {
		const known = reports.flatMap((report) => this.#toSend(report) ?? []);
		for (let i = 0; i === 0 || i < known.length; i += REPORTS_PER_MESSAGE) {
			const isLast = i + REPORTS_PER_MESSAGE >= known.length;
			if (known.length === 0 && !isAnswer) return;
			this.#deps.peers.send(nodeId, {
				type: 'reports',
				isAnswer: isAnswer && isLast,
				userIds: [...userIds],
				reports: known.slice(i, i + REPORTS_PER_MESSAGE)
			});
		}
	}

	/** Null when the agent's line is not here any more: what is known of it then, the next node says. */
	#toSend(sent: SentReport): RemoteReport | null {
		const { accountId, userId, agentId, state, figures, ea, open, vitals, seenAtMs } = sent;
		const heardAtMs = this.#deps.own.gateway.heardAtMs(agentId);
		if (heardAtMs === null) return null;
		const now = this.#deps.clock.wallMs();
		const age = (atMs: number) => Math.max(0, now - atMs);
		return {
			accountId,
			userId,
			agentId,
			ageMs: age(seenAtMs),
			heardAgeMs: age(heardAtMs),
			state,
			figures,
			open,
			vitals: vitals && sentVitals(vitals, now),
			ea: ea && {
				errors: ea.errors,
				heartbeatAgeMs: ea.heartbeatAtMs === null ? null : Math.round(age(ea.heartbeatAtMs))
			}
		};
	}
}
