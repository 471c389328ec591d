/**
 * Settles what the line could not carry. When an agent arrives, it is asked about every open command it was
 * sent, and it gets the Stops and Pauses that waited for it. In between, work that nobody reports on is shown
 * as unknown, never as failed.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { LOST_AGENT_GRACE_MS, START_DEADLINE_MS, UNKNOWN_AFTER_MS } from '#lib/domain/limits.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { AccountRow } from '../accounts/accountRows.ts';
import { settingsOf } from '../accounts/accountView.ts';
import { KIND_OF_DB } from '../commands/commandRows.ts';
import type { CommandStore, OpenResult } from '../commands/commandStore.ts';
import type { ResultChange } from '../commands/resultStore.ts';
import type { ResultWriter } from '../commands/resultWriter.ts';
import type { ServerSigner } from '../crypto/signingKey.ts';
import type { AgentLine, Outgoing } from './agentLine.ts';
import { batched } from './batch.ts';
import { signedCommand } from './signedCommand.ts';

type Answer = AgentFrames['settled']['answers'][number];

/** A Stop or Pause that was sent and not even taken in by then is unknown, and is asked about. */
const SAFE_UNHEARD_MS = START_DEADLINE_MS + 5_000;

/** How often an agent is asked about what is unknown: question or answer may have been lost on a line that lives. */
const ASK_AGAIN_MS = 10_000;

/**
 * How often an agent is asked about a Stop or Pause that it said to be at work on: one that a full disk kept out of its
 * journal is forgotten by the next agent, and the question at that one's arrival may have failed.
 */
const ASK_STILL_MS = 30_000;

/** A command for an agent whose line is here, of which nobody spoke by then, may have been lost on the way here. */
const OVERLOOKED_MS = 3_000;

export interface SettlementDependencies {
	store: Pick<
		CommandStore,
		'openOfAgents' | 'openOfCommands' | 'allOpen' | 'markDispatched' | 'assignedAccounts'
	>;
	signer: ServerSigner;
	results: Pick<ResultWriter, 'add'>;
	/** Its line is on this node. */
	isConnected: (agentId: string) => boolean;
	/** Its line is on another node, as far as is known: that node asks, delivers and judges. */
	isElsewhere: (agentId: string) => boolean;
	send: (agentId: string, frame: Outgoing) => boolean;
	/** What is wanted of the account is not what its agent was told last. */
	resync: (accountId: string) => void;
	clock: TimerClock;
}

export class Settlement {
	readonly #deps: SettlementDependencies;
	/** When an agent's line was last known to be up; at start, nobody is called lost before the grace is over. */
	readonly #lastUp = new Map<string, number>();
	readonly #startedAtMs: number;
	/** When agents of this node were asked about what they had not taken in, or what is unknown. */
	#askedAtMs: ReadonlyMap<string, number> = new Map();
	/** Everything open on an agent: what was sent to it, and what waits for accounts it holds now. */
	readonly #openOf: (agentId: string) => Promise<OpenResult[] | null>;

