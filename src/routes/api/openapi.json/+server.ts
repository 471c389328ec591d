import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { api } from '#lib/server/http/api.ts';
import { openApiOf, type RouteModule } from '#lib/server/http/openapi.ts';
import packageJson from '../../../../package.json' with { type: 'json' };

const files = import.meta.glob<RouteModule>('../**/+server.ts');
let modules: Promise<Record<string, RouteModule>> | undefined;

export const GET = api(
	{
		tag: 'This description',
		summary: 'What the API takes and answers, as OpenAPI 3.1',
		details: 'Made of the schemas that the routes work with.',
		answer: z.looseObject({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.unknown()) })
	},
	async (event) => {
		modules ??= allRoutes();
		return json(openApiOf(await modules, packageJson.version, event.url.origin));
	}
);

/** By route id. This file is not among what it finds. */
async function allRoutes(): Promise<Record<string, RouteModule>> {
	const found = await Promise.all(
		Object.entries(files).map(async ([file, load]): Promise<[string, RouteModule]> => [
			file.replace('..', '/api').replace('/+server.ts', ''),
			await load()
		])
	);
	return { ...Object.fromEntries(found), '/api/openapi.json': { GET } };
}
