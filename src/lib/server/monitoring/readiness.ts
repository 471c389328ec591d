/** Whether this server can do its work just now, for load balancers. */
import type { App } from '../app.ts';

export interface Readiness {
	status: 'ready' | 'not_ready';
	database: 'up' | 'away';
	/** Being shut down: it answers what it has, and takes nothing new. */
	isDraining: boolean;
	nodeId: string;
	bus: 'none' | 'up' | 'away';
	otherServers: number;
	reachableServers: number;
}

/** A database that does not answer within this is away for those who wait. */
const DATABASE_ANSWER_MS = 2_000;

/**
 * Not ready: without the database, or while shutting down. A bus that is away does not make a server unready:
 * it serves the agents and people it has, and says so on their pages.
 */
export async function readiness(app: Pick<App, 'core' | 'db' | 'nodes'>): Promise<Readiness> {
	const isUp = await answers(app.db);
	const { nodeId, bus, others, reachable } = app.nodes.status();
	const { isDraining } = app.core;
	return {
		status: isUp && !isDraining ? 'ready' : 'not_ready',
		database: isUp ? 'up' : 'away',
		isDraining,
		nodeId,
		bus,
		otherServers: others,
		reachableServers: reachable
	};
}

async function answers(db: App['db']): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), DATABASE_ANSWER_MS);
	});
	const asked = db.pool.query('SELECT 1').then(
		() => true,
		() => false
	);
	return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
