/**
 * Stop: EA off its chart first, so that it opens nothing again; then, if asked, everything in its scope
 * closed in passes; Algo Trading off; and all of it seen. Done only when proven, and repeated until then. What a
 * closed market refused (10018) waits until that opens by the broker's calendar, instead of pressing the button again
 * and again all weekend.
 */
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Proof, type Residual } from '#lib/protocol/seen.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { failureText, StepFailure } from './failures.ts';
import { failureOf } from './outcomes.ts';
import { ask, downProof, haltEa, isDownForGood, setAlgoTrading, unloadEa, type Steps } from './steps.ts';

export interface StopOrder {
	closePositions: boolean;
	/** Magic numbers whose positions and orders are in scope; that of the EA found running is added. */
	magics: readonly number[];
	onProgress: (stage: string, proof: Proof | null) => void;
}

interface Closed {
	positions: number;
	orders: number;
	/** After the last passes: how long nothing more can be closed, since the markets of all that is left are closed. */
	marketOpensInMs: number;
}

const MARKET_CLOSED = 10_018;
/** After the opening: the first moments are busy, and clocks differ. */
const AFTER_OPENING_MS = 2_000;

const DEVIATION_POINTS = 50;
const PASSES_IN_A_ROW = 3;
/** Of the protocol: a proof lists so many residuals, and counts them all. */
const MOST_RESIDUALS = 50;

/** @returns the proof. @throws StepFailure only where nothing can be done before the credentials change */
export async function stopEa(steps: Steps, order: StopOrder, signal: AbortSignal): Promise<Proof> {
	const { instance, bringUp, clock, timings, random, logger } = steps;
	const closed: Closed = { positions: 0, orders: 0, marketOpensInMs: 0 };
	const magics = new Set(order.magics);
	for (let attempt = 0; ; attempt++) {
		closed.marketOpensInMs = 0;
		try {
			const proof = await stopOnce(steps, order, magics, closed, signal);
			if (!order.closePositions || proof.residualCount === 0) return proof;
			order.onProgress(`closing: ${proof.residualCount} left, ${whenAgain(closed.marketOpensInMs)}`, proof);
		} catch (error) {
			signal.throwIfAborted();
			const { code, detail } = failureOf(error);
			if (code === 'internal')
				logger.error({ err: error, instanceDir: instance.dir }, 'a step of Stop failed');
			const isSilent = instance.process !== null && instance.silentForMs >= timings.silentMs;
			if (isSilent && !bringUp.isUnderWay) {
				order.onProgress('The terminal does not answer, so it is ended: then no EA runs in it.', null);
				await instance.end(0);
			}
			if (!order.closePositions && (await isDownForGood(steps, signal))) return downProof(false);
			if (bringUp.block !== null) throw error;
			order.onProgress(failureText(code, detail), null);
		}
		const pauseMs =
			timings.retryBaseMs / 4 + fullJitter(attempt, timings.retryBaseMs, timings.retryCapMs, random);
		if (closed.marketOpensInMs === 0) await clock.sleep(pauseMs, signal);
		else {
			const opensInMs = Math.min(closed.marketOpensInMs + AFTER_OPENING_MS, timings.marketWaitMs);
			await untilFewerAreOpen(steps, Math.max(pauseMs, opensInMs), signal);
		}
	}
}

/** Ends before its time when something was closed meanwhile, by a person or the broker: what is shown must follow. */
async function untilFewerAreOpen({ instance }: Steps, timeoutMs: number, signal: AbortSignal): Promise<void> {
	const openIn = (status: BridgeStatus) => status.openPositions + status.pendingOrders;
	const now = instance.fresh === null ? 0 : openIn(instance.fresh);
	await instance.waitStatus((status) => openIn(status) < now, { timeoutMs, signal, isPatient: true });
}

function whenAgain(marketOpensInMs: number): string {
	if (marketOpensInMs === 0) return 'trying again';
	const minutes = Math.ceil(marketOpensInMs / 60_000);
	const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
	return `the market is closed and opens in ${hours > 0 ? `${hours} h ${rest} min` : `${minutes} min`}`;
}

async function stopOnce(
	steps: Steps,
	order: StopOrder,
	magics: Set<number>,
	closed: Closed,
	signal: AbortSignal
): Promise<Proof> {
	const { instance, bringUp } = steps;
	await bringUp.ensure({ isUrgent: true, signal });
	const magic = instance.fresh?.ea?.magic;
	if (magic !== undefined) magics.add(magic);
	let brokerWords: ReadonlyMap<string, Residual> = new Map();
	if (order.closePositions) {
		await unloadEa(steps, signal);
		brokerWords = await closeScope(steps, magics, closed, signal);
	}
	await haltEa(steps, signal);
	const left = (await listOpen(steps, magics, signal)).map((item) => brokerWords.get(item.ticket) ?? item);
	// What the bridge that has just answered shows: a terminal that ended meanwhile proves nothing.
	const status = await steps.instance.statusSinceAnswer({ timeoutMs: steps.timings.requestMs, signal });
	if (!status) throw new StepFailure('bridge_silent');
	if (status.ea !== null || status.isTerminalTradeAllowed) throw new StepFailure('algo_trading_refused');
	return {
		isAlgoTradingOff: !status.isTerminalTradeAllowed,
		isEaUnloaded: status.ea === null,
		wasClosingAsked: order.closePositions,
		closedPositions: closed.positions,
		deletedOrders: closed.orders,
		residuals: left.slice(0, MOST_RESIDUALS),
		residualCount: left.length,
		unprotectedPositions: status.unprotectedPositions
	};
}

async function listOpen(steps: Steps, magics: ReadonlySet<number>, signal: AbortSignal): Promise<Residual[]> {
	const items: Residual[] = [];
	for (const magic of magics) items.push(...(await ask(steps, 'list_open', { magic }, signal)).items);
	return items;
}

/** A few passes at once; stops early when a pass brings nothing. @returns what is left, with the broker's words */
async function closeScope(
	steps: Steps,
	magics: ReadonlySet<number>,
	closed: Closed,
	signal: AbortSignal
): Promise<Map<string, Residual>> {
	let left = await listOpen(steps, magics, signal);
	for (let pass = 0; pass < PASSES_IN_A_ROW && left.length > 0; pass++) {
		// With Algo Trading off the terminal refuses to close (10027); no EA is loaded any more.
		await setAlgoTrading(steps, true, signal);
		left = [];
		let done = 0;
		const openings: number[] = [];
		for (const magic of magics) {
			const answer = await ask(steps, 'close_pass', { magic, deviationPoints: DEVIATION_POINTS }, signal);
			closed.positions += answer.closedPositions;
			closed.orders += answer.deletedOrders;
			done += answer.closedPositions + answer.deletedOrders;
			left.push(...answer.residuals);
			if (answer.marketOpensInMs !== undefined) openings.push(answer.marketOpensInMs);
		}
		const isAllClosed = left.length > 0 && left.every(({ brokerCode }) => brokerCode === MARKET_CLOSED);
		closed.marketOpensInMs = isAllClosed && openings.length > 0 ? Math.min(...openings) : 0;
		if (done === 0) break;
	}
	return new Map(left.map((item) => [item.ticket, item]));
}
