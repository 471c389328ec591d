import { redirect } from '@sveltejs/kit';
import { dealPage } from '#lib/server/analytics/dealRequests.ts';
import { refusalsAsPages } from '#lib/server/http/pageLoad.ts';

export const load = async ({ locals, url }) => {
	const { app, user, requestId } = locals;
	if (!user) redirect(303, '/login');
	return { deals: await refusalsAsPages(requestId, () => dealPage(app, user.id, url.searchParams)) };
};
