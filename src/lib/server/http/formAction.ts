/** Form actions refuse with the same sentences as the JSON API, beside the form that was sent. */
import { fail, type ActionFailure } from '@sveltejs/kit';
import { AppError, type ErrorCode } from '../errors.ts';

export interface FormRefusal {
	code: ErrorCode;
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
	const { status, code, message, fields } = error;
	return fail(status, { code, message, ...(fields ? { fields } : {}), ...typed });
}

/** The fields of a form; a body that is no form has none, and is refused for what is missing. */
export async function readForm(request: Request): Promise<FormData> {
	try {
		return await request.formData();
	} catch (error) {
		if (error instanceof TypeError) return new FormData();
		throw error;
	}
}

export const textField = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};
