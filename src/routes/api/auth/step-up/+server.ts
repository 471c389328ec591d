import { confirmIdentity } from '#lib/server/auth/confirmIdentity.ts';
import { confirmationSchema } from '#lib/server/auth/credentials.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Give password or code once more, for what answered STEP_UP_REQUIRED',
		body: confirmationSchema,
		answer: null,
		refusals: ['NOT_CONFIRMED']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		await confirmIdentity(event.locals.app, caller, await readBody());
		return new Response(null, { status: 204 });
	}
);
