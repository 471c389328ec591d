/** The JSON API as components call it: a refusal is an answer, no answer is a state of its own. */
import type { ErrorBody } from '#lib/domain/views.ts';

export type Refusal = ErrorBody['error'] & {
	/** The server did not answer: whether it acted is unknown. */
	isUnknown: boolean;
};
export type Answer<Body> = { ok: true; body: Body } | { ok: false; refusal: Refusal };

export interface ApiRequest {
	method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	body?: unknown;
	headers?: Record<string, string>;
}

/** What stands under a form: the fields say the details themselves. */
export function formMessage(refusal: Refusal): string {
	return refusal.fields && Object.keys(refusal.fields).length > 0
		? 'Nothing was saved: correct the marked fields.'
		: refusal.message;
}

const NO_ANSWER: Refusal = {
	code: 'NO_ANSWER',
	message: 'The server did not answer. Whether it did what you asked is unknown; check before you repeat it.',
	requestId: '',
	isUnknown: true
};

function refusalOf(body: unknown, status: number): Refusal {
	if (typeof body === 'object' && body !== null && 'error' in body) {
		const { error } = body as ErrorBody;
		if (typeof error?.message === 'string') return { ...error, isUnknown: false };
	}
	return {
		code: `HTTP_${status}`,
		message:
			status === 401
				? 'You are signed out. Log in again.'
				: `The server answered ${status} without a reason. Try again; if it lasts, ask the operator.`,
		requestId: '',
		// A gateway's 5xx says nothing about what the server behind it did.
		isUnknown: status >= 500
	};
}

export async function callApi<Body>(path: string, request: ApiRequest = {}): Promise<Answer<Body>> {
	const { method = 'GET', body, headers } = request;
	let response: Response;
	let answer: unknown;
	try {
		response = await fetch(path, {
			method,
			headers: {
				accept: 'application/json',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...headers
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
		const text = await response.text();
		answer = text === '' ? undefined : parseJson(text);
	} catch {
		return { ok: false, refusal: NO_ANSWER };
	}
	if (!response.ok) return { ok: false, refusal: refusalOf(answer, response.status) };
	return { ok: true, body: answer as Body };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** `crypto.randomUUID` exists on https and localhost only; a VPS is often reached by plain address. */
export function newIdempotencyKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
