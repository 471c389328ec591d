import { redirect } from '@sveltejs/kit';
import { auditPage } from '#lib/server/audit/logRequests.ts';
import { refusalsAsPages } from '#lib/server/http/pageLoad.ts';

export const load = async ({ locals, url }) => {
	const { app, user, requestId } = locals;
	if (!user) redirect(303, '/login');
	return { log: await refusalsAsPages(requestId, async () => auditPage(app, user, url.searchParams)) };
};
