/** What an agent tells of its machine now and then, for the operator's pages. */
import { z } from 'zod';
import type { TerminalResources } from '#lib/domain/terminalResources.ts';

const percent = z.number().min(0).max(100);
const megabytes = z.int().min(0);

/** Most terminals that one report names. */
export const MOST_TERMINALS = 200;

/** What one terminal takes of its machine. */
const terminalResourcesSchema = z.object({
	workingSetMb: megabytes,
	privateMb: megabytes,
	gdiHandles: z.int().min(0),
	userHandles: z.int().min(0)
}) satisfies z.ZodType<TerminalResources>;

export const machineLoadSchema = z.object({
	/** Of all cores together, since the last report; null for the first one. */
	cpuPercent: percent.nullable(),
	memoryUsedMb: megabytes,
	memoryTotalMb: megabytes,
	/** Of the agent's own process. */
	agentMemoryMb: megabytes,
	/** Terminals whose process is up, and those of them whose bridge answers. */
	terminalsUp: z.int().min(0),
	terminalsAnswering: z.int().min(0),
	/** Builds of MetaTrader and versions of the bridge in those that answer. */
	builds: z.array(z.int().min(0)).max(10),
	bridgeVersions: z.array(z.string().max(20)).max(10),
	/** By account, those of which it can be seen; an older agent does not say it. */
	terminals: z
		.array(terminalResourcesSchema.extend({ accountId: z.uuid() }))
		.max(MOST_TERMINALS)
		.optional()
});
export type MachineLoad = z.infer<typeof machineLoadSchema>;
