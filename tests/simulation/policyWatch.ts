/** Watches the dead-man policy: who is without the server for longer than an account's EA may be. */
import { POLICY_MINUTE_MS } from './agentNode.ts';
import { type SimProcess } from './timeline.ts';
import { type World } from './world.ts';

/** To notice, to wait for what is under way, to press the button and to see that it worked. */
const TIME_TO_ACT_MS = 30_000;

export class PolicyWatch {
	readonly #world: World;
	/** Since when an agent's present process is without the server. */
	readonly #lostSince = new Map<string, { process: SimProcess; atMs: number }>();

	constructor(world: World) {
		this.#world = world;
	}

	look(): void {
		const { agents, machines, timeline, database, checker } = this.#world;
		const { nowMs } = timeline;
		for (const [i, agent] of agents.entries()) {
			const { process } = agent;
			const known = this.#lostSince.get(agent.name);
			if (!process || !agent.isWithoutServer) {
				this.#lostSince.delete(agent.name);
				continue;
			}
			const lost = known?.process === process ? known : { process, atMs: nowMs };
			this.#lostSince.set(agent.name, lost);
			for (const { id, agentId, pauseAfterLossMinutes } of database.accounts.values()) {
				if (agentId !== agent.id || pauseAfterLossMinutes === null) continue;
				const limitMs = pauseAfterLossMinutes * POLICY_MINUTE_MS + TIME_TO_ACT_MS;
				if (nowMs - lost.atMs < limitMs || !machines[i]?.canObey(id, TIME_TO_ACT_MS)) continue;
				checker.leftAlone(id, lost.atMs);
			}
		}
	}
}
