/**
 * The web server's long-lived things, built in this one place and handed to whoever needs them. Tests build
 * their own.
 */
import { uuidv7 } from 'uuidv7';
import {
	LINE_DEAD_MS,
	NODE_BEAT_MS,
	NODE_RENEW_MS,
	PING_INTERVAL_MS,
	SESSION_RECHECK_MS,
	TELEMETRY_INTERVAL_MS
} from '#lib/domain/limits.ts';
import type { ReportSource } from './accounts/accountView.ts';
import { agentPassword } from './accounts/agentPassword.ts';
import { assignUnassigned } from './accounts/assignAccounts.ts';
import { renewPasswords } from './accounts/renewPasswords.ts';
import { createAgentDirectory } from './agents/agentDirectory.ts';
import { createAgentEndpoint, type AgentEndpoint } from './agents/agentEndpoint.ts';
import { agentProof } from './agents/agentProof.ts';
import { createNewKeys } from './agents/newKeys.ts';
import { MachineLoads } from './agents/machineLoads.ts';
import { createSqlAgentStore } from './agents/sqlAgentStore.ts';
import type { AgentRouter } from './bus/agentRouter.ts';
import type { Bus } from './bus/bus.ts';
import { createAloneBus } from './bus/inProcessBus.ts';
import { createMessageSeal } from './bus/messageSeal.ts';
import { Nodes } from './bus/nodes.ts';
import type { LinePresence } from './bus/otherNodes.ts';
import { connectRedis, createRedisBus } from './bus/redisBus.ts';
import { createSqlNodeStore } from './bus/sqlNodeStore.ts';
import { enforceStandings } from './agents/standingWatch.ts';
import { createPasswords, type Passwords } from './auth/password.ts';
import { createAppLimits, type AppLimits } from './auth/rateLimit.ts';
import { createSessions, type CallerSession, type Sessions } from './auth/session.ts';
import { SystemLog } from './audit/systemLog.ts';
import { systemClock } from './clock.ts';
import { createCommandCore, type CommandCore } from './commandCore.ts';
import type { OpenCommands } from './commands/openCommands.ts';
import { createAdoptGeneration } from './commands/adoptGeneration.ts';
import { createRecordEmergency } from './commands/recordEmergency.ts';
import { createSqlCommandStore } from './commands/sqlCommandStore.ts';
import { createSqlMoveStore } from './moves/sqlMoveStore.ts';
import type { Config } from './config.ts';
import { createSecretBox, readKeyFile, type SecretBox } from './crypto/secretBox.ts';
import { openSigningKey, type ServerSigner } from './crypto/signingKey.ts';
import { openDatabase, type Database } from './db.ts';
import { DealWriter } from './deals/dealWriter.ts';
import { storeDeals } from './deals/storeDeals.ts';
import { ExpertParts, readExpertPart } from './experts/expertParts.ts';
import type { EventHub } from './live/eventHub.ts';
import type { LiveAccounts } from './live/liveAccounts.ts';
import { createOpenStreams, type OpenStreams } from './live/openStreams.ts';
import { createEventLoopWatch, EVENT_LOOP_MS } from './eventLoopWatch.ts';
import { createLogger, type Logger } from './logger.ts';
import { startLoop } from './loop.ts';
import { createMeters, type Meters } from './monitoring/meters.ts';
import { ConnectionLog } from './connections/connectionLog.ts';
import { SnapshotTaker } from './snapshots/snapshotTaker.ts';
import { removeOld } from './retention.ts';
import { createSnapshotThinning } from './snapshots/thinSnapshots.ts';
import { AlertWatch } from './alerts/alertWatch.ts';
import { createDeliverer } from './alerts/deliverer.ts';
import { IncidentLog } from './watchdog/incidentLog.ts';

/** Where a request came from, for the audit log. */
export interface RequestOrigin {
	ip: string | null;
	userAgent: string | null;
}

/** Who asks. */
export interface Caller {
	/** The trader whose things they are. */
	userId: string;
	/** The sign-in it is asked from; null when no person asks. */
	session: CallerSession | null;
	origin: RequestOrigin;
	/** The operator who acts on them, when it is not the trader. */
	operator?: { userId: string; name: string };
}

export interface App {
	readonly config: Config;
	readonly logger: Logger;
	readonly db: Database;
	readonly secretBox: SecretBox;
	/** Signs what agents obey. */
	readonly signer: ServerSigner;
	readonly passwords: Passwords;
	readonly sessions: Sessions;
	readonly limits: AppLimits;
	readonly hub: EventHub;
	/** Open live streams, by session. */
	readonly streams: OpenStreams;
	readonly live: LiveAccounts;
	readonly reports: ReportSource;
	/** How busy the machines are. */
	readonly loads: MachineLoads;
	readonly commands: OpenCommands;
	/** The agents of all web nodes. */
	readonly agents: AgentRouter;
	/** This web node among the others. */
	readonly nodes: Nodes;
	readonly meters: Meters;
	/** Where agents dial in. */
	readonly endpoint: AgentEndpoint;
	/** The command plane; the five above are parts of it. */
	readonly core: CommandCore;
	now(): Date;
	/** An operator changed what this agent may do or is to do: takes hold on every web node at once. */
	agentChanged(agentId: string): Promise<void>;
	/** Ends streams, agent lines and loops, saves what is unsaved, and closes the database. */
	close(): Promise<void>;
}

