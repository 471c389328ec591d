/** What an agent tells of its machine now and then, for the operator's pages. */
import { z } from 'zod';

const percent = z.number().min(0).max(100);
const megabytes = z.int().min(0);

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
	bridgeVersions: z.array(z.string().max(20)).max(10)
});
export type MachineLoad = z.infer<typeof machineLoadSchema>;
