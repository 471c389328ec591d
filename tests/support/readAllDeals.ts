import { readNewDeals, type DealCursor, type NewDeals } from '../../agent/src/bridge/deals.ts';
import { type BridgeChannel } from '../../agent/src/terminal/ports.ts';

/** Everything that `cursor` has not seen, all pages together. */
export async function readAllDeals(
	channel: Pick<BridgeChannel, 'request'>,
	cursor: DealCursor,
	options: { timeoutMs: number }
): Promise<Pick<NewDeals, 'deals' | 'operations' | 'cursor'>> {
	const all: Pick<NewDeals, 'deals' | 'operations' | 'cursor'> = { deals: [], operations: [], cursor };
	for await (const { deals, operations, cursor: next } of readNewDeals(channel, cursor, options)) {
		all.deals.push(...deals);
		all.operations.push(...operations);
		all.cursor = next;
	}
	return all;
}
