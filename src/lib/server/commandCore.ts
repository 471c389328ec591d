/**
 * The command plane, put together: who holds a line, what was commanded, what is known of it. Everything with
 * an effect outside (database, network, time, randomness) comes in as a port, so that the simulation runs this
 * very code.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import type { ReportSource } from './accounts/accountView.ts';
import { createAgentMessages, type AdoptGeneration } from './agents/agentMessages.ts';
import type { AgentDirectory } from './agents/agentDirectory.ts';
import type { LineRhythm } from './agents/agentLine.ts';
import type { AgentProof } from './agents/agentProof.ts';
import { AgentRequests } from './agents/agentRequests.ts';
import { Gateway } from './agents/gateway.ts';
import type { MachineLoads } from './agents/machineLoads.ts';
import { Settlement } from './agents/settlement.ts';
import type { SystemLog } from './audit/systemLog.ts';
import { AgentRouter } from './bus/agentRouter.ts';
import { NO_OTHER_NODES, type LinePresence, type OtherNodes } from './bus/otherNodes.ts';
import type { RateLimit } from './auth/rateLimit.ts';
import type { CommandStore } from './commands/commandStore.ts';
import { sendCommand } from './commands/issueCommand.ts';
import type { MoveStore } from './moves/moveStore.ts';
import { Moves } from './moves/moves.ts';
import { EmergencyStops, type RecordEmergency } from './commands/emergencyStop.ts';
import { OpenCommands } from './commands/openCommands.ts';
import { ResultWriter } from './commands/resultWriter.ts';
import type { ServerSigner } from './crypto/signingKey.ts';
import { createHeldUpWatch, HELD_UP_LOOK_MS } from './heldUpWatch.ts';
import type { DealWriter } from './deals/dealWriter.ts';
import type { ExpertParts } from './experts/expertParts.ts';
import { EventHub } from './live/eventHub.ts';
import { LiveAccounts } from './live/liveAccounts.ts';
import { saveReports } from './live/reportStore.ts';
import type { Logger } from './logger.ts';
import { startLoop } from './loop.ts';
import type { ConnectionLog } from './connections/connectionLog.ts';
import type { IncidentLog } from './watchdog/incidentLog.ts';

export interface CommandCorePorts {
	store: CommandStore;
	moves: MoveStore;
	directory: AgentDirectory;
	proof: AgentProof;
	/** Signs what agents obey. */
	signer: ServerSigner;
	/** Writes down a Stop that was sent while the database was away. */
	recordEmergency: RecordEmergency;
	/** Writes down what an agent obeyed and the database does not know. */
	adoptGeneration: AdoptGeneration;
	rhythm: LineRhythm;
	systemLog: Pick<SystemLog, 'add'>;
	/** Where the watchdogs' incidents are written down. */
	incidents: Pick<IncidentLog, 'add'>;
	/** Where changes of the accounts' connections are written down. */
	connections: Pick<ConnectionLog, 'note' | 'noteAgentLost'>;
	/** Where deals are stored. */
	deals: Pick<DealWriter, 'add'>;
	/** Where agents get the EAs that traders uploaded. */
	experts: Pick<ExpertParts, 'answer'>;
	/** Where the machines' figures are kept. */
	loads: Pick<MachineLoads, 'add'>;
	startLimit: RateLimit;
	clock: TimerClock;
	/** A new UUIDv7. */
	newId: () => string;
	logger: Logger;
	/** An agent came or went. */
	onPresence: (presence: LinePresence) => void;
	/** Finds the other web nodes; left out, there are none. */
	joinOthers?: (own: OwnNode) => OtherNodes;
}

/** What this node has of its own, for the others. */
export interface OwnNode {
	readonly hub: EventHub;
	readonly live: LiveAccounts;
	readonly commands: OpenCommands;
	readonly gateway: Gateway;
	readonly requests: AgentRequests;
}

export interface CommandCore {
	readonly store: CommandStore;
	readonly hub: EventHub;
	readonly live: LiveAccounts;
	readonly reports: ReportSource;
	readonly commands: OpenCommands;
	readonly emergencies: EmergencyStops;
	readonly moves: Moves;
	/** The lines of this node. */
	readonly gateway: Gateway;
	/** The agents of all nodes. */
	readonly agents: AgentRouter;
	/** Questions to agents about their machines. */
	readonly requests: AgentRequests;
	readonly others: OtherNodes;
	readonly startLimit: RateLimit;
	readonly signer: ServerSigner;
	now(): Date;
	newId(): string;
	/** From now on no Start is taken. */
	readonly isDraining: boolean;
	/** This process stood still: a Start that is read now may have been pressed long ago. */
	isJustAwake(): boolean;
	/** The first half of the end: no Start any more; streams and lines end, and whoever waits is answered. */
	drain(): Promise<void>;
	/** The second half: ends the loops, and saves the last reports. */
	close(): Promise<void>;
}

const PUSH_MS = 500;
const SAVE_STATES_MS = 500;
const SAVE_FIGURES_MS = 10_000;
const SWEEP_MS = 1_000;

