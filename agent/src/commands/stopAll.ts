/** `agent stop-all`: the kill switch on the machine itself; needs neither server nor running agent. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { z } from 'zod';
import { type Clock } from '../clock.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { openOrRebuildJournal } from '../link/journalRescue.ts';
import { lockStateDir, type StateLock } from '../lock.ts';
import { type Logger } from '../logger.ts';
import { instanceDirOf, type StateDir } from '../stateDir.ts';
import { readStopAllAnswer, requestStopAll } from '../stopAllFile.ts';
import { haltInstance } from '../supervisor/haltInstance.ts';
import { Instance } from '../supervisor/instance.ts';
import { type HaltAnswer } from '../supervisor/pool.ts';
import { DEFAULT_TIMINGS } from '../supervisor/timings.ts';
import { type TerminalKind } from '../terminal/ports.ts';

const ANSWER_LIMIT_MS = 90_000;
const POLL_MS = 200;

interface StopAllTools {
	terminal: TerminalKind;
	clock: Clock;
	logger: Logger;
	say: (line: string) => void;
	signal: AbortSignal;
}

export async function stopAll(state: StateDir, tools: StopAllTools): Promise<ExitCode> {
	await mkdir(state.instances, { recursive: true });
	const requestId = randomUUID();
	// First the file: an agent that starts meanwhile sees it too.
	await requestStopAll(state.stopAll, requestId).catch((error: unknown) =>
		// A full disk: an empty file is a request too, and without a running agent none is needed.
		tools.logger.error({ err: error }, 'the request could not be written')
	);
	const accounts = await answerOf(state, requestId, tools);
	if (!accounts) {
		tools.say('The running agent did not answer in time; whether everything stopped is unknown. Try again.');
		return EXIT.notProven;
	}
	for (const { accountId, isProven } of accounts)
		tools.say(`${accountId}  ${isProven ? 'stopped, proven' : 'NOT PROVEN: look at the terminal'}`);
	if (accounts.length === 0) tools.say('There are no terminals here.');
	const isKept = accounts.every((account) => account.isKept);
	if (!isKept)
		tools.say(
			'It could not be written down: the disk is full, or the journal is damaged. Make room; until then, do not start the agent anew.'
		);
	return isKept && accounts.every(({ isProven }) => isProven) ? EXIT.ok : EXIT.notProven;
}

/** The running agent does it; when there is none (any more), we do. */
async function answerOf(
	state: StateDir,
	requestId: string,
	tools: StopAllTools
): Promise<HaltAnswer[] | null> {
	const { clock, signal } = tools;
	const deadline = clock.monotonicMs() + ANSWER_LIMIT_MS;
	while (clock.monotonicMs() < deadline) {
		const answer = await readStopAllAnswer(state.stopAllAnswer, requestId);
		if (answer) return answer.accounts;
		const lock = lockStateDir(state.lock);
		if (lock) return haltOurselves(state, lock, tools);
		await clock.sleep(POLL_MS, signal);
	}
	return null;
}

/**
 * The next agent must not bring back what was confirmed running. A full disk keeps no EA from being stopped.
 * @returns whether that is written down, and the accounts whose terminal never ran, as far as the journal can be believed
 */
function noteStopped(
	state: StateDir,
	accountIds: string[],
	{ clock, logger }: StopAllTools
): { isKept: boolean; neverRan: ReadonlySet<string> } {
	let isKept = false;
	const neverRan = new Set<string>();
	try {
		const options = { wallMs: () => clock.wallMs(), logger, instancesDir: state.instances };
		const journal = openOrRebuildJournal(state.journal, options);
		try {
			for (const accountId of accountIds) if (!journal.mayHaveRun(accountId)) neverRan.add(accountId);
			for (const accountId of accountIds)
				journal.fences.change(accountId, { wanted: 'STOPPED', confirmedGeneration: 0 });
			isKept = true;
		} finally {
			journal.close();
		}
	} catch (error) {
		logger.error({ err: error }, 'the stop could not be journalled; the EAs are stopped all the same');
	}
	return { isKept, neverRan };
}

async function haltOurselves(state: StateDir, lock: StateLock, tools: StopAllTools): Promise<HaltAnswer[]> {
	const { terminal, clock, logger, signal } = tools;
	try {
		const entries = await readdir(state.instances);
		const accountIds = entries.filter((name) => z.uuid().safeParse(name).success);
		const { isKept, neverRan } = noteStopped(state, accountIds, tools);
		const answers = await Promise.all(
			accountIds.map(async (accountId) => {
				const instanceDir = instanceDirOf(state.instances, accountId);
				const instance = new Instance(instanceDir, terminal, clock, !neverRan.has(accountId));
				try {
					return {
						accountId,
						isProven: await haltInstance(instance, { clock, logger, timings: DEFAULT_TIMINGS }, signal),
						isKept
					};
				} finally {
					instance.dispose();
				}
			})
		);
		if (isKept) await rm(state.stopAll, { force: true });
		return answers;
	} finally {
		lock.release();
	}
}
