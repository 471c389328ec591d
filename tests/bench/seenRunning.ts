/** What an agent tells of an account whose algo runs. */
import { RUNGS } from '#lib/domain/ladder.ts';

export const SEEN_RUNNING = {
	algo: 'running',
	connection: 'connected',
	ladder: Object.fromEntries(RUNGS.map((rung) => [rung, 'yes'])),
	generation: 1,
	activity: null,
	fault: null
};