export function createCommandCore(ports: CommandCorePorts): CommandCore {
	const { store, directory, proof, signer, rhythm, systemLog, clock, logger } = ports;
	const nowMs = () => clock.wallMs();
	const hub = new EventHub();
	const heldUp = createHeldUpWatch(clock);
	const live = new LiveAccounts(nowMs);
	const commands = new OpenCommands(store, hub, clock);
	const results = new ResultWriter({
		store,
		recordFirst: () => emergencies.record(),
		hub,
		open: commands,
		clock,
		logger
	});
	const settlement = new Settlement({
		store,
		signer,
		results,
		isConnected: (agentId) => gateway.isConnected(agentId),
		isElsewhere: (agentId) => others.routeOf(agentId) !== 'none',
		send: (agentId, frame) => gateway.send(agentId, frame),
		resync,
		clock
	});
	function resync(accountId: string): void {
		gateway.syncAccounts([accountId]).catch((error: unknown) => {
			logger.warn({ err: error, accountId }, 'an agent could not be told what is wanted now');
		});
	}
	const messages = createAgentMessages({
		standstillMs: () => heldUp.standstillMs(),
		systemLog,
		incidents: ports.incidents,
		connections: ports.connections,
		deals: ports.deals,
		experts: ports.experts,
		loads: ports.loads,
		onAnswer: (agentId, frame) => requests.onAnswer(agentId, frame),
		live,
		results: {
			add(change, onCommitted) {
				emergencies.notice(change);
				results.add(change, onCommitted);
			}
		},
		settlement,
		resync,
		released: (release) => moves.released(release),
		adoptGeneration: ports.adoptGeneration,
		logger,
		nowMs,
		onPresence(presence) {
			others.linePresence(presence);
			for (const userId of new Set(presence.accounts.map((account) => account.userId))) pushTo(userId);
			ports.onPresence(presence);
		}
	});
	const gateway = new Gateway({ directory, proof, signer, rhythm, clock, logger }, messages);
	const emergencies = new EmergencyStops({
		gateway,
		signer,
		record: ports.recordEmergency,
		hub,
		clock,
		newId: ports.newId,
		logger
	});
	const requests: AgentRequests = new AgentRequests({
		gateway,
		routeOf: (agentId) => agents.routeOf(agentId),
		askElsewhere: (question) => others.ask(question),
		clock,
		newId: ports.newId
	});
	const others: OtherNodes = ports.joinOthers?.({ hub, live, commands, gateway, requests }) ?? NO_OTHER_NODES;
	const agents = new AgentRouter(gateway, others);
	const moves = new Moves({
		store: ports.moves,
		gateway,
		agents,
		hub,
		live,
		systemLog,
		stop: (caller, accountId, key) =>
			sendCommand(core, caller, { command: 'stop_ea', accountIds: [accountId], closePositions: false }, key),
		clock,
		now: () => new Date(nowMs()),
		logger
	});
	const reports: ReportSource = {
		reportOf: (accountId) => live.reportOf(accountId),
		routeOf: (agentId) => agents.routeOf(agentId),
		agentHeardAtMs: (agentId) => agents.heardAtMs(agentId),
		nowMs
	};

	function pushTo(userId: string): void {
		const accountIds = live.takeDirtyOf(userId);
		if (!accountIds) return;
		if (hub.hasListeners(userId)) hub.publishTelemetry(userId, accountIds);
		others.pushReports(userId, accountIds);
	}

	let isDraining = false;
	const tools = { clock, logger };
	const stops = [
		startLoop('push telemetry', PUSH_MS, tools, () => {
			for (const userId of live.dirtyUserIds()) pushTo(userId);
		}),
		startLoop('save states', SAVE_STATES_MS, tools, () => saveReports(store, live, false)),
		startLoop('save figures', SAVE_FIGURES_MS, tools, () => saveReports(store, live, true)),
		startLoop('sweep open commands', SWEEP_MS, tools, () => settlement.sweep()),
		startLoop('notice standstills', HELD_UP_LOOK_MS, tools, () => heldUp.look()),
		startLoop('move accounts', SWEEP_MS, tools, () => moves.sweep()),
		startLoop('write down emergency Stops', SWEEP_MS, tools, () => emergencies.record())
	];

	const core: CommandCore = {
		store,
		hub,
		live,
		reports,
		commands,
		emergencies,
		moves,
		gateway,
		agents,
		requests,
		others,
		startLimit: ports.startLimit,
		signer,
		now: () => new Date(nowMs()),
		newId: ports.newId,
		get isDraining() {
			return isDraining;
		},
		isJustAwake: () => heldUp.isJustAwake(),
		async drain() {
			isDraining = true;
			hub.endAll('the server restarts');
			commands.answerAll();
			await gateway.close();
		},
		async close() {
			hub.endAll('the server restarts');
			void gateway.close();
			await Promise.all(stops.map((stop) => stop()));
			results.close();
			await saveReports(store, live, true).catch((error: unknown) =>
				logger.warn({ err: error }, 'the last reports could not be saved')
			);
		}
	};
	return core;
}
