/** How busy this machine is: the operating system's figures, and what runs in the terminals. */
import { cpus, freemem, totalmem } from 'node:os';
import { type TerminalResources } from '#lib/domain/terminalResources.ts';
import { MOST_TERMINALS, type MachineLoad } from '#lib/protocol/machineLoad.ts';

/** What is known of the program in one terminal that answers. */
export interface TerminalProgram {
	build: number;
	bridgeVersion: string;
}

export interface TerminalCount {
	up: number;
	programs: readonly TerminalProgram[];
	/** By account, without those of which it cannot be seen. */
	resources: ReadonlyMap<string, TerminalResources>;
}

const MB = 1024 * 1024;
const MOST_NAMES = 10;

/** @returns what measures the load, each time since the last */
export function loadMeter(): (terminals: TerminalCount) => MachineLoad {
	let before: { busyMs: number; allMs: number } | null = null;
	return ({ up, programs, resources }) => {
		const now = cpuTimes();
		const allMs = before ? now.allMs - before.allMs : 0;
		const busyMs = before ? now.busyMs - before.busyMs : 0;
		before = now;
		return {
			cpuPercent: allMs > 0 ? Math.min(100, Math.max(0, Math.round((busyMs / allMs) * 1000) / 10)) : null,
			memoryUsedMb: Math.round((totalmem() - freemem()) / MB),
			memoryTotalMb: Math.round(totalmem() / MB),
			agentMemoryMb: Math.round(process.memoryUsage.rss() / MB),
			terminalsUp: up,
			terminalsAnswering: programs.length,
			builds: distinct(programs.map(({ build }) => build)),
			bridgeVersions: distinct(programs.map(({ bridgeVersion }) => bridgeVersion)),
			terminals: [...resources].slice(0, MOST_TERMINALS).map(([accountId, of]) => ({ accountId, ...of }))
		};
	};
}

function cpuTimes(): { busyMs: number; allMs: number } {
	let busyMs = 0;
	let allMs = 0;
	for (const { times } of cpus()) {
		const all = times.user + times.nice + times.sys + times.idle + times.irq;
		allMs += all;
		busyMs += all - times.idle;
	}
	return { busyMs, allMs };
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)].slice(0, MOST_NAMES);
