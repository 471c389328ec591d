/** What the steps of Start, Pause and Stop share. */
import {
	type BridgeStatus,
	type BridgeVerb,
	type BridgeAnswer,
	type BridgeRequest
} from '../bridge/contract.ts';
import { BridgeRefusal, BridgeTimeout } from '../bridge/errors.ts';
import { type Clock } from '../clock.ts';
import { crashpoint } from '../crashpoint.ts';
import { type Logger } from '../logger.ts';
import { type Proof } from '#lib/protocol/seen.ts';
import { type BringUp } from './bringUp.ts';
import { type ExpertFile } from './expertFile.ts';
import { StepFailure, type FailureCode } from './failures.ts';
import { type Instance } from './instance.ts';
import { type Timings } from './timings.ts';

export interface Steps {
	instance: Instance;
	bringUp: BringUp;
	clock: Clock;
	random: () => number;
	timings: Timings;
	logger: Logger;
	/** The EA that the account's trader uploaded. */
	expert: Pick<ExpertFile, 'ensure' | 'seen' | 'isOther'>;
}

/** Enough to deal with a terminal that is up. */
export type Reach = Pick<Steps, 'instance' | 'clock' | 'timings'>;

/** A flag this old is read anew before the button is pressed by it. */
const FLAG_FRESH_MS = 1_500;
const MOST_PRESSES = 3;

/** Asks the bridge; what goes wrong becomes a StepFailure. */
export async function ask<V extends BridgeVerb>(
	{ instance, timings }: Pick<Reach, 'instance' | 'timings'>,
	verb: V,
	args: BridgeRequest<V>,
	signal: AbortSignal,
	onRefusal: FailureCode = 'bridge_silent'
): Promise<BridgeAnswer<V>> {
	try {
		return await instance.request(verb, args, { timeoutMs: timings.requestMs, signal });
	} catch (error) {
		if (error instanceof BridgeTimeout) throw new StepFailure('bridge_silent');
		if (error instanceof BridgeRefusal) throw new StepFailure(onRefusal, error.message);
		throw error;
	}
}

/**
 * Switches Algo Trading. The button is a toggle, so the flag is read first, and read back after; a press that
 * was never seen to work (aborted, or slow) is waited for before the flag is believed again.
 * @param guard called right before every press; throws when the press must not be made any more
 * @returns the status that shows it
 */
export async function setAlgoTrading(
	steps: Reach,
	isWanted: boolean,
	signal: AbortSignal,
	guard: () => void = () => {}
): Promise<BridgeStatus> {
	const { instance, timings } = steps;
	const limit = { timeoutMs: timings.algoTradingMs, signal };
	for (let presses = 0; ; presses++) {
		const { pendingToggle } = instance;
		if (pendingToggle !== null) {
			await instance.waitStatus((status) => status.isTerminalTradeAllowed === pendingToggle, limit);
			instance.pendingToggle = null;
		}
		const isFlagFresh = (instance.bridgeAgeMs ?? Infinity) <= FLAG_FRESH_MS && presses === 0;
		const status = (isFlagFresh ? instance.fresh : null) ?? (await instance.nextStatus(limit));
		if (!status) throw new StepFailure('bridge_silent');
		if (status.isTerminalTradeAllowed === isWanted) return status;
		if (presses >= MOST_PRESSES || !instance.process) throw new StepFailure('algo_trading_refused');
		guard();
		instance.pendingToggle = isWanted;
		await instance.terminal.window.toggleAlgoTrading(instance.process);
		crashpoint('mid-effect');
		const shown = await instance.waitStatus((read) => read.isTerminalTradeAllowed === isWanted, limit);
		instance.pendingToggle = null;
		if (shown) return shown;
		// A dialog takes every press for itself.
		if (instance.process) await instance.terminal.window.closeDialogs(instance.process);
	}
}

/** For how long after it was asked for an EA may come: a busy bridge reads late, and a chart takes its template later. */
export const loadMs = ({ requestMs, algoTradingMs }: Timings): number => requestMs + algoTradingMs;

/** Takes the EA off the chart, also one that was ordered and has not come yet. */
export async function unloadEa(steps: Reach, signal: AbortSignal): Promise<void> {
	const { instance, timings } = steps;
	const { pendingLoad } = instance;
	if (pendingLoad)
		await instance.waitStatus((status) => status.ea?.generation === pendingLoad.generation, {
			timeoutMs: pendingLoad.leftMs,
			signal
		});
	await ask(steps, 'unload_ea', {}, signal);
	const limit = { timeoutMs: timings.chartMs, signal };
	// One from before the answer may show a chart to which the EA had not come yet.
	const isOff = (await instance.statusSinceAnswer(limit))?.ea === null;
	if (!isOff && !(await instance.waitStatus((status) => status.ea === null, limit)))
		throw new StepFailure('bridge_silent', 'the EA is still on its chart');
	instance.forgetLoad();
}

/** EA off its chart and Algo Trading off, both seen. */
export async function haltEa(steps: Reach, signal: AbortSignal): Promise<BridgeStatus> {
	await unloadEa(steps, signal);
	// One status that shows both, and from after the EA went.
	const status = await setAlgoTrading(steps, false, signal);
	if (status.ea !== null || status.isTerminalTradeAllowed) throw new StepFailure('algo_trading_refused');
	return status;
}

const COMING_BACK_POLL_MS = 250;

/**
 * Whether no terminal runs here, and none comes back by itself: MetaTrader ends and starts again when it
 * updates, with EA and Algo Trading as they were. One that ran, or was being updated, a moment ago is watched for a
 * while first; an update that does not end proves nothing.
 */
export async function isDownForGood(
	{ instance, clock, timings }: Reach,
	signal: AbortSignal
): Promise<boolean> {
	const giveUpAtMs = clock.monotonicMs() + timings.updateMs;
	for (;;) {
		if (instance.process) return false;
		// Before the look for a terminal: between the two, an updater may end and start it.
		const isUpdating = await instance.isUpdating();
		if (instance.process ?? (await instance.adopt())) return false;
		if (isUpdating && clock.monotonicMs() >= giveUpAtMs) return false;
		const leftMs = instance.seenUpAtMs + timings.selfRestartMs - clock.monotonicMs();
		if (leftMs <= 0) return true;
		await clock.sleep(Math.min(leftMs, COMING_BACK_POLL_MS), signal);
	}
}

/**
 * Ends the terminal, and whatever comes back in its place, until none runs here and none comes back by itself.
 * @param graceMs how long it gets to close by itself
 */
export async function endForGood(reach: Reach, graceMs: number, signal: AbortSignal): Promise<void> {
	do await reach.instance.end(graceMs);
	while (!(await isDownForGood(reach, signal)));
}

/**
 * Proof of a terminal that does not run: nothing trades in it, and it comes up with Algo Trading off. What
 * the account holds at the broker was not seen.
 */
export const downProof = (wasClosingAsked: boolean): Proof => ({
	isAlgoTradingOff: true,
	isEaUnloaded: true,
	wasClosingAsked,
	closedPositions: 0,
	deletedOrders: 0,
	residuals: [],
	residualCount: 0,
	unprotectedPositions: 0,
	isCounted: false
});
