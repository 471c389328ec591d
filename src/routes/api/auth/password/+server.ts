import { endedSessionsSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { changePassword } from '#lib/server/auth/changePassword.ts';
import { passwordChangeSchema } from '#lib/server/auth/credentials.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Change the password',
		details: 'All other sessions end.',
		body: passwordChangeSchema,
		answer: endedSessionsSchema,
		refusals: ['NOT_CONFIRMED']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const input = await readBody();
		return json(await changePassword(event.locals.app, caller, input, event.cookies));
	}
);
