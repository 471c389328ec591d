/** What two web nodes on one database owe their users (S6), whatever the bus between them is. */
import { afterAll, beforeAll, describe } from 'vitest';
import { acrossNodes } from './acrossNodes.ts';
import { askedAcross } from './askedAcross.ts';
import { busAway } from './busAway.ts';
import { endedElsewhere } from './endedElsewhere.ts';
import { killedNodes } from './killedNodes.ts';
import { movesAcross } from './movesAcross.ts';
import type { NodesRig } from './nodesRig.ts';
import { haveMet } from './twoSides.ts';

export function nodesContract(name: string, startRig: () => Promise<NodesRig>): void {
	describe(`S6: two web nodes on one database, ${name}`, () => {
		let started: NodesRig;
		const rig = () => started;
		beforeAll(async () => {
			started = await startRig();
			await haveMet(started);
		});
		afterAll(() => started.stop());

		acrossNodes(rig);
		askedAcross(rig);
		endedElsewhere(rig);
		movesAcross(rig);
		killedNodes(rig);
		busAway(rig);
	});
}
