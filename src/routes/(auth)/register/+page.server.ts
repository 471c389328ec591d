import { redirect, type Actions } from '@sveltejs/kit';
import { registerSchema } from '#lib/server/auth/credentials.ts';
import { rememberDevice } from '#lib/server/auth/knownDevice.ts';
import { registerUser } from '#lib/server/auth/registerUser.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readForm, refuseForm, textField } from '#lib/server/http/formAction.ts';
import { parseInput } from '#lib/server/http/readJson.ts';

export const load = ({ locals }) => {
	if (locals.user) redirect(303, '/dashboard');
	return { isRegistrationOpen: locals.app.config.isRegistrationOpen };
};

export const actions: Actions = {
	default: async (event) => {
		const { app } = event.locals;
		const form = await readForm(event.request);
		const typed = { email: textField(form, 'email'), name: textField(form, 'name') };
		const origin = originOf(event);
		try {
			await app.limits.register.consume(origin.ip ?? 'unknown');
			const input = parseInput({ ...typed, password: textField(form, 'password') }, registerSchema);
			const user = await registerUser(app, input, origin);
			await app.sessions.create(user.id, origin, event.cookies);
			rememberDevice(app, user.id, event.cookies);
		} catch (error) {
			return refuseForm(error, typed);
		}
		redirect(303, '/dashboard');
	}
};
