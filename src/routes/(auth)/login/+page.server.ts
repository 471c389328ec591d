import { redirect, type Actions } from '@sveltejs/kit';
import { loginSchema } from '#lib/server/auth/credentials.ts';
import { checkCredentials } from '#lib/server/auth/signIn.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { refuseForm, textField } from '#lib/server/http/formAction.ts';
import { localTarget } from '#lib/server/http/localTarget.ts';
import { parseInput } from '#lib/server/http/readJson.ts';

export const load = ({ locals }) => {
	if (locals.user) redirect(303, '/dashboard');
	return { isRegistrationOpen: locals.app.config.isRegistrationOpen };
};

export const actions: Actions = {
	default: async (event) => {
		const { app } = event.locals;
		const form = await event.request.formData();
		const typed = { email: textField(form, 'email') };
		try {
			const input = parseInput({ ...typed, password: textField(form, 'password') }, loginSchema);
			const origin = originOf(event);
			const user = await checkCredentials(app, input, origin);
			await app.sessions.create(user.id, origin, event.cookies);
		} catch (error) {
			return refuseForm(error, typed);
		}
		redirect(303, localTarget(event.url.searchParams.get('next')));
	}
};
