import { afterEach, describe, expect, it, vi } from 'vitest';
import { callApi, formMessage, newIdempotencyKey } from './api.ts';

const answerWith = (answer: () => Promise<Response>) => vi.stubGlobal('fetch', vi.fn(answer));
afterEach(() => vi.unstubAllGlobals());

describe('callApi', () => {
	it('gives the body of an answer, and none of 204', async () => {
		answerWith(async () => Response.json({ id: 'a' }));
		expect(await callApi('/x')).toEqual({ ok: true, body: { id: 'a' } });
		answerWith(async () => new Response(null, { status: 204 }));
		expect(await callApi('/x', { method: 'DELETE' })).toEqual({ ok: true, body: undefined });
	});

	it('gives the server’s reason of a refusal', async () => {
		const error = { code: 'ALGO_RUNNING', message: 'Stop it first.', requestId: 'r' };
		answerWith(async () => Response.json({ error }, { status: 409 }));
		expect(await callApi('/x')).toEqual({ ok: false, refusal: { ...error, isUnknown: false } });
	});

	it('calls it unknown when nobody answered', async () => {
		answerWith(() => Promise.reject(new TypeError('Failed to fetch')));
		expect(await callApi('/x')).toMatchObject({ ok: false, refusal: { code: 'NO_ANSWER', isUnknown: true } });
	});

	it('calls it unknown when only a gateway answered', async () => {
		answerWith(async () => new Response('<html>Bad gateway</html>', { status: 502 }));
		expect(await callApi('/x')).toMatchObject({ ok: false, refusal: { code: 'HTTP_502', isUnknown: true } });
	});
});

describe('formMessage', () => {
	it('leaves the details to the marked fields', () => {
		const refusal = { code: 'INVALID', message: 'maxLoss: no', requestId: '', isUnknown: false };
		expect(formMessage({ ...refusal, fields: { maxLoss: 'no' } })).toMatch('marked fields');
		expect(formMessage(refusal)).toBe('maxLoss: no');
	});
});

describe('newIdempotencyKey', () => {
	it('is a fresh UUID v4, also where crypto.randomUUID is missing', () => {
		const keys = [newIdempotencyKey(), newIdempotencyKey()];
		for (const key of keys)
			expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(keys[0]).not.toBe(keys[1]);
	});
});
