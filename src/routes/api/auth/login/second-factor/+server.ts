import { signedInSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { secondFactorSchema } from '#lib/server/auth/credentials.ts';
import { giveSecondFactor } from '#lib/server/auth/signIn.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Give the second factor’s code after a sign-in that asked for it',
		body: secondFactorSchema,
		answer: signedInSchema,
		refusals: ['WRONG_CODE', 'SIGN_IN_EXPIRED']
	},
	async (event, readBody) => {
		const { code } = await readBody();
		return json({ user: await giveSecondFactor(event.locals.app, code, originOf(event), event.cookies) });
	}
);
