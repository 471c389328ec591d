import { error } from '@sveltejs/kit';
import { AppError } from '../errors.ts';

/** For a page's `load`: a refusal becomes an error page with its status and sentence, not "something went wrong". */
export async function refusalsAsPages<T>(requestId: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof AppError && cause.status < 500)
			error(cause.status, { message: cause.message, requestId });
		throw cause;
	}
}
