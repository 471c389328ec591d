/** The lines of this node in the service of the others: hands over their frames, gives way to newer lines. */
import { decodeWebFrame } from '#lib/protocol/codec.ts';
import { CLOSE } from '#lib/protocol/frames.ts';
import type { Gateway } from '../agents/gateway.ts';
import type { Logger } from '../logger.ts';
import type { NodeMessages } from './messages.ts';
import type { NodeStore } from './nodeStore.ts';

const IDS_PER_SYNC = 200;

export interface LineKeeperDependencies {
	gateway: Gateway;
	store: Pick<NodeStore, 'changedAccounts'>;
	logger: Logger;
}

export class LineKeeper {
	readonly #deps: LineKeeperDependencies;

	constructor(deps: LineKeeperDependencies) {
		this.#deps = deps;
	}

	/**
	 * A command for an agent whose line is here. One that comes late is harmless: its deadline travels with it.
	 * Nothing else is handed on: what belongs to a line is signed by its own node, and must not be on order of
	 * whoever can write to the bus. The command's signature was made where it was issued.
	 */
	onFrame({ agentId, text }: NodeMessages['frame']): void {
		const { gateway, logger } = this.#deps;
		const decoded = decodeWebFrame(text);
		if (!decoded.ok)
			return logger.warn({ detail: decoded.detail }, 'a frame of another server was not understood');
		if (decoded.frame.type !== 'command')
			return logger.error(
				{ agentId, type: decoded.frame.type },
				'another server sent what is no command; dropped'
			);
		if (!gateway.send(agentId, decoded.frame))
			logger.warn({ agentId, type: decoded.frame.type }, 'a frame came for an agent that has no line here');
	}

	onSync({ accountIds }: NodeMessages['sync']): void {
		this.#deps.gateway.syncAccounts(accountIds).catch((error: unknown) => {
			this.#deps.logger.error({ err: error }, 'agents could not be told of changed accounts');
		});
	}

	/** The agent came to another node with this connection: an older line here is the past. */
	yieldTo(agentId: string, connSeq: number): void {
		this.#deps.gateway.closeOlder(agentId, connSeq, CLOSE.replaced, 'it connected to another server');
	}

	/** Tells the agents of this node what changed lately, since a word of another node may have been lost. */
	async syncChanged(withinMs: number): Promise<void> {
		const { gateway, store } = this.#deps;
		const ids = await store.changedAccounts(gateway.connectedIds(), gateway.accountIds(), withinMs);
		for (let i = 0; i < ids.length; i += IDS_PER_SYNC)
			await gateway.syncAccounts(ids.slice(i, i + IDS_PER_SYNC));
	}
}
