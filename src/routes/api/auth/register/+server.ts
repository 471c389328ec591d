import { signedInSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { registerSchema } from '#lib/server/auth/credentials.ts';
import { rememberDevice } from '#lib/server/auth/knownDevice.ts';
import { registerUser } from '#lib/server/auth/registerUser.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Register',
		details: 'Sets the session’s cookie.',
		body: registerSchema,
		answer: signedInSchema,
		status: 201,
		refusals: ['EMAIL_TAKEN', 'REGISTRATION_CLOSED']
	},
	async (event, readBody) => {
		const { app } = event.locals;
		const origin = originOf(event);
		await app.limits.register.consume(origin.ip ?? 'unknown');
		const user = await registerUser(app, await readBody(), origin);
		await app.sessions.create(user.id, origin, event.cookies);
		rememberDevice(app, user.id, event.cookies);
		return json({ user }, { status: 201 });
	}
);
