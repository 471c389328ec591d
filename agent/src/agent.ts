/**
 * The whole agent, put together in one place: journal, link, desk, pool. The command line runs one of these;
 * tests and the benchmark build their own, with their own terminals and clocks.
 */
import { signatureCheck, type SignatureCheck } from '#lib/protocol/ed25519.ts';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { type Machine } from '#lib/protocol/frames.ts';
import { diskAgentFiles, type AgentFiles } from './agentFiles.ts';
import { type Clock } from './clock.ts';
import { type AgentConfig, socketUrl } from './config.ts';
import { type Identity } from './identity.ts';
import { DealPost } from './deals/dealPost.ts';
import { ExpertPost } from './experts/expertPost.ts';
import { noExpertStore } from './experts/expertStore.ts';
import { createKeyKeeper } from './keyKeeper.ts';
import { AgentLink } from './link/agentLink.ts';
import { type LinkPace } from './link/linkPorts.ts';
import { CommandDesk } from './link/commandDesk.ts';
import { COMMAND_RULES, type CommandRules } from './link/commandRules.ts';
import { dialWebSocket, type Dial } from './link/dial.ts';
import { ControlWatch } from './link/controlWatch.ts';
import { connectionMemory } from './link/connectionMemory.ts';
import { Journal } from './link/journal.ts';
import { RequestDesk, type RequestHandlers } from './link/requestDesk.ts';
import { ServerTime } from './link/serverTime.ts';
import { openOrRebuildJournal } from './link/journalRescue.ts';
import { type JournalDatabase } from './link/journalSchema.ts';
import { type Logger } from './logger.ts';
import { type MachineLoad } from '#lib/protocol/machineLoad.ts';
import { type TerminalCount } from './machineLoad.ts';
import { type StateDir } from './stateDir.ts';
import { type AccountReport } from './supervisor/accountView.ts';
import { Pool, type HaltAnswer } from './supervisor/pool.ts';
import { renewAll } from './supervisor/renewals.ts';
import { Slots } from './supervisor/slots.ts';
import { Telemetry } from './supervisor/telemetry.ts';
import { DEFAULT_TIMINGS, type Timings } from './supervisor/timings.ts';
import { type TerminalKind } from './terminal/ports.ts';
import { AGENT_VERSION } from './version.ts';

export interface AgentOptions {
	config: AgentConfig;
	state: StateDir;
	identity: Identity;
	/** Checks the server's signatures; by default with the key that the configuration pins. */
	server?: SignatureCheck;
	machine: Machine;
	terminal: TerminalKind;
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
	logger: Logger;
	timings?: Partial<Timings>;
	pace?: Partial<LinkPace>;
	/** At the end: true ends the terminals too; false leaves them for the next agent. */
	closesTerminals?: boolean;
	/** True while only Stop and Pause are done: the agent crashed again and again. */
	isSafeMode?: () => boolean;
	/** Measures the machine's load; left out, none is told. */
	measureLoad?: (terminals: TerminalCount) => MachineLoad;
	/** What the server may ask about this machine. */
	requests?: RequestHandlers;
	/** The four below are for the simulation alone: an agent without disk and network, or with a guard left out. */
	journal?: JournalDatabase;
	dial?: Dial;
	files?: AgentFiles;
	rules?: CommandRules;
}

export interface Agent {
	/** Runs until the signal; resolves when everything of it has ended. */
	run(signal: AbortSignal): Promise<void>;
	readonly isConnected: boolean;
	reports(): AccountReport[];
	/** Stops every EA at once, without any server. */
	haltAll(): Promise<HaltAnswer[]>;
}

const STATUS_FILE_MS = 1_000;
const RESOURCES_MS = 10_000;
const STOP_ALL_POLL_MS = 500;
const STOP_ALL_AGAIN_MS = 5_000;
const RENEWALS_POLL_MS = 1_000;
const LOAD_MS = 10_000;
const JOURNAL_RETRY_MS = 5_000;

