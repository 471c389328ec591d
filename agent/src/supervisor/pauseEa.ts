/**
 * Pause: Algo Trading off, seen to be off. The EA stays loaded and positions stay; a terminal that does not
 * run does not trade either, and is not brought up for this. Repeated until proven.
 */
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Proof } from '#lib/protocol/seen.ts';
import { failureText, StepFailure } from './failures.ts';
import { failureOf } from './outcomes.ts';
import { downProof, endForGood, isDownForGood, setAlgoTrading, type Steps } from './steps.ts';

export async function pauseEa(
	steps: Steps,
	onProgress: (stage: string) => void,
	signal: AbortSignal
): Promise<Proof> {
	const { clock, timings, random, logger } = steps;
	for (let attempt = 0; ; attempt++) {
		try {
			return await pauseOnce(steps, onProgress, signal);
		} catch (error) {
			signal.throwIfAborted();
			const { code, detail } = failureOf(error);
			if (code === 'internal')
				logger.error({ err: error, instanceDir: steps.instance.dir }, 'a step of Pause failed');
			onProgress(failureText(code, detail));
		}
		const pauseMs = fullJitter(attempt, timings.retryBaseMs, timings.retryCapMs, random);
		await clock.sleep(timings.retryBaseMs / 4 + pauseMs, signal);
	}
}

async function pauseOnce(
	steps: Steps,
	onProgress: (stage: string) => void,
	signal: AbortSignal
): Promise<Proof> {
	const { instance, bringUp, timings } = steps;
	if (await isDownForGood(steps, signal)) return downProof(false);
	if (!instance.fresh) {
		const waitMs = bringUp.isUnderWay ? timings.loginMs : timings.silentMs - instance.silentForMs;
		if (!(await instance.waitStatus(() => true, { timeoutMs: waitMs, signal }))) {
			if (await isDownForGood(steps, signal)) return downProof(false);
			onProgress('The terminal does not answer, so it is ended: then nothing in it can trade.');
			await endForGood(steps, 0, signal);
			return downProof(false);
		}
	}
	await setAlgoTrading(steps, false, signal);
	// One more, from now on: the flag that was believed may be that of a terminal which has just ended.
	const status = await instance.nextStatus({ timeoutMs: timings.requestMs, signal });
	if (!status) throw new StepFailure('bridge_silent');
	if (status.isTerminalTradeAllowed) throw new StepFailure('algo_trading_refused');
	return {
		isAlgoTradingOff: true,
		isEaUnloaded: status.ea === null,
		wasClosingAsked: false,
		closedPositions: 0,
		deletedOrders: 0,
		residuals: [],
		residualCount: 0,
		unprotectedPositions: status.unprotectedPositions
	};
}
