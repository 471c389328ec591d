/** The emergency stop of one terminal, for those who have nothing but its directory. */
import { withinMs } from '../abort.ts';
import { type Clock } from '../clock.ts';
import { type Journal } from '../link/journal.ts';
import { type Logger } from '../logger.ts';
import { type Instance } from './instance.ts';
import { haltEa, isDownForGood } from './steps.ts';
import { type Timings } from './timings.ts';

/** How long a running terminal's bridge gets to show its first status. */
const FIRST_STATUS_MS = 3_000;

/**
 * EA off and Algo Trading off, seen; a terminal that does not answer is ended, since what does not run, and does
 * not come back by itself, does not trade.
 * @returns whether it is proven
 */
export async function haltInstance(
	instance: Instance,
	{ clock, timings, logger }: { clock: Clock; timings: Timings; logger: Logger },
	signal: AbortSignal
): Promise<boolean> {
	const reach = { instance, clock, timings };
	if (await isDownForGood(reach, signal)) return true;
	try {
		const isHalted = await withinMs(timings.undoMs, clock, signal, async (limited) => {
			const isSpeaking = await instance.waitStatus(() => true, {
				timeoutMs: FIRST_STATUS_MS,
				signal: limited
			});
			if (isSpeaking) await haltEa(reach, limited);
			return isSpeaking !== null;
		});
		if (isHalted) return true;
	} catch (error) {
		signal.throwIfAborted();
		logger.error({ err: error, instanceDir: instance.dir }, 'the EA does not stop');
	}
	logger.error({ instanceDir: instance.dir }, 'the terminal does not obey; it is ended');
	await instance.end(0);
	return isDownForGood(reach, signal);
}

/**
 * The same for an account of this agent: noted as stopped, so that nothing brings it back. A full disk keeps no EA
 * from being stopped. @returns whether it is proven
 */
export async function stopInEmergency(
	accountId: string,
	instance: Instance,
	deps: { journal: Journal; clock: Clock; timings: Timings; logger: Logger },
	signal: AbortSignal
): Promise<boolean> {
	const { journal, logger } = deps;
	const change = { wanted: 'STOPPED', confirmedGeneration: 0 } as const;
	try {
		journal.fences.change(accountId, change);
	} catch (error) {
		logger.error({ err: error, accountId }, 'the emergency stop could not be journalled');
		journal.fences.changeInMemory(accountId, change);
	}
	return haltInstance(instance, deps, signal);
}
