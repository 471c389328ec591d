/** `agent run`: the daemon, until it is asked to end. */
import { createAgent } from '../agent.ts';
import { systemClock } from '../clock.ts';
import { ConfigProblem, readConfig } from '../config.ts';
import { doctorReport } from '../doctor/report.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { CRASH_WINDOW_MS, guardStart } from '../crashGuard.ts';
import { faultTestOptions } from '../faultTests.ts';
import { readIdentity } from '../identity.ts';
import { lockStateDir } from '../lock.ts';
import { type Logger } from '../logger.ts';
import { describeMachine } from '../machine.ts';
import { loadMeter } from '../machineLoad.ts';
import { type RecentLog } from '../recentLog.ts';
import { type StateDir } from '../stateDir.ts';
import { openTerminalKind } from '../terminal/kinds.ts';

const LOCK_WAIT_MS = 2_000;

export async function run(
	state: StateDir,
	{ closesTerminals }: { closesTerminals: boolean },
	{ logger, recentLog }: { logger: Logger; recentLog: RecentLog },
	signal: AbortSignal
): Promise<ExitCode> {
	const config = await readConfig(state.config);
	const lock = lockStateDir(state.lock, LOCK_WAIT_MS);
	if (!lock) {
		logger.warn({ stateDir: state.root }, 'another agent runs from this state directory; this one ends');
		return EXIT.ok;
	}
	const guard = await guardStart(state.starts, systemClock.wallMs());
	if (guard.isSafeMode)
		logger.error(
			{ crashes: guard.crashes },
			'the agent crashed again and again; for ten minutes it starts nothing'
		);
	const safeUntilMs = systemClock.monotonicMs() + (guard.isSafeMode ? CRASH_WINDOW_MS : 0);
	try {
		const identity = await readIdentity(state).catch(() => {
			throw new ConfigProblem(`A key in ${state.root} is missing or unreadable; enrol this agent again.`);
		});
		const terminal = openTerminalKind(config.terminal, state, config);
		if (!terminal)
			throw new ConfigProblem(`Terminals of kind ${config.terminal} cannot be driven on this machine.`);
		const agent = createAgent({
			config,
			state,
			identity,
			machine: describeMachine(),
			terminal,
			clock: systemClock,
			random: Math.random,
			logger,
			closesTerminals,
			measureLoad: loadMeter(),
			requests: {
				doctor: () => doctorReport(state, { isAgent: true }),
				log: async ({ lines }) => recentLog.newest(lines)
			},
			isSafeMode: () => systemClock.monotonicMs() < safeUntilMs,
			...faultTestOptions(process.env)
		});
		await agent.run(signal);
		await guard.ended();
		return EXIT.ok;
	} finally {
		lock.release();
	}
}
