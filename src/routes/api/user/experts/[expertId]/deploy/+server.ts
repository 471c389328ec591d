import { json } from '@sveltejs/kit';
import { expertListSchema } from '#lib/server/answers/experts.ts';
import { deployExpert } from '#lib/server/experts/deployExpert.ts';
import { deployExpertSchema } from '#lib/server/experts/expertInput.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Experts',
		summary: 'Deploy a version to accounts',
		details:
			'Their agents fetch it at once and load it with the next Start; what runs goes on as it is. A real account needs the password anew.',
		body: deployExpertSchema,
		answer: expertListSchema,
		refusals: ['STEP_UP_REQUIRED']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const expertId = idParam(event.params['expertId'], 'The EA');
		const { accountIds } = await readBody();
		return json(await deployExpert(event.locals.app, caller, expertId, accountIds));
	}
);
