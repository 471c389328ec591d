import { recoveryCodesSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { renewRecoveryCodes } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'New recovery codes; the old ones are worth nothing from then on',
		answer: recoveryCodesSchema,
		refusals: ['STEP_UP_REQUIRED', 'SECOND_FACTOR_STATE']
	},
	async (event) =>
		json(await renewRecoveryCodes(event.locals.app, requireCaller(event)), {
			headers: { 'cache-control': 'no-store' }
		})
);
