import type { OpenApi } from '#lib/domain/openApi.ts';

export const load = async ({ fetch }) => {
	const answer = await fetch('/api/openapi.json');
	return { document: (await answer.json()) as OpenApi };
};
