import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let trader: ApiClient;

beforeAll(async () => {
	web = await startWebServer();
	trader = new ApiClient(web.origin);
	await trader.register('first@example.test');
});
afterAll(() => web.stop());

describe('S1: register', () => {
	it('makes the first user the operator and the next a trader', async () => {
		const second = new ApiClient(web.origin);
		await second.register('second@example.test');
		const rows = await query(web.databaseUrl, 'SELECT email, role FROM "User" ORDER BY "createdAt"');
		expect(rows).toEqual([
			{ email: 'first@example.test', role: 'OPERATOR' },
			{ email: 'second@example.test', role: 'TRADER' }
		]);
	});

	it('refuses an address that is registered already with 409', async () => {
		const body = { email: 'first@example.test', password: 'correct horse', name: 'Again' };
		expect(await trader.refusal('POST', '/api/auth/register', body)).toMatchObject({
			status: 409,
			code: 'EMAIL_TAKEN'
		});
	});
});

describe('the HTTP contract: bad input is a clear 4xx, never a 500', () => {
	const command = '/api/user/ea/command';
	const cases: [string, string, string, unknown, Record<string, string>, number, string][] = [
		['bad JSON', 'POST', command, '{bad', {}, 400, 'BAD_JSON'],
		['an unknown field', 'POST', command, { command: 'stop_ea', surprise: 1 }, {}, 400, 'VALIDATION'],
		['a wrong type', 'POST', command, { command: 5 }, {}, 400, 'VALIDATION'],
		['an array for an object', 'POST', command, [], {}, 400, 'VALIDATION'],
		['null', 'POST', command, 'null', {}, 400, 'VALIDATION'],
		['a prototype key', 'POST', command, '{"__proto__":{"command":"stop_ea"}}', {}, 400, 'VALIDATION'],
		['a wrong method', 'PUT', command, {}, {}, 405, 'METHOD_NOT_ALLOWED'],
		['an unknown address', 'GET', '/api/user/nothing', undefined, {}, 404, 'NOT_FOUND'],
		['a body that is too large', 'POST', command, `"${'x'.repeat(70_000)}"`, {}, 413, 'BODY_TOO_LARGE'],
		[
			'another content type',
			'POST',
			command,
			'a=1',
			{ 'content-type': 'text/plain' },
			415,
			'UNSUPPORTED_MEDIA_TYPE'
		],
		['an id that is none', 'GET', '/api/user/mt5-accounts/1;drop', undefined, {}, 404, 'NOT_FOUND'],
		['a command id that is none', 'GET', `${command}/abc`, undefined, {}, 404, 'NOT_FOUND'],
		[
			'a short idempotency key',
			'POST',
			command,
			{ command: 'stop_ea' },
			{ 'idempotency-key': 'x' },
			400,
			'VALIDATION'
		]
	];
	it.each(cases)('%s', async (_name, method, path, body, headers, status, code) => {
		const refusal = await trader.refusal(method, path, body, headers);
		expect(refusal).toMatchObject({ status, code });
		expect(refusal.error?.message.length).toBeGreaterThan(5);
		expect(refusal.error?.requestId).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('sends a stranger from a page to the login, and back to no other site', async () => {
		const stranger = new ApiClient(web.origin);
		const answer = await stranger.get('/dashboard');
		expect(answer.status).toBe(303);
		expect(answer.headers.get('location')).toBe('/login?next=%2Fdashboard');
	});
});

describe('S2: the own page', () => {
	it('lets the own page through', async () => {
		const headers = { 'sec-fetch-site': 'same-origin', origin: web.origin };
		expect(
			await trader.refusal('POST', '/api/user/ea/command', { command: 'stop_ea' }, headers)
		).toMatchObject({
			status: 409,
			code: 'NO_ENABLED_ACCOUNT'
		});
	});

	it('sends a strict content security policy without inline scripts', async () => {
		const { headers } = await trader.get('/login');
		const policy =
			(await new ApiClient(web.origin).get('/login')).headers.get('content-security-policy') ?? '';
		expect(policy).toMatch(/script-src 'self' 'nonce-[^']+'/);
		expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
		expect(headers.get('x-content-type-options')).toBe('nosniff');
	});
});