const FLUSH_LOG_MS = 500;
/** Figures of machines are for looking at; the newest ones of this node's agents are in memory. */
const SAVE_LOADS_MS = 30_000;
const PRESENCE_MS = 1_000;
/** A revoked agent's line ends within a second, whichever node has it. */
const STANDING_MS = 400;
/** An agent that comes back, or whose keys grew old, is asked for new ones within this time. */
const NEW_KEYS_MS = 5_000;
/** A press waits this long for the common count at most; then this node counts for itself. */
const LIMIT_ANSWER_MS = 300;
/** Stored passwords are brought to the configured form this often, some at a time. */
const RENEW_MS = 15_000;
/** Snapshots are of minutes; an account that comes within one waits no longer than this for its own. */
const SNAPSHOT_MS = 5_000;
const ALERT_LOOK_MS = 2_000;
const ALERT_SEND_MS = 500;
const PRUNE_MS = 3_600_000;

export async function createApp(config: Config, options: { logger?: Logger; bus?: Bus } = {}): Promise<App> {
	const logger = options.logger ?? createLogger(config.logLevel);
	const keys = await readKeyFile(config.keyFile);
	const secretBox = createSecretBox(keys);
	const db = openDatabase(config.databaseUrl, config.dbPoolSize, (error) =>
		logger.warn({ err: error }, 'a database connection was lost')
	);
	const signer = await openSigningKey(config, () => hasAgents(db));
	const clock = systemClock;
	const store = createSqlCommandStore(db);
	const moves = createSqlMoveStore(db);
	const systemLog = new SystemLog(db);
	const incidents = new IncidentLog(db);
	const connections = new ConnectionLog(db);
	const loads = new MachineLoads(db, clock);
	const nodeId = uuidv7();
	/** Agents that came or went since the last look, by their last word. */
	const moved = new Map<string, LinePresence>();
	const bus = options.bus ?? (config.redisUrl ? createRedisBus(config.redisUrl, logger) : createAloneBus());
	const nodes = new Nodes({
		bus,
		seal: createMessageSeal(keys),
		store: createSqlNodeStore(db, { nodeId, isOnBus: bus.scope === 'servers' }),
		nodeId,
		clock,
		logger
	});
	const redis = config.redisUrl
		? connectRedis(config.redisUrl, 'quintet-limits', logger, LIMIT_ANSWER_MS)
		: null;
	const limits = createAppLimits(config, redis);
	const core = createCommandCore({
		store,
		moves,
		directory: createAgentDirectory({
			agents: createSqlAgentStore(db, nodeId),
			accounts: store,
			moves,
			passwordFor: agentPassword(secretBox, logger),
			clock
		}),
		proof: agentProof,
		signer,
		recordEmergency: createRecordEmergency(db),
		adoptGeneration: createAdoptGeneration(db),
		rhythm: {
			pingIntervalMs: config.pingIntervalMs ?? PING_INTERVAL_MS,
			lineDeadMs: config.lineDeadMs ?? LINE_DEAD_MS,
			telemetryIntervalMs: TELEMETRY_INTERVAL_MS
		},
		systemLog,
		incidents,
		connections,
		deals: new DealWriter({ store: (batches) => storeDeals(db, batches), clock, logger }),
		experts: new ExpertParts(readExpertPart(db), logger),
		loads,
		startLimit: limits.start,
		clock,
		newId: uuidv7,
		logger,
		onPresence: (presence) => moved.set(presence.agentId, presence),
		joinOthers: (own) => nodes.join(own)
	});
	const { agents } = core;
	const streams = createOpenStreams();
	const sessions = createSessions(
		db,
		config,
		streams,
		(sessionIds, isOver) => nodes.sessionsEnded(sessionIds, isOver),
		core.now
	);
	nodes.onSessionsEnded((sessionIds, isOver) => sessions.changedElsewhere(sessionIds, isOver));
	const newKeys = createNewKeys(db, core.gateway, clock);
	async function lookAtAgent(agentId: string): Promise<void> {
		await enforceStandings(db, core.gateway, agentId);
		await newKeys.ask(agentId);
	}
	nodes.onAgentChanged((agentId) => {
		lookAtAgent(agentId).catch((error: unknown) =>
			logger.warn({ err: error, agentId }, 'a change of an agent was not looked at; the next round will')
		);
	});
	const endpoint = createAgentEndpoint(core.gateway);
	const meters = createMeters({ core, db, nodes, streams });

	/** Agents that came or went: their last-seen time is saved, and accounts without an agent find one. */
	async function settlePresence(): Promise<void> {
		if (moved.size === 0) return;
		const last = [...moved.values()];
		moved.clear();
		await saveMoves(db, nodeId, last);
		const connected = agents.connectedIds();
		if (connected.length === 0) return;
		const assigned = await db.transaction((sql) => assignUnassigned(sql, connected));
		await agents.syncAccounts(assigned.map(({ accountId }) => accountId));
	}

	const snapshots = new SnapshotTaker(db, core.live, () => clock.wallMs());
	const thinSnapshots = createSnapshotThinning(db, () => clock.wallMs());
	const alertWatch = new AlertWatch(db, core.reports, config.alerts.afterMs);
	const deliverer = createDeliverer({
		...{ db, secretBox, logger, random: Math.random },
		...{ nowMs: () => clock.wallMs(), allowsPrivate: config.alerts.allowsPrivate },
		retryMs: config.alerts.retryMs
	});
	const tools = { clock, logger };
	const stops = [
		startLoop('write the system log', FLUSH_LOG_MS, tools, () => systemLog.flush()),
		startLoop('save loads', SAVE_LOADS_MS, tools, () => loads.flush()),
		startLoop('write incidents', FLUSH_LOG_MS, tools, () => incidents.flush()),
		startLoop('write changes of connections', FLUSH_LOG_MS, tools, () => connections.flush()),
		startLoop('watch the event loop', EVENT_LOOP_MS, tools, createEventLoopWatch(clock, logger)),
		startLoop('settle presence', PRESENCE_MS, tools, settlePresence),
		startLoop('be one of several servers', NODE_BEAT_MS, tools, () => nodes.beat()),
		startLoop('renew the lease of this server', NODE_RENEW_MS, tools, () => nodes.refresh()),
		startLoop('enforce standings', STANDING_MS, tools, () => enforceStandings(db, core.gateway)),
		startLoop('ask for new keys', NEW_KEYS_MS, tools, () => newKeys.ask()),
		startLoop('recheck sessions', SESSION_RECHECK_MS, tools, () => sessions.recheckStreams()),
		startLoop('renew passwords', RENEW_MS, tools, async () => {
			await renewPasswords(db, secretBox, config.credentials, logger);
		}),
		startLoop('take snapshots', SNAPSHOT_MS, tools, () => snapshots.take()),
		startLoop('look for alerts', ALERT_LOOK_MS, tools, () => alertWatch.look()),
		startLoop('send alerts', ALERT_SEND_MS, tools, () => deliverer.round()),
		startLoop('thin snapshots', PRUNE_MS, tools, thinSnapshots),
		startLoop('remove what is old', PRUNE_MS, tools, () => removeOld(db))
	];

	await nodes.refresh();
	return {
		config,
		logger,
		db,
		secretBox,
		signer,
		passwords: createPasswords(),
		sessions,
		limits,
		core,
		hub: core.hub,
		streams,
		live: core.live,
		reports: core.reports,
		loads,
		commands: core.commands,
		agents,
		nodes,
		meters,
		endpoint,
		now: core.now,
		async agentChanged(agentId) {
			nodes.agentChanged(agentId);
			await lookAtAgent(agentId);
		},
		async close() {
			connections.end();
			await core.close();
			endpoint.close();
			await Promise.all(stops.map((stop) => stop()));
			await deliverer.end();
			await Promise.all([systemLog.flush(), incidents.flush(), connections.flush()]).catch((error: unknown) =>
				logger.warn({ err: error }, 'the last log lines could not be saved')
			);
			await nodes.close();
			redis?.disconnect();
			await db.close();
		}
	};
}

/** When these agents were seen last, and for those that left that they are on no node; unless they came again. */
async function saveMoves(db: Database, nodeId: string, last: readonly LinePresence[]): Promise<void> {
	await db.pool.query(
		`UPDATE "Agent" g SET "lastSeenAt" = now(),
		   "nodeId" = CASE WHEN g."nodeId" = $3 AND g."connSeq" = x."endedSeq" THEN NULL ELSE g."nodeId" END
		 FROM unnest($1::uuid[], $2::bigint[]) AS x(id, "endedSeq") WHERE g.id = x.id`,
		[last.map(({ agentId }) => agentId), last.map(({ isUp, connSeq }) => (isUp ? null : connSeq)), nodeId]
	);
}

async function hasAgents(db: Database): Promise<boolean> {
	return (await db.prisma.agent.count({ where: { revokedAt: null } })) > 0;
}
