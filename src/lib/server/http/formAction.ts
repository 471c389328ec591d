/** Form actions refuse with the same sentences as the JSON API, beside the form that was sent. */
import { error, fail, type ActionFailure } from '@sveltejs/kit';
import { MAX_BODY_BYTES } from '#lib/domain/limits.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { readBytes } from './readJson.ts';

/** Forms hold names and passwords; as multipart they are longer than as JSON. */
const MOST_FORM_BYTES = 2 * MAX_BODY_BYTES;

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

/**
 * The fields of a form; a body that is no form has none, and is refused for what is missing.
 * @throws HttpError 413
 */
export async function readForm(request: Request): Promise<FormData> {
	const bytes = await readBytes(request, MOST_FORM_BYTES).catch((cause: unknown) => {
		if (cause instanceof AppError) error(cause.status, { message: cause.message });
		throw cause;
	});
	const type = request.headers.get('content-type');
	try {
		return await new Response(bytes, type === null ? {} : { headers: { 'content-type': type } }).formData();
	} catch (cause) {
		if (cause instanceof TypeError) return new FormData();
		throw cause;
	}
}

export const textField = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};
