import { redirect } from '@sveltejs/kit';
import { readAggregate } from '#lib/server/analytics/analytics.ts';
import { readCurrency } from '#lib/server/currency/totalCurrency.ts';
import { refusalsAsPages } from '#lib/server/http/pageLoad.ts';

export const load = async ({ locals, url, depends }) => {
	depends('app:currency');
	const { app, user, requestId } = locals;
	if (!user) redirect(303, '/login');
	const [analytics, currency] = await Promise.all([
		refusalsAsPages(requestId, () => readAggregate(app, user.id, url.searchParams)),
		readCurrency(app, user.id)
	]);
	return { analytics, currency };
};
