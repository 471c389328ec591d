import { deleteExpert } from '#lib/server/experts/deleteExpert.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const DELETE = api(
	{
		tag: 'Experts',
		summary: 'Delete a version that no account is to run',
		answer: null,
		refusals: ['EXPERT_IN_USE']
	},
	async (event) => {
		const expertId = idParam(event.params['expertId'], 'The EA');
		await deleteExpert(event.locals.app, requireCaller(event), expertId);
		return new Response(null, { status: 204 });
	}
);
