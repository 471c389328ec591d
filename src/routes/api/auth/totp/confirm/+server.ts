import { recoveryCodesSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { secondFactorSchema } from '#lib/server/auth/credentials.ts';
import { enableTotp } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Switch the second factor on, and get the recovery codes',
		body: secondFactorSchema,
		answer: recoveryCodesSchema,
		refusals: ['STEP_UP_REQUIRED', 'SECOND_FACTOR_STATE', 'WRONG_CODE']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const { code } = await readBody();
		return json(await enableTotp(event.locals.app, caller, code, event.cookies), {
			headers: { 'cache-control': 'no-store' }
		});
	}
);
