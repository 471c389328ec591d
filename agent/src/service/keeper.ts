/**
 * Keeps one agent process alive: starts it, waits for its end, and starts it again as its exit code says
 * (exitCodes.ts). Where and how the process runs is the port's; it owns no process once `keepAgent` has ended.
 */
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Clock } from '../clock.ts';
import { EXIT } from '../exitCodes.ts';

export interface KeptProcess {
	pid: number;
	/** @returns its exit code, null while it runs */
	exitCode(): number | null;
	/** Asks it to end. */
	requestEnd(): Promise<void>;
	kill(): void;
}

export type ServiceEvent =
	| { kind: 'started'; pid: number }
	| { kind: 'nobody_logged_on' }
	| { kind: 'ended'; code: number; againInMs: number }
	| { kind: 'person_needed'; code: number }
	| { kind: 'not_started'; reason: string; againInMs: number }
	| { kind: 'stopped'; how: 'by itself' | 'by force' | 'not running' };

export interface KeeperDependencies {
	/** Starts the agent in the session of its user; null while nobody is logged on there. */
	start(): Promise<KeptProcess | null>;
	report(event: ServiceEvent): void;
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
}

export const KEEPER = {
	lookMs: 500,
	/** Between two looks for the user's session. */
	sessionMs: 5_000,
	/** After an end on request: another agent runs, or somebody ended this one and may start it by hand. */
	calmMs: 30_000,
	/** After an end that only a person can mend. */
	personMs: 300_000,
	retryBaseMs: 1_000,
	retryCapMs: 60_000,
	/** A run of this length makes what failed before it forgotten. */
	healthyMs: 60_000,
	/** From asking the agent to end to ending it. Windows gives a service so long, and a little more, at shutdown. */
	endMs: 20_000
} as const;

/** How long to wait before the next start. @param failures in a row, this one included */
export function pauseAfter(code: number, failures: number, random: () => number): number {
	switch (code) {
		case EXIT.ok:
			return KEEPER.calmMs;
		case EXIT.usage:
		case EXIT.notConfigured:
		case EXIT.enrolRefused:
			return KEEPER.personMs;
		default:
			// Never at once: what fails at once would fill the log.
			return Math.max(
				KEEPER.retryBaseMs,
				fullJitter(failures, KEEPER.retryBaseMs, KEEPER.retryCapMs, random)
			);
	}
}

const needsPerson = (code: number): boolean =>
	code === EXIT.usage || code === EXIT.notConfigured || code === EXIT.enrolRefused;

/** Runs until the signal; the agent it started has ended then. */
export async function keepAgent(deps: KeeperDependencies, signal: AbortSignal): Promise<void> {
	const { clock, report, random } = deps;
	let failures = 0;
	let wasAlone = false;
	const pause = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => {});
	while (!signal.aborted) {
		let process: KeptProcess | null;
		try {
			process = await deps.start();
		} catch (error) {
			failures += 1;
			const againInMs = pauseAfter(EXIT.failed, failures, random);
			report({
				kind: 'not_started',
				reason: error instanceof Error ? error.message : String(error),
				againInMs
			});
			await pause(againInMs);
			continue;
		}
		if (!process) {
			if (!wasAlone) report({ kind: 'nobody_logged_on' });
			wasAlone = true;
			await pause(KEEPER.sessionMs);
			continue;
		}
		wasAlone = false;
		report({ kind: 'started', pid: process.pid });
		const startedAtMs = clock.monotonicMs();
		const code = await exitOf(process, clock, signal);
		if (code === null) return report({ kind: 'stopped', how: await endProcess(process, clock) });
		failures = clock.monotonicMs() - startedAtMs >= KEEPER.healthyMs ? 1 : failures + 1;
		if (code === EXIT.ok) failures = 0;
		const againInMs = pauseAfter(code, failures, random);
		report(needsPerson(code) ? { kind: 'person_needed', code } : { kind: 'ended', code, againInMs });
		await pause(againInMs);
	}
	report({ kind: 'stopped', how: 'not running' });
}

/** @returns null when the signal came first */
async function exitOf(process: KeptProcess, clock: Clock, signal: AbortSignal): Promise<number | null> {
	for (;;) {
		const code = process.exitCode();
		if (code !== null || signal.aborted) return code;
		await clock.sleep(KEEPER.lookMs, signal).catch(() => {});
	}
}

async function endProcess(process: KeptProcess, clock: Clock): Promise<'by itself' | 'by force'> {
	const unstoppable = new AbortController().signal;
	const deadline = clock.monotonicMs() + KEEPER.endMs;
	await process.requestEnd().catch(() => {});
	while (process.exitCode() === null) {
		if (clock.monotonicMs() >= deadline) {
			process.kill();
			return 'by force';
		}
		await clock.sleep(KEEPER.lookMs, unstoppable);
	}
	return 'by itself';
}