	constructor(deps: SettlementDependencies) {
		this.#deps = deps;
		this.#startedAtMs = deps.clock.monotonicMs();
		this.#openOf = batched<string, OpenResult[]>(500, deps.clock, async (agentIds) => {
			const byAgent = Map.groupBy(await deps.store.openOfAgents(agentIds), (row) => row.agentId);
			return agentIds.map((agentId) => byAgent.get(agentId) ?? null);
		});
	}

	async onArrived(line: AgentLine): Promise<void> {
		const agentId = line.agent?.id;
		const open = agentId ? await this.#openOf(agentId) : null;
		if (!open) return;
		const sent = open.filter((row) => row.status !== 'waiting');
		for (let i = 0; i < sent.length; i += 200)
			line.send({ type: 'settle', commands: sent.slice(i, i + 200).map(settleEntry) });
		// Stops and Pauses that waited are committed as sent, then sent.
		for (const row of open) if (row.status === 'waiting') await this.#redeliver(row);
	}

	onLeft(agentId: string): void {
		this.#lastUp.set(agentId, this.#deps.clock.monotonicMs());
	}

	async onAnswers(line: AgentLine, answers: readonly Answer[]): Promise<void> {
		const agentId = line.agent?.id;
		const unheard = answers.filter((answer) => answer.verdict === 'never_received');
		if (!agentId || unheard.length === 0) return;
		const { store, results, resync, clock } = this.#deps;
		const commandIds = unheard.map((answer) => answer.commandId);
		const rows = await store.openOfCommands(agentId, commandIds);
		const isUnheard = (row: OpenResult) =>
			unheard.some((answer) => answer.commandId === row.commandId && answer.accountId === row.accountId);
		for (const row of rows.filter(isUnheard)) {
			// What was wanted before is wanted again; the agent, which knows of the Start by its sync alone, is told.
			if (row.kind === 'START_EA')
				results.add(neverRan(row, new Date(clock.wallMs())), () => resync(row.accountId));
			else await this.#redeliver(row);
		}
	}

	/**
	 * Marks as unknown what nobody reports on, and delivers what another node committed for an agent whose line
	 * is here. Called every second or so, by every node; each looks after its own lines.
	 */
	async sweep(): Promise<void> {
		const { store, results, clock, isConnected, isElsewhere, send } = this.#deps;
		const askedAtMs = new Map<string, number>();
		const ask = (row: OpenResult): void => {
			askedAtMs.set(keyOf(row), clock.monotonicMs());
			send(row.agentId, { type: 'settle', commands: [settleEntry(row)] });
		};
		for (const row of await store.allOpen()) {
			if (isStranded(row)) {
				results.add(machineGone(row, new Date(clock.wallMs())));
				continue;
			}
			const isUp = isConnected(row.agentId);
			if (isUp || isElsewhere(row.agentId)) this.#lastUp.set(row.agentId, clock.monotonicMs());
			const isOverlooked = isUp && row.ageMs > OVERLOOKED_MS;
			if (row.status === 'waiting') {
				if (isOverlooked) await this.#redeliver(row);
				continue;
			}
			const asked = this.#askedAtMs.get(keyOf(row));
			if (asked !== undefined) askedAtMs.set(keyOf(row), asked);
			if (row.status === 'timeout') {
				if (isUp && clock.monotonicMs() - (asked ?? -Infinity) >= ASK_AGAIN_MS) ask(row);
				continue;
			}
			// Another node committed it, and perhaps could not hand it over any more.
			if (isOverlooked && row.status === 'dispatched' && asked === undefined) ask(row);
			if (isUp && isLongAtWork(row) && clock.monotonicMs() - (asked ?? -Infinity) >= ASK_STILL_MS) ask(row);
			const why = isUp ? unheardTooLong(row) : this.#lostTooLong(row.agentId);
			if (!why) continue;
			results.add({ ...emptyChange(row), status: 'timeout', errorCode: 'unknown', error: why });
			if (isUp) ask(row);
		}
		this.#askedAtMs = askedAtMs;
	}

	#lostTooLong(agentId: string): string | null {
		const lastUp = this.#lastUp.get(agentId) ?? this.#startedAtMs;
		return this.#deps.clock.monotonicMs() - lastUp > LOST_AGENT_GRACE_MS
			? 'The agent was lost while it was at work. What happened is unknown; it is settled as soon as the agent is back.'
			: null;
	}

	/** A Start is never sent from what the database says: it runs when a person presses it, or not at all. */
	async #redeliver(row: OpenResult): Promise<void> {
		if (row.kind === 'START_EA') return;
		const { store, signer, results, send } = this.#deps;
		const [account] = await store.assignedAccounts({ accountIds: [row.accountId] });
		if (!account || account.agentId !== row.agentId) return;
		await store.markDispatched(row, account);
		// The writer tells the page; the same status once more is harmless.
		results.add({ ...emptyChange(row), status: 'dispatched' });
		send(row.agentId, signedCommand(signer, row.agentId, commandFrame(row, account)));
	}
}

const keyOf = (row: OpenResult) => `${row.commandId}|${row.accountId}`;

/** A Stop or Pause may be at work for hours; a Start that is so long at work is unknown. */
const isLongAtWork = ({ kind, status, ageMs }: OpenResult): boolean =>
	kind !== 'START_EA' && status === 'executing' && ageMs > ASK_STILL_MS;

const settleEntry = (row: OpenResult) => ({
	commandId: row.commandId,
	accountId: row.accountId,
	generation: Number(row.generation),
	kind: KIND_OF_DB[row.kind]
});

const commandFrame = (row: OpenResult, account: AccountRow & { epoch: number }) => ({
	type: 'command' as const,
	...settleEntry(row),
	epoch: account.epoch,
	closePositions: row.closePositions,
	settings: settingsOf(account),
	notAfterMs: null
});

function unheardTooLong(row: OpenResult): string | null {
	const isStart = row.kind === 'START_EA';
	const isTooLong = isStart
		? row.ageMs > UNKNOWN_AFTER_MS
		: row.status === 'dispatched' && row.ageMs > SAFE_UNHEARD_MS;
	return isTooLong
		? 'The agent has not answered in time. What happened is unknown; it is being asked.'
		: null;
}

/** Sent to a machine that was declared gone since; the account is another agent's now, which never heard of it. */
const isStranded = ({ status, agentId, holderId }: OpenResult): boolean =>
	status !== 'waiting' && holderId !== null && holderId !== agentId;

const machineGone = (row: OpenResult, settledAt: Date): ResultChange => ({
	...emptyChange(row),
	status: 'indeterminate',
	errorCode: 'machine_gone',
	error:
		'The machine that this was sent to was declared gone before it answered. What it did is not known: look at the open positions, then press the button you want.',
	settledAt
});

/** The agent's journal does not know the Start, and has noted that it must never run. */
const neverRan = (row: OpenResult, settledAt: Date): ResultChange => ({
	...emptyChange(row),
	status: 'expired',
	errorCode: 'never_received',
	error: 'The command never reached the agent. Nothing was started; press Start again.',
	settledAt
});

const emptyChange = (row: OpenResult): ResultChange => ({
	commandId: row.commandId,
	accountId: row.accountId,
	agentId: row.agentId,
	status: row.status,
	stage: null,
	errorCode: null,
	error: null,
	eaStatus: null,
	proof: null,
	settledAt: null,
	durationMs: null
});
