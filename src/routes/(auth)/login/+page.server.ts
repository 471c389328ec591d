import { redirect, type Actions } from '@sveltejs/kit';
import { loginSchema } from '#lib/server/auth/credentials.ts';
import { signIn } from '#lib/server/auth/signIn.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readForm, refuseForm, textField } from '#lib/server/http/formAction.ts';
import { localTarget } from '#lib/server/http/localTarget.ts';
import { parseInput } from '#lib/server/http/readJson.ts';

export const load = ({ locals, url }) => {
	const next = localTarget(url.searchParams.get('next'));
	if (locals.user) redirect(303, next);
	return { next, isRegistrationOpen: locals.app.config.isRegistrationOpen };
};

export const actions: Actions = {
	default: async (event) => {
		const { app } = event.locals;
		const form = await readForm(event.request);
		const typed = { email: textField(form, 'email') };
		const code = textField(form, 'code');
		const next = localTarget(event.url.searchParams.get('next'));
		let target = next;
		try {
			const given = { ...typed, password: textField(form, 'password'), ...(code === '' ? {} : { code }) };
			const answer = await signIn(app, parseInput(given, loginSchema), originOf(event), event.cookies);
			if ('isSecondFactorRequired' in answer) target = `/login/code?next=${encodeURIComponent(next)}`;
		} catch (error) {
			return refuseForm(error, typed);
		}
		redirect(303, target);
	}
};
