/** What the running agent shows to `agent status`, on disk and without any secret. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile } from './terminal/replaceFile.ts';

const agentStatusSchema = z.object({
	pid: z.int(),
	version: z.string(),
	writtenAt: z.string(),
	server: z.string(),
	isConnected: z.boolean(),
	/** As the server said when it accepted this agent last; unknown before that. */
	standing: z.enum(['approved', 'pending', 'refused', 'locked', 'unknown']),
	fingerprint: z.string(),
	accounts: z.array(
		z.object({
			accountId: z.string(),
			accountNumber: z.string(),
			algo: z.string(),
			connection: z.string(),
			generation: z.int(),
			/** Of the newest proof, when this was written. */
			ageMs: z.int(),
			activity: z.string().nullable(),
			fault: z.string().nullable(),
			/** What the terminal takes of the machine, where that can be seen. */
			resources: z
				.object({
					workingSetMb: z.number(),
					privateMb: z.number(),
					gdiHandles: z.int(),
					userHandles: z.int()
				})
				.nullable()
				.default(null)
		})
	)
});
export type AgentStatus = z.infer<typeof agentStatusSchema>;

export async function writeStatus(path: string, status: AgentStatus): Promise<void> {
	await replaceFile(path, Buffer.from(`${JSON.stringify(status, null, '\t')}\n`), 0o600);
}

/** @returns null when there is none that can be read */
export async function readStatus(path: string): Promise<AgentStatus | null> {
	try {
		return agentStatusSchema.parse(JSON.parse(await readFile(path, 'utf8')));
	} catch {
		return null;
	}
}
