import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';

/** For load balancers and monitors: 200 while this server answers; how it stands with the others is told beside it. */
export const GET = api((event) => {
	const { nodeId, bus, others, reachable } = event.locals.app.nodes.status();
	return Promise.resolve(
		json({ status: 'ok', nodeId, bus, otherServers: others, reachableServers: reachable })
	);
});
