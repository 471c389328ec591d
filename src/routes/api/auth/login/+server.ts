import { signInSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { loginSchema } from '#lib/server/auth/credentials.ts';
import { signIn } from '#lib/server/auth/signIn.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Sign in',
		details:
			'Sets the session’s cookie; or answers `isSecondFactorRequired` to those who have a second factor and did not send its code along.',
		body: loginSchema,
		answer: signInSchema,
		refusals: ['INVALID_CREDENTIALS', 'WRONG_CODE']
	},
	async (event, readBody) => {
		const input = await readBody();
		return json(await signIn(event.locals.app, input, originOf(event), event.cookies));
	}
);