export function createAgent(options: AgentOptions): Agent {
	const { config, state, clock, random, logger } = options;
	let { identity } = options;
	let fingerprint = fingerprintOf(identity);
	const files = options.files ?? diskAgentFiles(state, config);
	const rules = options.rules ?? COMMAND_RULES;
	const wallMs = () => clock.wallMs();
	const journal = options.journal
		? new Journal(options.journal, wallMs)
		: openOrRebuildJournal(state.journal, { wallMs, logger, instancesDir: state.instances });
	const isSafeMode = options.isSafeMode ?? (() => false);
	const telemetry = new Telemetry(clock);
	const serverTime = new ServerTime(clock);
	// The two know each other: commands go one way, results the other.
	const desk: CommandDesk = new CommandDesk({
		journal,
		pool: () => pool,
		rules,
		isSafeMode,
		clock,
		serverTime,
		logger,
		send: (frame) => link.send(frame)
	});
	const control = new ControlWatch({
		isConnected: () => link.isConnected,
		lastNoted: () => journal.lastContactMs,
		note: (wallMs) => noteContact(wallMs),
		clock
	});
	const timings = { ...DEFAULT_TIMINGS, ...options.timings };
	const deals = new DealPost({
		isOpen: () => link.takesDeals,
		send: (frame) => link.send(frame),
		clock,
		timings
	});
	const store = files.experts ?? noExpertStore;
	const experts = new ExpertPost({
		store,
		isOpen: () => link.givesExperts,
		send: (frame) => link.send(frame),
		clock,
		timings
	});
	const pool = new Pool({
		controlLostForMs: () => control.lostForMs(),
		instancesDir: state.instances,
		terminal: options.terminal,
		journal,
		reporter: desk,
		deals,
		experts,
		mark: identity.mark,
		openPassword: (sealed, owner) => identity.openPassword(sealed, { ...owner, agentId: config.agentId }),
		slots: new Slots(config.parallelLaunches),
		rules,
		isSafeMode,
		clock,
		serverTime,
		random,
		logger,
		timings
	});
	const counter = connectionMemory(journal, logger);
	const keys = files.keys
		? createKeyKeeper({
				store: files.keys,
				current: () => identity,
				adopt(found) {
					identity = found;
					fingerprint = fingerprintOf(found);
					link.redial('the keys of this agent changed');
				},
				clock,
				logger
			})
		: null;
	const requestHandlers = { ...options.requests, ...(keys && { rotate_keys: () => keys.rotate() }) };
	const requests = new RequestDesk(requestHandlers, (frame) => link.send(frame), logger);
	const link: AgentLink = new AgentLink({
		url: socketUrl(config),
		dial: options.dial ?? dialWebSocket,
		identity: {
			agentId: config.agentId,
			machine: options.machine,
			capacity: config.capacity,
			sign: (message) => identity.sign(message),
			nonce: () => identity.nonce()
		},
		server: options.server ?? signatureCheck(config.serverKey),
		connSeqSeen: () => counter.seen,
		serverTime,
		clock,
		random,
		logger,
		...(options.pace ? { pace: options.pace } : {}),
		listener: {
			onWelcome(connSeq) {
				desk.onLine();
				pool.forgetPartialSync();
				counter.keep(connSeq);
			},
			onSync: (frame) => pool.applySync(frame),
			onSynced() {
				desk.onSynced();
				deals.opened();
				forgetOldUploads();
			},
			onCommand: (frame) => desk.onCommand(frame),
			onAck: (frame) => desk.onAck(frame),
			onDealsStored: (frame) => deals.onStored(frame),
			onExpertPart: (frame) => experts.onPart(frame),
			onSettle: (frame) => desk.onSettle(frame),
			onRelease(frame) {
				for (const account of frame.accounts) release(account);
			},
			onRequest: (frame) => void requests.onRequest(frame),
			onSecurity: (code, message) => desk.event({ accountId: null, level: 'error', code, message }),
			onTelemetryDue(isFirst) {
				if (isFirst) telemetry.startOver();
				for (const frame of telemetry.frames(pool.reports())) link.send(frame);
			},
			onLocked(reason) {
				desk.event({ accountId: null, level: 'error', code: 'locked', message: reason });
				pool
					.haltAll()
					.then((accounts) => logger.warn({ accounts }, 'locked: every EA is stopped'))
					.catch((error: unknown) =>
						logger.error({ err: error }, 'locked, but the EAs could not be stopped')
					);
			},
			onResendDue() {
				retryJournal();
				desk.resend();
			}
		}
	});

	/** Answered only when it is proven; else the server asks again. */
	function release(account: { accountId: string; epoch: number }): void {
		pool
			.release(account)
			.then((isProven) => isProven && link.send({ type: 'released', ...account }))
			.catch((error: unknown) =>
				logger.error({ err: error, ...account }, 'an account could not be released')
			);
	}

	let areUploadsTidy = false;
	/** Once, when the accounts are known and no Start of this agent has fetched anything yet. */
	function forgetOldUploads(): void {
		if (areUploadsTidy) return;
		areUploadsTidy = true;
		store
			.keepOnly(pool.wantedUploads())
			.catch((error: unknown) => logger.warn({ err: error }, 'old uploads could not be removed'));
	}

	let journalRetryAtMs = 0;
	/** What the journal could not take. A journal that is held by another program costs a wait, each time. */
	function retryJournal(): void {
		if (clock.monotonicMs() < journalRetryAtMs) return;
		journalRetryAtMs = clock.monotonicMs() + JOURNAL_RETRY_MS;
		counter.retry();
		try {
			journal.fences.saveRemembered();
		} catch (error) {
			logger.error({ err: error }, 'what every account is to be cannot be journalled yet');
		}
	}

	function noteContact(wallMs: number): void {
		try {
			journal.lastContactMs = wallMs;
		} catch (error) {
			logger.error({ err: error }, 'the contact with the server could not be journalled');
		}
	}

	async function watchStopAll(signal: AbortSignal): Promise<void> {
		// One that cannot be written down is carried out again and again, and told once.
		let told: string | null = null;
		for (;;) {
			const requestId = await files.readStopAll();
			const isRepeated = requestId !== null && requestId === told;
			told = requestId;
			if (requestId !== null) {
				if (!isRepeated) logger.warn({ requestId }, 'STOP_ALL: every EA is stopped');
				const accounts = await pool.haltAll();
				await files.answerStopAll(requestId, accounts);
				if (!isRepeated) logger.warn({ accounts }, 'STOP_ALL is answered');
			}
			await clock.sleep(isRepeated ? STOP_ALL_AGAIN_MS : STOP_ALL_POLL_MS, signal);
		}
	}

	async function watchRenewals(signal: AbortSignal): Promise<void> {
		const { renewals } = files;
		const { terminal } = options;
		const deps = { pool, terminal, instancesDir: state.instances, fences: journal.fences, logger };
		while (renewals) {
			const request = await renewals.take();
			if (request) await renewAll(deps, request, (progress) => renewals.tell(progress), signal);
			await clock.sleep(RENEWALS_POLL_MS, signal);
		}
	}

	async function tellLoad(signal: AbortSignal): Promise<void> {
		const { measureLoad } = options;
		while (measureLoad) {
			if (link.isConnected)
				link.send({ type: 'load', load: measureLoad({ ...pool.terminals(), resources }) });
			await clock.sleep(LOAD_MS, signal);
		}
	}

	let resources: Awaited<ReturnType<Pool['resources']>> = new Map();
	async function watchResources(signal: AbortSignal): Promise<void> {
		for (;;) {
			resources = await pool.resources();
			await clock.sleep(RESOURCES_MS, signal);
		}
	}

	async function keepStatusFile(signal: AbortSignal): Promise<void> {
		for (;;) {
			await files
				.writeStatus(status())
				.catch((error: unknown) => logger.warn({ err: error }, 'the status file could not be written'));
			await clock.sleep(STATUS_FILE_MS, signal);
		}
	}

	const status = () => ({
		pid: process.pid,
		version: AGENT_VERSION,
		writtenAt: new Date(clock.wallMs()).toISOString(),
		server: config.server,
		isConnected: link.isConnected,
		standing: link.standing,
		fingerprint,
		accounts: pool.reports().map(({ accountId, state: seen, ageMs }) => ({
			accountId,
			accountNumber: pool.accountOf(accountId)?.accountNumber ?? '',
			algo: seen.algo,
			connection: seen.connection,
			generation: seen.generation,
			ageMs,
			activity: seen.activity,
			fault: seen.fault?.message ?? null,
			resources: resources.get(accountId) ?? null
		}))
	});

	/** A side loop must not take the agent with it. */
	async function keepOn(
		name: string,
		loop: (signal: AbortSignal) => Promise<void>,
		signal: AbortSignal
	): Promise<void> {
		while (!signal.aborted) {
			try {
				return await loop(signal);
			} catch (error) {
				if (signal.aborted) return;
				logger.error({ err: error, loop: name }, 'a loop failed and goes on');
				await clock.sleep(STATUS_FILE_MS, signal).catch(() => {});
			}
		}
	}

	return {
		async run(signal) {
			logger.info(
				{ agentId: config.agentId, version: AGENT_VERSION, stateDir: state.root },
				'the agent begins'
			);
			pool.takeUpRemembered();
			try {
				await Promise.all([
					keepOn('link', (s) => link.run(s), signal),
					keepOn('stop-all', watchStopAll, signal),
					keepOn('status', keepStatusFile, signal),
					keepOn('renewals', watchRenewals, signal),
					// Simulated ones have nothing to show.
					...(options.terminal.name === 'mt5' ? [keepOn('resources', watchResources, signal)] : []),
					keepOn('load', tellLoad, signal),
					keys && keepOn('keys', (s) => keys.watch(s), signal)
				]);
			} finally {
				await pool.close({ closeTerminals: options.closesTerminals ?? false });
				journal.close();
				logger.info('the agent ended');
			}
		},
		get isConnected() {
			return link.isConnected;
		},
		reports: () => pool.reports(),
		haltAll: () => pool.haltAll()
	};
}
