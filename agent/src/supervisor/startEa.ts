/**
 * Start: terminal up and logged in, broker connected, EA on its chart with the wanted settings, Algo Trading
 * on, EA ready, heartbeat. Each stage has its own limit, and all together one; success is only what the
 * bridge was seen to report of this very generation.
 */
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { HEARTBEAT_FRESH_MS } from '#lib/domain/ladder.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { settingsHash } from '../terminal/template.ts';
import { StepFailure, type FailureCode } from './failures.ts';
import { ask, loadMs, setAlgoTrading, type Steps } from './steps.ts';

/** What is being done, in the trader's words. */
export const START_STAGES = {
	terminal: 'bringing the terminal up',
	broker: 'waiting for the broker',
	file: 'fetching the EA that was uploaded',
	chart: 'putting the EA on its chart',
	algoTrading: 'switching Algo Trading on',
	ready: 'waiting for the EA to report ready',
	heartbeat: 'waiting for the EA’s heartbeat'
} as const;

export interface StartOrder {
	generation: number;
	settings: EaSettings;
	/** Monotonic time by which all stages must be through. */
	deadlineMs: number;
	/** Throws when this Start must not go on: called right before every effect. */
	guard: () => void;
	/** Called once, right before the first effect. Throws when that cannot be noted. */
	onIntent: () => void;
	onStage: (stage: string) => void;
}

/** @throws StepFailure; `order.onIntent` was called if there is something to undo */
export async function startEa(steps: Steps, order: StartOrder, signal: AbortSignal): Promise<void> {
	const { instance, bringUp, clock, timings } = steps;
	const { generation, settings, guard, onStage } = order;
	const leftMs = (stageMs: number): number => {
		const left = order.deadlineMs - clock.monotonicMs();
		if (left <= 0) throw new StepFailure('deployment_timeout');
		return Math.min(stageMs, left);
	};
	const reach = async (
		isThere: (status: BridgeStatus) => boolean,
		stageMs: number,
		failure: FailureCode
	): Promise<BridgeStatus> => {
		const status = await instance.waitStatus(isThere, { timeoutMs: leftMs(stageMs), signal });
		if (status) return status;
		if (!instance.fresh) throw new StepFailure(instance.process ? 'bridge_silent' : 'terminal_start');
		throw new StepFailure(failure, instance.fresh.ea?.errors.at(-1) ?? null);
	};

	onStage(START_STAGES.terminal);
	await withinDeadline(steps, bringUp.ensure({ isUrgent: false, signal }), order, signal);
	onStage(START_STAGES.broker);
	const status = await reach((seen) => seen.isConnected, timings.brokerMs, 'broker_unreachable');
	if (!status.isAccountTradeAllowed || !status.isAccountExpertAllowed)
		throw new StepFailure('trading_forbidden');

	if (settings.expert.file) onStage(START_STAGES.file);
	const inputs = await steps.expert.ensure(settings, leftMs(timings.expertMs), signal);

	onStage(START_STAGES.chart);
	const template = `ea-${generation}.tpl`;
	await instance.terminal.files.writeEaTemplate(instance.dir, template, settings, generation, inputs);
	guard();
	order.onIntent();
	instance.expectLoad(generation, loadMs(timings));
	const { symbol, timeframe } = settings.expert;
	try {
		await ask(steps, 'load_ea', { template, symbol, timeframe }, signal, 'chart_stage');
	} catch (error) {
		// Refused: it does not come later either.
		if (error instanceof StepFailure && error.code === 'chart_stage') instance.forgetLoad();
		throw error;
	}
	const hash = settingsHash(settings);
	const isOurs = ({ ea }: BridgeStatus): boolean => ea?.generation === generation && ea.settingsHash === hash;
	await reach(isOurs, timings.chartMs, 'chart_stage');
	instance.forgetLoad();

	onStage(START_STAGES.algoTrading);
	guard();
	await setAlgoTrading(steps, true, signal, guard);

	onStage(START_STAGES.ready);
	await reach(
		(seen) => isOurs(seen) && typeof seen.ea?.readyAgeMs === 'number',
		timings.readyMs,
		'ready_stage'
	);
	onStage(START_STAGES.heartbeat);
	await reach((seen) => isOurs(seen) && isBeating(seen), timings.heartbeatMs, 'heartbeat_stage');
	if (!instance.fresh?.isMqlTradeAllowed) throw new StepFailure('algo_trading_refused');
	guard();
}

const isBeating = ({ ea, isTerminalTradeAllowed }: BridgeStatus): boolean =>
	isTerminalTradeAllowed && (ea?.heartbeatAgeMs ?? Infinity) <= HEARTBEAT_FRESH_MS;

async function withinDeadline(
	{ clock, bringUp }: Steps,
	work: Promise<void>,
	{ deadlineMs }: StartOrder,
	signal: AbortSignal
): Promise<void> {
	const over = new AbortController();
	const timeUp = clock
		.sleep(Math.max(0, deadlineMs - clock.monotonicMs()), AbortSignal.any([signal, over.signal]))
		.then(() => {
			if (bringUp.stage !== null) throw new StepFailure('terminal_preparing', bringUp.stage);
			throw new StepFailure('deployment_timeout', 'the terminal is not up yet');
		});
	timeUp.catch(() => {});
	try {
		await Promise.race([work, timeUp]);
	} finally {
		work.catch(() => {});
		over.abort();
	}
}
