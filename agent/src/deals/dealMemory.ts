/** How far an account's history was read and stored, as the journal keeps it. */
import { z } from 'zod';
import { seeOffset } from '#lib/domain/brokerClock.ts';
import { NO_DEALS_SEEN, type NewDeals } from '../bridge/deals.ts';
import { type PoolAccount } from '../supervisor/account.ts';

const dealMemorySchema = z.object({
	/** Whose history it is; of another login, or under another epoch, all is read anew. */
	epoch: z.int(),
	accountNumber: z.string(),
	serverName: z.string(),
	newestMs: z.number(),
	seen: z.array(z.tuple([z.string(), z.number()])),
	/** How many deals the whole history had; more than that were added to the past. */
	known: z.int(),
	/** Which offsets of the broker's clock were seen (brokerClock.ts). */
	offsets: z.array(z.object({ fromMs: z.number(), untilMs: z.number(), offsetMin: z.int() }))
});
export type DealMemory = z.infer<typeof dealMemorySchema>;

export const isMemoryOf = (memory: DealMemory, { epoch, accountNumber, serverName }: PoolAccount): boolean =>
	memory.epoch === epoch && memory.accountNumber === accountNumber && memory.serverName === serverName;

/** @param text as it was kept; null, or one that cannot be read: all is read anew, and stored once all the same */
export function readMemory(text: string | null, account: PoolAccount): DealMemory {
	const { epoch, accountNumber, serverName } = account;
	const none = { epoch, accountNumber, serverName, ...NO_DEALS_SEEN, known: 0, offsets: [] };
	if (text === null) return none;
	try {
		const memory = dealMemorySchema.parse(JSON.parse(text));
		return isMemoryOf(memory, account) ? memory : none;
	} catch {
		return none;
	}
}

/** The memory that knows this page too. */
export function remember(memory: DealMemory, page: NewDeals): DealMemory {
	return {
		...memory,
		...page.cursor,
		known: memory.known + page.deals.length + page.operations.length,
		offsets: seeOffset(memory.offsets, page.clockMs, page.gmtOffsetMin)
	};
}
