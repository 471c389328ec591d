import { redirect, type Actions } from '@sveltejs/kit';
import { secondFactorSchema } from '#lib/server/auth/credentials.ts';
import { isInSecondStep } from '#lib/server/auth/secondStep.ts';
import { giveSecondFactor } from '#lib/server/auth/signIn.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readForm, refuseForm, textField } from '#lib/server/http/formAction.ts';
import { localTarget } from '#lib/server/http/localTarget.ts';
import { parseInput } from '#lib/server/http/readJson.ts';

export const load = ({ locals, cookies }) => {
	if (locals.user) redirect(303, '/dashboard');
	if (!isInSecondStep(locals.app, cookies)) redirect(303, '/login');
};

export const actions: Actions = {
	default: async (event) => {
		const form = await readForm(event.request);
		try {
			const { code } = parseInput({ code: textField(form, 'code') }, secondFactorSchema);
			await giveSecondFactor(event.locals.app, code, originOf(event), event.cookies);
		} catch (error) {
			return refuseForm(error, {});
		}
		redirect(303, localTarget(event.url.searchParams.get('next')));
	}
};
