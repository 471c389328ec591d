import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TotpSetupView } from '#lib/domain/views.ts';
import { decodeBase32, totpCode } from '#lib/server/auth/totp.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { PASSWORD, signedIn } from './people.ts';

interface Attempt {
	email: string;
	password?: string;
	code?: string;
	/** What the client claims of its address. */
	forwardedFor?: string;
	client?: ApiClient;
}

const attempt = (
	web: WebServer,
	{ email, password = 'a wrong guess', code, forwardedFor, client }: Attempt
) =>
	(client ?? new ApiClient(web.origin)).send<{ error?: { code: string; message: string } }>(
		'POST',
		'/api/auth/login',
		{ email, password, ...(code === undefined ? {} : { code }) },
		forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
	);

const addressesOf = async (web: WebServer, action: string) =>
	(
		await query<{ ip: string | null }>(
			web.databaseUrl,
			'SELECT ip FROM "AuditLog" WHERE action = $1 ORDER BY at',
			[action]
		)
	).map(({ ip }) => ip);

const codeOf = (secret: string) => totpCode(decodeBase32(secret), BigInt(Math.floor(Date.now() / 30_000)));

describe('X4: an address that nobody has', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer();
		await signedIn(web, 'known@example.test');
	});
	afterAll(() => web.stop());

	it('answers as a wrong password does: status, words, headers and time', async () => {
		const times: Record<string, number[]> = { 'known@example.test': [], 'unknown@example.test': [] };
		const answers = new Set<string>();
		for (let i = 0; i < 100; i++)
			for (const email of Object.keys(times)) {
				const startedAt = performance.now();
				const { status, headers, body } = await attempt(web, { email });
				times[email]?.push(performance.now() - startedAt);
				const names = [...headers.keys()].filter((name) => name !== 'date');
				answers.add(JSON.stringify([status, body.error?.code, body.error?.message, names]));
			}
		expect([...answers]).toHaveLength(1);
		const [known = 0, unknown = 0] = Object.values(times).map(undisturbed);
		// The work is one password hash on both sides; a short cut would be many times faster.
		expect(Math.abs(known - unknown)).toBeLessThan(0.35 * Math.max(known, unknown));
	});
});

describe('X5: guessing passwords', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer({
			QUINTET_LOGINS_PER_MINUTE: '5',
			ADDRESS_HEADER: 'x-forwarded-for',
			XFF_DEPTH: '1'
		});
	});
	afterAll(() => web.stop());

	it('is bounded per address and account, with the time to wait, and for that account alone', async () => {
		const forwardedFor = '192.0.2.1';
		const statuses: number[] = [];
		for (let i = 0; i < 50; i++)
			statuses.push((await attempt(web, { email: 'victim@example.test', forwardedFor })).status);
		expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
		expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
		const refused = await attempt(web, { email: 'victim@example.test', forwardedFor });
		expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
		expect((await attempt(web, { email: 'another@example.test', forwardedFor })).status).toBe(401);
	});

	it('from everywhere at once does not lock the owner out: a known device and the second factor get in', async () => {
		const email = 'owner@example.test';
		const owner = new ApiClient(web.origin);
		const from = { 'x-forwarded-for': '198.51.100.7' };
		await owner.send('POST', '/api/auth/register', { email, password: PASSWORD, name: 'Owner' }, from);
		await owner.confirm();
		const { secret } = (await owner.send<TotpSetupView>('POST', '/api/auth/totp')).body;
		await owner.send('POST', '/api/auth/totp/confirm', { code: codeOf(secret) });
		const forgetUsedCodes = () =>
			query(web.databaseUrl, `UPDATE "User" SET "totpLastStep" = 0 WHERE email = $1`, [email]);

		const statuses: number[] = [];
		for (let i = 0; i < 50; i++)
			statuses.push((await attempt(web, { email, forwardedFor: `203.0.113.${i}` })).status);
		expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
		expect(new Set(statuses.slice(30))).toEqual(new Set([429]));

		// A stranger with the right password and no code learns nothing from it.
		expect((await attempt(web, { email, password: PASSWORD, forwardedFor: '203.0.113.99' })).status).toBe(
			429
		);
		const wrongCode = { email, password: PASSWORD, code: '000000', forwardedFor: '203.0.113.98' };
		expect((await attempt(web, wrongCode)).status).toBe(429);

		await forgetUsedCodes();
		const known = { email, password: PASSWORD, code: codeOf(secret), client: owner };
		expect((await attempt(web, { ...known, forwardedFor: '198.51.100.7' })).status).toBe(200);
		await forgetUsedCodes();
		const newDevice = { email, password: PASSWORD, code: codeOf(secret), forwardedFor: '198.51.100.8' };
		expect((await attempt(web, newDevice)).status).toBe(200);
	});

	it.each([
		['short', 'at least 10'],
		['Password123', 'Many people'],
		['QWERTYUIOP', 'Many people'],
		['1234567890', 'Many people'],
		['common@example.test', 'must not be the e-mail address'],
		['x'.repeat(201), 'longer than 200']
	])('begins with passwords nobody may choose: %s', async (password, sentence) => {
		const refusal = await new ApiClient(web.origin).refusal('POST', '/api/auth/register', {
			email: 'common@example.test',
			password,
			name: 'Common'
		});
		expect(refusal).toMatchObject({ status: 400, code: 'VALIDATION' });
		expect(refusal.error?.fields?.['password']).toContain(sentence);
	});
});

describe('X22: a client that claims another address', () => {
	it('changes nothing when no proxy is configured', async () => {
		const web = await startWebServer({ QUINTET_LOGINS_PER_MINUTE: '5' });
		try {
			const statuses: number[] = [];
			for (let i = 0; i < 8; i++)
				statuses.push(
					(await attempt(web, { email: 'spoof@example.test', forwardedFor: `203.0.113.${i}` })).status
				);
			expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
			expect(new Set(await addressesOf(web, 'user.login_failed'))).toEqual(new Set(['127.0.0.1']));
		} finally {
			await web.stop();
		}
	});

	it('counts only what the own proxy says, when one is configured', async () => {
		const web = await startWebServer({ ADDRESS_HEADER: 'x-forwarded-for', XFF_DEPTH: '1' });
		try {
			await attempt(web, { email: 'a@example.test', forwardedFor: '6.6.6.6, 192.0.2.44' });
			// Past the proxy: no address is known, and none is believed.
			await attempt(web, { email: 'a@example.test' });
			expect(await addressesOf(web, 'user.login_failed')).toEqual(['192.0.2.44', null]);
		} finally {
			await web.stop();
		}
	});
});

/** What the work itself takes: one in ten comes through while the machine does nothing else. */
const undisturbed = (values: number[]): number =>
	values.sort((a, b) => a - b)[Math.floor(values.length / 10)] ?? 0;
