import { createHash, timingSafeEqual } from 'node:crypto';
import { refusing } from '#lib/server/http/api.ts';
import { notFound } from '#lib/server/errors.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** For Prometheus, with the bearer token of QUINTET_METRICS_TOKEN; without that setting, or with another, 404. */
export const GET = refusing(async (event) => {
	const { config, meters } = event.locals.app;
	const given = event.request.headers.get('authorization') ?? '';
	if (
		config.metricsToken === undefined ||
		!timingSafeEqual(digest(given), digest(`Bearer ${config.metricsToken}`))
	)
		throw notFound('This page');
	return new Response(await meters.text(), {
		headers: { 'content-type': meters.contentType, 'cache-control': 'no-store' }
	});
});
