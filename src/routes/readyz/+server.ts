import { json } from '@sveltejs/kit';
import { refusing } from '#lib/server/http/api.ts';
import { readiness } from '#lib/server/monitoring/readiness.ts';

/** For load balancers and monitors: 200 while this server can do its work, else 503. */
export const GET = refusing(async (event) => {
	const state = await readiness(event.locals.app);
	return json(state, {
		status: state.status === 'ready' ? 200 : 503,
		headers: { 'cache-control': 'no-store' }
	});
});
