import { redirect } from '@sveltejs/kit';
import { readAggregate } from '#lib/server/analytics/analytics.ts';
import { refusalsAsPages } from '#lib/server/http/pageLoad.ts';

export const load = async ({ locals, url }) => {
	const { app, user, requestId } = locals;
	if (!user) redirect(303, '/login');
	return { analytics: await refusalsAsPages(requestId, () => readAggregate(app, user.id, url.searchParams)) };
};
