/**
 * What the web does with what agents say. An agent is believed only about accounts assigned to it, and only
 * with the assignment's epoch; everything else is dropped and logged.
 */
import { assertNever } from '#lib/domain/assertNever.ts';
import { MAX_GENERATION_JUMP } from '#lib/domain/limits.ts';
import type { AgentFrames, WantedState } from '#lib/protocol/frames.ts';
import type { SeenState } from '#lib/protocol/seen.ts';
import type { ResultChange } from '../commands/resultStore.ts';
import type { ResultWriter } from '../commands/resultWriter.ts';
import { crashpoint } from '../crashpoint.ts';
import type { SystemLog, SystemLogEntry } from '../audit/systemLog.ts';
import type { ConnectionLog } from '../connections/connectionLog.ts';
import type { LinePresence } from '../bus/otherNodes.ts';
import { dealBatch } from '../deals/dealBatch.ts';
import type { DealWriter } from '../deals/dealWriter.ts';
import type { ExpertParts } from '../experts/expertParts.ts';
import type { LiveAccounts } from '../live/liveAccounts.ts';
import type { Logger } from '../logger.ts';
import type { IncidentLog } from '../watchdog/incidentLog.ts';
import type { Release } from '../moves/moveStore.ts';
import type { AgentLine } from './agentLine.ts';
import type { GatewayListener } from './gateway.ts';
import type { MachineLoads } from './machineLoads.ts';
import type { Settlement } from './settlement.ts';

/**
 * Writes down a generation that an agent obeyed and we do not know, with what it wants, unless that is RUNNING:
 * only less may be wanted on an agent's word. @returns whether anything changed
 */
export type AdoptGeneration = (commanded: {
	agentId: string;
	accountId: string;
	epoch: number;
	generation: number;
	wanted: WantedState;
}) => Promise<boolean>;

/** An agent that speaks of more foreign accounts than this is written down no further. */
const MAX_FOREIGN_NOTES = 20;

export interface AgentMessagesDependencies {
	systemLog: Pick<SystemLog, 'add'>;
	incidents: Pick<IncidentLog, 'add'>;
	connections: Pick<ConnectionLog, 'note' | 'noteAgentLost'>;
	loads: Pick<MachineLoads, 'add'>;
	deals: Pick<DealWriter, 'add'>;
	experts: Pick<ExpertParts, 'answer'>;
	/** Who asked is told. */
	onAnswer: (agentId: string, frame: AgentFrames['answer']) => void;
	live: LiveAccounts;
	results: Pick<ResultWriter, 'add'>;
	settlement: Settlement;
	/** What is wanted of the account is not what its agent was told last. */
	resync: (accountId: string) => void;
	/** An agent says that it has let go of an account. */
	released: (release: Release) => Promise<void>;
	logger: Logger;
	nowMs: () => number;
	/** By how much what is read now may be older than it says: this server stood still. */
	standstillMs: () => number;
	/** Raises what the database knows to what the agent obeyed. */
	adoptGeneration: AdoptGeneration;
	/** Called when an agent came or went, so that unassigned accounts find a place and pages hear of it. */
	onPresence: (presence: LinePresence) => void;
}

