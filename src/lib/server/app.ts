/**
 * The web server's long-lived things, built in this one place and handed to whoever needs them. Tests build
 * their own.
 */
import { LINE_DEAD_MS, PING_INTERVAL_MS, TELEMETRY_INTERVAL_MS } from '#lib/domain/limits.ts';
import type { ReportSource } from './accounts/accountView.ts';
import { assignUnassigned } from './accounts/assignAccounts.ts';
import { createAgentDirectory } from './agents/agentDirectory.ts';
import { createAgentMessages } from './agents/agentMessages.ts';
import { Gateway } from './agents/gateway.ts';
import { Settlement } from './agents/settlement.ts';
import { createPasswords, type Passwords } from './auth/password.ts';
import { createRateLimit, type RateLimit } from './auth/rateLimit.ts';
import { createSessions, type Sessions } from './auth/session.ts';
import { SystemLog } from './audit/systemLog.ts';
import { OpenCommands } from './commands/openCommands.ts';
import { ResultWriter } from './commands/resultWriter.ts';
import type { Config } from './config.ts';
import { createSecretBox, readKeyFile, type SecretBox } from './crypto/secretBox.ts';
import { openDatabase, type Database } from './db.ts';
import { EventHub } from './live/eventHub.ts';
import { LiveAccounts } from './live/liveAccounts.ts';
import { saveReports } from './live/reportStore.ts';
import { createLogger, type Logger } from './logger.ts';
import { startLoop } from './loop.ts';

/** Where a request came from, for the audit log. */
export interface RequestOrigin {
	ip: string | null;
	userAgent: string | null;
}

/** Who asks. */
export interface Caller {
	userId: string;
	origin: RequestOrigin;
}

export interface App {
	readonly config: Config;
	readonly logger: Logger;
	readonly db: Database;
	readonly secretBox: SecretBox;
	readonly passwords: Passwords;
	readonly sessions: Sessions;
	readonly limits: { login: RateLimit; register: RateLimit; start: RateLimit; enrol: RateLimit };
	readonly hub: EventHub;
	readonly live: LiveAccounts;
	readonly reports: ReportSource;
	readonly commands: OpenCommands;
	readonly agents: Gateway;
	now(): Date;
	/** Ends streams, agent lines and loops, saves what is unsaved, and closes the database. */
	close(): Promise<void>;
}

const PUSH_MS = 500;
const SAVE_STATES_MS = 500;
const SAVE_FIGURES_MS = 10_000;
const SWEEP_MS = 1_000;
const PRUNE_MS = 3_600_000;
/** Stored events older than this are not replayed any more. */
const KEEP_EVENTS_HOURS = 24;

export async function createApp(config: Config, options: { logger?: Logger } = {}): Promise<App> {
	const logger = options.logger ?? createLogger(config.logLevel);
	const secretBox = createSecretBox(await readKeyFile(config.keyFile));
	const db = openDatabase(config.databaseUrl, config.dbPoolSize, (error) =>
		logger.warn({ err: error }, 'a database connection was lost')
	);
	const nowMs = () => Date.now();
	const now = () => new Date(nowMs());
	const hub = new EventHub();
	const live = new LiveAccounts(nowMs);
	const commands = new OpenCommands(db, hub);
	const results = new ResultWriter(db, hub, commands, logger);

	const settlement = new Settlement({
		db,
		results,
		isConnected: (agentId) => agents.isConnected(agentId),
		send: (agentId, frame) => agents.send(agentId, frame),
		nowMs
	});
	const left = new Set<string>();
	const systemLog = new SystemLog(db);
	const messages = createAgentMessages({
		systemLog,
		live,
		results,
		settlement,
		logger,
		nowMs,
		onPresence(agentId, userIds) {
			for (const userId of userIds) pushTo(userId);
			left.add(agentId);
		}
	});
	const agents = new Gateway(
		createAgentDirectory(db, secretBox, logger),
		{
			pingIntervalMs: config.pingIntervalMs ?? PING_INTERVAL_MS,
			lineDeadMs: config.lineDeadMs ?? LINE_DEAD_MS,
			telemetryIntervalMs: TELEMETRY_INTERVAL_MS
		},
		messages,
		logger,
		nowMs
	);
	const reports: ReportSource = {
		reportOf: (accountId) => live.reportOf(accountId),
		isAgentConnected: (agentId) => agents.isConnected(agentId),
		agentHeardAtMs: (agentId) => agents.heardAtMs(agentId),
		nowMs
	};

	function pushTo(userId: string): void {
		const accountIds = live.takeDirtyOf(userId);
		if (accountIds && hub.hasListeners(userId)) hub.publishTelemetry(userId, accountIds);
	}

	/** Agents that came or went: their last-seen time is saved, and accounts without an agent find one. */
	async function settlePresence(): Promise<void> {
		if (left.size === 0) return;
		const agentIds = [...left];
		left.clear();
		await db.pool.query(`UPDATE "Agent" SET "lastSeenAt" = now() WHERE id = ANY($1::uuid[])`, [agentIds]);
		const connected = agents.connectedIds();
		if (connected.length === 0) return;
		const assigned = await db.transaction((sql) => assignUnassigned(sql, connected));
		await agents.syncAccounts(assigned.map(({ accountId }) => accountId));
	}

	const stops = [
		startLoop('push telemetry', PUSH_MS, logger, () => {
			for (const userId of live.dirtyUserIds()) pushTo(userId);
		}),
		startLoop('save states', SAVE_STATES_MS, logger, () => saveReports(db, live, false)),
		startLoop('save figures', SAVE_FIGURES_MS, logger, () => saveReports(db, live, true)),
		startLoop('write the system log', SAVE_STATES_MS, logger, () => systemLog.flush()),
		startLoop('sweep open commands', SWEEP_MS, logger, () => settlement.sweep()),
		startLoop('settle presence', SWEEP_MS, logger, settlePresence),
		startLoop('prune', PRUNE_MS, logger, async () => {
			await db.pool.query(`DELETE FROM "LiveEvent" WHERE at < now() - make_interval(hours => $1)`, [
				KEEP_EVENTS_HOURS
			]);
			await db.pool.query(`DELETE FROM "Session" WHERE "expiresAt" < now()`);
		})
	];

	return {
		config,
		logger,
		db,
		secretBox,
		passwords: createPasswords(),
		sessions: createSessions(db, config, now),
		limits: {
			login: createRateLimit(config.loginsPerMinute, 'Too many attempts to sign in.'),
			register: createRateLimit(config.loginsPerMinute * 12, 'Too many registrations from here.'),
			start: createRateLimit(config.startsPerMinute, 'Too many Starts. Pause and Stop are never limited.'),
			enrol: createRateLimit(30, 'Too many attempts to enrol an agent.')
		},
		hub,
		live,
		reports,
		commands,
		agents,
		now,
		async close() {
			hub.endAll('the server restarts');
			agents.close();
			await Promise.all(stops.map((stop) => stop()));
			results.close();
			await Promise.all([saveReports(db, live, true), systemLog.flush()]).catch((error: unknown) =>
				logger.warn({ err: error }, 'the last reports could not be saved')
			);
			await db.close();
		}
	};
}
