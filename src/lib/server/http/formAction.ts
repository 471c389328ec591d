/** Form actions refuse with the same sentences as the JSON API, beside the form that was sent. */
import { fail, type ActionFailure } from '@sveltejs/kit';
import { AppError } from '../errors.ts';

export interface FormRefusal {
	message: string;
	fields?: Record<string, string>;
	email?: string;
	name?: string;
}

/** @param typed what to put back into the form; never a password */
export function refuseForm(
	error: unknown,
	typed: { email?: string; name?: string }
): ActionFailure<FormRefusal> {
	if (!(error instanceof AppError)) throw error;
	const { status, message, fields } = error;
	return fail(status, { message, ...(fields ? { fields } : {}), ...typed });
}

export const textField = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};