export function createAgentMessages(deps: AgentMessagesDependencies): GatewayListener {
	const { live, results, settlement, logger, nowMs } = deps;
	const now = () => new Date(nowMs());

	const spokenOf = new WeakMap<AgentLine, Set<string>>();

	function ownerOf(line: AgentLine, accountId: string, epoch: number | null) {
		const account = line.accounts.get(accountId);
		if (line.agent && account && (epoch === null || account.epoch === epoch))
			return { userId: account.userId, agentId: line.agent.id };
		foreign(line, accountId);
		return null;
	}

	/** The agent obeyed a command that this server does not know: an emergency Stop that was never written down. */
	function commandedElsewhere(
		line: AgentLine,
		owner: { userId: string; agentId: string },
		accountId: string,
		commanded: NonNullable<SeenState['commanded']>
	): void {
		const account = line.accounts.get(accountId);
		if (!account || commanded.generation <= account.known.generation) return;
		const jump = commanded.generation - account.known.generation;
		const whose = { userId: owner.userId, accountId, ageMs: 0 };
		if (jump > MAX_GENERATION_JUMP) {
			const message = `The agent says that it obeyed generation ${commanded.generation}, which was never given out (${account.known.generation} was). New commands are refused by it until an operator has looked at this.`;
			log(line, { level: 'error', code: 'generation_jump', message }, whose);
			// Said once per line, not once a second.
			account.known.generation = commanded.generation;
			return;
		}
		account.known.generation = commanded.generation;
		account.known.wanted = commanded.wanted;
		deps
			.adoptGeneration({ agentId: owner.agentId, accountId, epoch: account.epoch, ...commanded })
			.then((isAdopted) => {
				if (!isAdopted) return;
				const message = `The agent had obeyed a ${commanded.wanted === 'STOPPED' ? 'Stop' : 'command'} that was not written down here; it is now.`;
				log(line, { level: 'warn', code: 'generation_adopted', message }, whose);
				live.markDirty(owner.userId, accountId);
			})
			.catch((error: unknown) =>
				logger.error({ err: error, accountId }, 'a generation of an agent could not be taken over')
			);
	}

	/** Dropped; written down once per line and account, however often it is repeated. */
	function foreign(line: AgentLine, accountId: string): void {
		const known = spokenOf.get(line) ?? new Set<string>();
		spokenOf.set(line, known);
		if (!line.agent || line.leaving.has(accountId) || known.has(accountId) || known.size >= MAX_FOREIGN_NOTES)
			return;
		known.add(accountId);
		const { id: agentId, name } = line.agent;
		logger.warn({ agentId, accountId }, 'SECURITY: an agent spoke of an account that is not its own');
		const message = `The agent ${name} spoke of account ${accountId}, which is not its own (any more); it was not heard.`;
		log(line, { level: 'warn', code: 'foreign_account', message }, OF_THE_AGENT);
	}

	const handlers = {
		telemetry(line: AgentLine, frame: AgentFrames['telemetry']) {
			// What lay unread while this server stood still is older than it says.
			const standstillMs = deps.standstillMs();
			for (const entry of frame.accounts) {
				const owner = ownerOf(line, entry.accountId, entry.epoch);
				if (!owner) continue;
				live.receive(owner, { ...entry, ageMs: entry.ageMs + standstillMs });
				if (entry.state) {
					const at = new Date(nowMs() - entry.ageMs - standstillMs);
					deps.connections.note({ accountId: entry.accountId, agentId: owner.agentId, at }, entry.state);
				}
				if (entry.state?.commanded) commandedElsewhere(line, owner, entry.accountId, entry.state.commanded);
			}
		},

		progress(line: AgentLine, frame: AgentFrames['progress']) {
			const owner = ownerOf(line, frame.accountId, frame.epoch);
			if (!owner) return;
			results.add({
				...base(frame, owner.agentId),
				status: 'executing',
				stage: frame.stage,
				proof: frame.proof
			});
		},

		result(line: AgentLine, frame: AgentFrames['result']) {
			// A result may be older than the assignment; the row knows which agent it was sent to.
			const agentId = line.agent?.id;
			if (!agentId) return;
			if (!line.accounts.has(frame.accountId)) foreign(line, frame.accountId);
			const change: ResultChange = {
				...base(frame, agentId),
				status: frame.outcome,
				errorCode: frame.errorCode,
				error: frame.error,
				eaStatus: frame.eaStatus,
				proof: frame.proof,
				settledAt: now(),
				durationMs: frame.durationMs
			};
			crashpoint('result-received');
			results.add(change, () => {
				crashpoint('result-committed');
				line.send({ type: 'ack', results: [{ commandId: frame.commandId, accountId: frame.accountId }] });
				// What is wanted changes with a Start that failed or never ran; the agent may have been told otherwise.
				if (frame.outcome === 'expired' || frame.outcome === 'failed') deps.resync(frame.accountId);
			});
		},

		settled(line: AgentLine, frame: AgentFrames['settled']) {
			settlement.onAnswers(line, frame.answers).catch((error: unknown) => {
				logger.error({ err: error, agentId: line.agent?.id }, 'open commands could not be settled');
			});
		},

		released(line: AgentLine, { accountId, epoch }: AgentFrames['released']) {
			const agentId = line.agent?.id;
			if (!agentId) return;
			deps.released({ accountId, agentId, epoch }).catch((error: unknown) => {
				logger.warn(
					{ err: error, agentId, accountId },
					'a release could not be noted; the agent is asked again'
				);
			});
		},

		deals(line: AgentLine, frame: AgentFrames['deals']) {
			const { accountId, epoch, batch } = frame;
			const owner = ownerOf(line, accountId, epoch);
			if (!owner) return;
			const deals = dealBatch({ agentId: owner.agentId, accountId, epoch }, frame, nowMs());
			if (deals.refused > 0) {
				const message = `${deals.refused} deals of a time that cannot be were not stored.`;
				log(
					line,
					{ level: 'warn', code: 'deals_refused', message },
					{ userId: owner.userId, accountId, ageMs: 0 }
				);
			}
			deps.deals.add(deals, () => line.send({ type: 'deals_stored', accountId, epoch, batch }));
		},

		expert_wanted(line: AgentLine, frame: AgentFrames['expert_wanted']) {
			const { accountId, epoch, sha256, offset } = frame;
			const owner = ownerOf(line, accountId, epoch);
			if (!owner) return;
			deps.experts.answer({ agentId: owner.agentId, accountId, epoch, sha256, offset }, (part) =>
				line.send({
					type: 'expert_part',
					...{ accountId, sha256, offset },
					base64: part?.toString('base64') ?? null
				})
			);
		},

		time(line: AgentLine, { question }: AgentFrames['time']) {
			line.send({ type: 'time', question, serverTimeMs: nowMs() });
		},

		incident(line: AgentLine, frame: AgentFrames['incident']) {
			// Of an earlier assignment: true as well, but the agent may not speak of the account any more.
			const owner = ownerOf(line, frame.accountId, null);
			if (!owner) return;
			const at = (ageMs: number): Date => new Date(nowMs() - ageMs);
			const { startedAgeMs, detectedAgeMs, endedAgeMs, incidentId, accountId, kind, outcome } = frame;
			const { restarts, steps, openPositions, unprotectedPositions } = frame;
			deps.incidents.add({
				incidentId,
				accountId,
				agentId: owner.agentId,
				kind,
				outcome,
				restarts,
				steps,
				openPositions,
				unprotectedPositions,
				startedAt: at(startedAgeMs),
				detectedAt: at(detectedAgeMs),
				endedAt: endedAgeMs === null ? null : at(endedAgeMs)
			});
		},

		event(line: AgentLine, frame: AgentFrames['event']) {
			const owner = frame.accountId === null ? null : ownerOf(line, frame.accountId, null);
			if (frame.accountId !== null && !owner) return;
			const { accountId, ageMs } = frame;
			log(line, frame, { userId: owner?.userId ?? null, accountId, ageMs });
		}
	};

	function log(
		line: AgentLine,
		entry: Pick<SystemLogEntry, 'level' | 'code' | 'message'>,
		{ userId, accountId, ageMs }: { userId: string | null; accountId: string | null; ageMs: number }
	): void {
		const agentId = line.agent?.id ?? null;
		const { level, code, message } = entry;
		deps.systemLog.add({ level, code, message, at: new Date(nowMs() - ageMs), agentId, accountId, userId });
	}
	const OF_THE_AGENT = { userId: null, accountId: null, ageMs: 0 };

	/** Pages show at once that the agent came or went. */
	function presenceChanged(line: AgentLine, isUp: boolean): void {
		const accounts = [...line.accounts].map(([accountId, { userId }]) => ({ accountId, userId }));
		for (const { userId, accountId } of accounts) live.markDirty(userId, accountId);
		if (line.agent) deps.onPresence({ agentId: line.agent.id, connSeq: line.connSeq, isUp, accounts });
	}

	return {
		async onArrived(line) {
			const { agent } = line;
			if (!agent) return;
			logger.info({ agentId: agent.id, name: agent.name, connSeq: line.connSeq }, 'agent connected');
			presenceChanged(line, true);
			const message = `The agent ${agent.name} connected.`;
			log(line, { level: 'info', code: 'agent_connected', message }, OF_THE_AGENT);
			await settlement.onArrived(line);
		},
		onFrame(line, frame) {
			switch (frame.type) {
				case 'telemetry':
					return handlers.telemetry(line, frame);
				case 'progress':
					return handlers.progress(line, frame);
				case 'result':
					return handlers.result(line, frame);
				case 'settled':
					return handlers.settled(line, frame);
				case 'deals':
					return handlers.deals(line, frame);
				case 'expert_wanted':
					return handlers.expert_wanted(line, frame);
				case 'time':
					return handlers.time(line, frame);
				case 'incident':
					return handlers.incident(line, frame);
				case 'event':
					return handlers.event(line, frame);
				case 'released':
					return handlers.released(line, frame);
				case 'load':
					return line.agent ? deps.loads.add(line.agent.id, frame.load) : undefined;
				case 'answer':
					return line.agent ? deps.onAnswer(line.agent.id, frame) : undefined;
				default:
					return assertNever(frame);
			}
		},
		onCopy({ id: agentId, name }, reason) {
			logger.error({ agentId, name, reason }, 'SECURITY: two copies of an agent; both are locked');
			deps.systemLog.add({
				level: 'error',
				code: 'agent_locked',
				message: `The agent ${name} is locked and stops its EAs. ${reason} An operator must look at the machine and give it new keys.`,
				at: new Date(nowMs()),
				agentId,
				accountId: null,
				userId: null
			});
		},
		onLeft(line) {
			const { agent } = line;
			if (!agent) return;
			logger.warn({ agentId: agent.id, name: agent.name }, 'agent disconnected');
			settlement.onLeft(agent.id);
			presenceChanged(line, false);
			for (const accountId of line.accounts.keys())
				deps.connections.noteAgentLost({ accountId, agentId: agent.id, at: now() });
			const message = `The agent ${agent.name} is not connected any more.`;
			log(line, { level: 'warn', code: 'agent_disconnected', message }, OF_THE_AGENT);
		}
	};
}

/** The parts every change of a result has. */
function base(
	frame: { commandId: string; accountId: string },
	agentId: string
): Omit<ResultChange, 'status'> {
	return {
		commandId: frame.commandId,
		accountId: frame.accountId,
		agentId,
		stage: null,
		errorCode: null,
		error: null,
		eaStatus: null,
		proof: null,
		settledAt: null,
		durationMs: null
	};
}
