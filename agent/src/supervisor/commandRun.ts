/** Carries out one command on one account, from acceptance to outcome. */
import { assertNever } from '#lib/domain/assertNever.ts';
import { type AlgoState } from '#lib/domain/ladder.ts';
import { withinMs } from '../abort.ts';
import { crashpoint } from '../crashpoint.ts';
import { type CommandRules } from '../link/commandRules.ts';
import { type Fence } from '../link/fences.ts';
import { type Journal } from '../link/journal.ts';
import { type ServerTime } from '../link/serverTime.ts';
import { type Logger } from '../logger.ts';
import { type EaCommand } from './command.ts';
import { StepFailure } from './failures.ts';
import { failed, failureOf, indeterminate, success, superseded } from './outcomes.ts';
import { pauseEa } from './pauseEa.ts';
import { type Outcome, type Reporter } from './reporter.ts';
import { startEa } from './startEa.ts';
import { haltEa, isDownForGood, type Steps } from './steps.ts';
import { stopEa } from './stopEa.ts';

export interface CommandRunDependencies {
	steps: Steps;
	journal: Journal;
	serverTime: ServerTime;
	rules: CommandRules;
	reporter: Reporter;
	logger: Logger;
	/** What the algo is seen to be just now. */
	seenAlgo: () => AlgoState;
	setActivity: (activity: string | null) => void;
	/** Aborted when the agent ends: not a reason to undo anything. */
	lifetime: AbortSignal;
}

/** Why a running command was cut short by a newer one. */
export class Superseded extends Error {
	constructor() {
		super('a newer command took its place');
	}
}

interface Ending {
	outcome: Outcome;
	change?: Partial<Fence>;
}

/** Throws when this generation must not have an effect any more. */
const generationGuard =
	(
		{ journal, rules }: { journal: Journal; rules: CommandRules },
		{ accountId, generation }: { accountId: string; generation: number },
		signal: AbortSignal
	) =>
	(): void => {
		signal.throwIfAborted();
		const { maxGeneration } = journal.fences.of(accountId);
		if (rules.isSuperseded({ generation }, maxGeneration)) throw new Superseded();
	};

/**
 * Throws when a Start must not have an effect any more: a newer command came, or so much time passed at the
 * server that its whole deployment must be over. The second is no matter of this machine's clocks, which may
 * have stood still.
 */
function startGuard(deps: CommandRunDependencies, command: EaCommand, signal: AbortSignal): () => void {
	const { rules, serverTime, steps } = deps;
	const { notAfterMs } = command;
	const isNewest = generationGuard(deps, command, signal);
	return () => {
		isNewest();
		if (notAfterMs !== null && rules.isTooLate(notAfterMs + steps.timings.deploymentMs, serverTime))
			throw new StepFailure('deployment_timeout');
	};
}

/**
 * Runs the command and reports its outcome.
 * @param signal aborted with `Superseded` by a newer command
 * @throws the reason of `lifetime`: then the journal says how far it came
 */
export async function runCommand(
	deps: CommandRunDependencies,
	command: EaCommand,
	signal: AbortSignal
): Promise<void> {
	const { reporter, setActivity, lifetime } = deps;
	let ending: Ending;
	try {
		ending =
			command.kind === 'start_ea' ? await start(deps, command, signal) : await halt(deps, command, signal);
	} finally {
		setActivity(null);
	}
	lifetime.throwIfAborted();
	crashpoint('effect-done');
	reporter.finish(command, ending.outcome, ending.change);
}

async function halt(deps: CommandRunDependencies, command: EaCommand, signal: AbortSignal): Promise<Ending> {
	const { steps, reporter, seenAlgo, setActivity, logger } = deps;
	const { kind } = command;
	const onProgress = (stage: string, proof: Parameters<Reporter['progress']>[2] = null): void => {
		setActivity(stage);
		reporter.progress(command, stage.slice(0, 120), proof);
	};
	crashpoint('intended');
	try {
		switch (kind) {
			case 'pause_ea': {
				setActivity('pausing');
				const proof = await pauseEa(steps, onProgress, signal);
				return { outcome: success(seenAlgo(), proof) };
			}
			case 'stop_ea': {
				setActivity('stopping');
				const { closePositions } = command;
				const magics = magicsOf(deps, command);
				const proof = await stopEa(steps, { closePositions, magics, onProgress }, signal);
				return { outcome: success(seenAlgo(), proof) };
			}
			case 'start_ea':
				throw new Error('a Start is no halt');
			default:
				return assertNever(kind);
		}
	} catch (error) {
		deps.lifetime.throwIfAborted();
		if (signal.aborted) return { outcome: superseded };
		const { code, detail } = failureOf(error);
		logger.error({ err: error, accountId: command.accountId, kind }, 'command failed');
		return { outcome: failed(code, detail, seenAlgo()) };
	}
}

/** The EA that ran last may have had another magic number than the present settings. */
function magicsOf({ journal }: CommandRunDependencies, command: EaCommand): number[] {
	const { settings } = journal.fences.of(command.accountId);
	return [command.settings.expert.magic, ...(settings ? [settings.expert.magic] : [])];
}

async function start(deps: CommandRunDependencies, command: EaCommand, signal: AbortSignal): Promise<Ending> {
	const { steps, journal, reporter, seenAlgo, setActivity, logger } = deps;
	const { accountId, generation, settings } = command;
	let hadEffect = false;
	try {
		const order = {
			generation,
			settings,
			deadlineMs: command.acceptedAtMs + steps.timings.deploymentMs,
			guard: startGuard(deps, command, signal),
			onIntent: () => {
				journal.intend(command);
				hadEffect = true;
				crashpoint('intended');
			},
			onStage: (stage: string) => {
				setActivity(`starting: ${stage}`);
				reporter.progress(command, stage, null);
			}
		};
		await startEa(steps, order, signal);
		const change = { confirmedGeneration: generation, failedGeneration: 0, settings };
		return { outcome: success(seenAlgo(), null), change };
	} catch (error) {
		deps.lifetime.throwIfAborted();
		// The newer command deals with whatever this one left.
		if (signal.aborted || error instanceof Superseded) return { outcome: superseded };
		const { code, detail } = failureOf(error);
		logger.warn({ err: error, accountId, generation, code }, 'start failed');
		const change = { failedGeneration: generation };
		if (!hadEffect) return { outcome: failed(code, detail, seenAlgo()), change };
		setActivity('undoing the failed start');
		const isUndone = await undo(steps, signal);
		deps.lifetime.throwIfAborted();
		if (signal.aborted) return { outcome: superseded };
		return {
			outcome: isUndone ? failed(code, detail, seenAlgo()) : indeterminate('undo_unproven', seenAlgo()),
			change
		};
	}
}

/** @returns whether it is proven that nothing of the Start runs any more */
export async function undo(steps: Steps, signal: AbortSignal): Promise<boolean> {
	const { clock, timings } = steps;
	try {
		if (await isDownForGood(steps, signal)) return true;
		await withinMs(timings.undoMs, clock, signal, (limited) => haltEa(steps, limited));
		return true;
	} catch {
		// Not proven; the watchdog goes on with it, since an EA of this generation must not run.
		return !signal.aborted && (await isDownForGood(steps, signal).catch(() => false));
	}
}
