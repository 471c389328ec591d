import { secondFactorViewSchema, totpSetupSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { disableTotp, readSecondFactor, setUpTotp } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

const NO_STORE = { headers: { 'cache-control': 'no-store' } };

export const GET = api(
	{
		tag: 'Sign-in and security',
		summary: 'Whether the second factor is on',
		answer: secondFactorViewSchema
	},
	async (event) => json(await readSecondFactor(event.locals.app, requireCaller(event).userId))
);

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Begin to set the second factor up',
		answer: totpSetupSchema,
		refusals: ['STEP_UP_REQUIRED', 'SECOND_FACTOR_STATE']
	},
	async (event) => json(await setUpTotp(event.locals.app, requireCaller(event)), NO_STORE)
);

export const DELETE = api(
	{
		tag: 'Sign-in and security',
		summary: 'Switch the second factor off',
		answer: null,
		refusals: ['STEP_UP_REQUIRED']
	},
	async (event) => {
		await disableTotp(event.locals.app, requireCaller(event), event.cookies);
		return new Response(null, { status: 204 });
	}
);
