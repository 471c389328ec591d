import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecondFactorView, TotpSetupView } from '#lib/domain/views.ts';
import { decodeBase32, totpCode } from '#lib/server/auth/totp.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { PASSWORD, signedIn, signInAgain } from './people.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const codeOf = (secret: string, stepsFromNow = 0) =>
	totpCode(decodeBase32(secret), BigInt(Math.floor(Date.now() / 30_000) + stepsFromNow));

/** The server takes a code once; the clock of the test goes on by forgetting which one was used. */
const forgetUsedCodes = (email: string) =>
	query(web.databaseUrl, `UPDATE "User" SET "totpLastStep" = 0 WHERE email = $1`, [email]);

interface WithFactor {
	client: ApiClient;
	secret: string;
	recoveryCodes: string[];
}

async function withSecondFactor(email: string): Promise<WithFactor> {
	const client = await signedIn(web, email);
	await client.confirm();
	const { secret } = (await client.send<TotpSetupView>('POST', '/api/auth/totp')).body;
	const answer = await client.send<{ recoveryCodes: string[] }>('POST', '/api/auth/totp/confirm', {
		code: codeOf(secret)
	});
	expect(answer.status).toBe(200);
	await forgetUsedCodes(email);
	return { client, secret, recoveryCodes: answer.body.recoveryCodes };
}

async function firstStep(email: string): Promise<ApiClient> {
	const client = new ApiClient(web.origin);
	const answer = await client.send('POST', '/api/auth/login', { email, password: PASSWORD });
	expect(answer).toMatchObject({ status: 200, body: { isSecondFactorRequired: true } });
	return client;
}
const secondStep = (client: ApiClient, code: string) =>
	client.send<{ error?: { code: string } }>('POST', '/api/auth/login/second-factor', { code });

describe('S1, X5: the second factor', () => {
	it('is set up with a QR code and a code of the app; the secret and the recovery codes are not readable at rest', async () => {
		const email = 'setup@example.test';
		const client = await signedIn(web, email);
		expect(await client.refusal('POST', '/api/auth/totp')).toMatchObject({ code: 'STEP_UP_REQUIRED' });
		await client.confirm();
		const { body: setup } = await client.send<TotpSetupView>('POST', '/api/auth/totp');
		expect(setup.uri).toContain(`secret=${setup.secret}`);
		expect(setup.qr.path).toMatch(/^(M\d+ \d+h1v1h-1z)+$/);
		// Nothing is on before a code proved that the app has the secret.
		expect((await client.get<SecondFactorView>('/api/auth/totp')).body.isOn).toBe(false);
		expect(await client.refusal('POST', '/api/auth/totp/confirm', { code: '000000' })).toMatchObject({
			status: 401,
			code: 'WRONG_CODE'
		});
		const { body } = await client.send<{ recoveryCodes: string[] }>('POST', '/api/auth/totp/confirm', {
			code: codeOf(setup.secret)
		});
		expect(new Set(body.recoveryCodes).size).toBe(10);
		for (const code of body.recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
		expect((await client.get<SecondFactorView>('/api/auth/totp')).body).toMatchObject({
			isOn: true,
			recoveryCodesLeft: 10
		});
		const rows = JSON.stringify([
			await query(web.databaseUrl, 'SELECT * FROM "User"'),
			await query(web.databaseUrl, 'SELECT * FROM "RecoveryCode"'),
			await query(web.databaseUrl, 'SELECT * FROM "AuditLog"')
		]);
		for (const secret of [
			setup.secret,
			...body.recoveryCodes,
			...body.recoveryCodes.map((c) => c.replaceAll('-', ''))
		])
			expect(rows).not.toContain(secret);
	});

	it('is bound to its user: a sealed secret moved to another row opens nothing', async () => {
		const mine = await withSecondFactor('bound-a@example.test');
		await withSecondFactor('bound-b@example.test');
		await query(
			web.databaseUrl,
			`UPDATE "User" b SET "totpSecret" = a."totpSecret" FROM "User" a
			 WHERE a.email = 'bound-a@example.test' AND b.email = 'bound-b@example.test'`
		);
		const client = await firstStep('bound-b@example.test');
		const answer = await secondStep(client, codeOf(mine.secret));
		expect(answer.status).toBeGreaterThanOrEqual(400);
		expect(client.cookie).toBe('');
	});

	it('gives the session a new token and ends the other sessions, when it is switched on and off', async () => {
		const email = 'privilege@example.test';
		const here = await signedIn(web, email);
		const other = await signInAgain(web, email);
		await here.confirm();
		const { secret } = (await here.send<TotpSetupView>('POST', '/api/auth/totp')).body;
		const before = here.cookie;
		const stream = await EventReader.open(here);
		await here.send('POST', '/api/auth/totp/confirm', { code: codeOf(secret) });
		expect(here.cookie).not.toBe(before);
		expect((await here.get('/api/auth/sessions')).status).toBe(200);
		expect((await other.get('/api/auth/sessions')).status).toBe(401);
		expect(stream.isOpen).toBe(true);
		stream.close();

		const between = here.cookie;
		expect((await here.send('DELETE', '/api/auth/totp')).status).toBe(204);
		expect(here.cookie).not.toBe(between);
		expect((await here.get<SecondFactorView>('/api/auth/totp')).body).toEqual({
			isOn: false,
			since: null,
			recoveryCodesLeft: 0
		});
		expect(await here.refusal('DELETE', '/api/auth/totp')).toMatchObject({
			status: 409,
			code: 'SECOND_FACTOR_STATE'
		});
	});

	it('is asked for as a second step, and the password alone signs nobody in', async () => {
		const email = 'steps@example.test';
		const { secret } = await withSecondFactor(email);
		const client = await firstStep(email);
		expect(client.cookie).toBe('');
		expect((await client.get('/api/auth/sessions')).status).toBe(401);
		expect((await secondStep(client, '12345')).status).toBe(401);
		expect(await secondStep(client, codeOf(secret))).toMatchObject({
			status: 200,
			body: { user: { email } }
		});
		expect((await client.get('/api/auth/sessions')).status).toBe(200);
		// The first step is used up with it.
		expect(await secondStep(client, codeOf(secret, 1))).toMatchObject({
			body: { error: { code: 'SIGN_IN_EXPIRED' } }
		});
	});

	it('takes a code once, also when it comes twenty times at the same moment', async () => {
		const email = 'replay@example.test';
		const { secret } = await withSecondFactor(email);
		const clients = await Promise.all(Array.from({ length: 20 }, () => firstStep(email)));
		const code = codeOf(secret);
		const answers = await Promise.all(clients.map((client) => secondStep(client, code)));
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		for (const { status, body } of answers) if (status !== 200) expect(body.error?.code).toBe('WRONG_CODE');
		// Nor an older one after a newer one.
		const late = await firstStep(email);
		expect((await secondStep(late, codeOf(secret, -1))).status).toBe(401);
	});

	it('takes each recovery code once, and new ones replace all old ones', async () => {
		const email = 'recovery@example.test';
		const { client, recoveryCodes } = await withSecondFactor(email);
		const [first = '', second = ''] = recoveryCodes;
		expect((await secondStep(await firstStep(email), first.toLowerCase().replaceAll('-', ' '))).status).toBe(
			200
		);
		expect((await secondStep(await firstStep(email), first)).status).toBe(401);
		expect((await client.get<SecondFactorView>('/api/auth/totp')).body.recoveryCodesLeft).toBe(9);
		await client.confirm();
		const renewed = await client.send<{ recoveryCodes: string[] }>('POST', '/api/auth/totp/recovery-codes');
		expect(renewed.body.recoveryCodes).toHaveLength(10);
		expect((await secondStep(await firstStep(email), second)).status).toBe(401);
		expect((await secondStep(await firstStep(email), renewed.body.recoveryCodes[0] ?? '')).status).toBe(200);
	});

	it('does not take a code of somebody else', async () => {
		const { secret, recoveryCodes } = await withSecondFactor('else-a@example.test');
		await withSecondFactor('else-b@example.test');
		for (const code of [codeOf(secret), recoveryCodes[0] ?? ''])
			expect((await secondStep(await firstStep('else-b@example.test'), code)).status).toBe(401);
	});

	it('ends the sign-in after five wrong codes, and after five minutes', async () => {
		const email = 'guess@example.test';
		const { secret } = await withSecondFactor(email);
		const guesser = await firstStep(email);
		for (let i = 0; i < 5; i++)
			expect((await secondStep(guesser, '000000')).body.error?.code).toBe('WRONG_CODE');
		expect((await secondStep(guesser, codeOf(secret))).body.error?.code).toBe('SIGN_IN_EXPIRED');
		const slow = await firstStep(email);
		await query(web.databaseUrl, `UPDATE "PendingSignIn" SET "expiresAt" = now() - interval '1 second'`);
		expect((await secondStep(slow, codeOf(secret))).body.error?.code).toBe('SIGN_IN_EXPIRED');
	});

	it('may come along with the password', async () => {
		const email = 'along@example.test';
		const { secret } = await withSecondFactor(email);
		const client = new ApiClient(web.origin);
		const login = (code: string, password = PASSWORD) =>
			client.send<{ error?: { code: string } }>('POST', '/api/auth/login', { email, password, code });
		expect((await login('000000')).body.error?.code).toBe('WRONG_CODE');
		// A wrong password says so whatever the code is, and spends no code.
		expect((await login(codeOf(secret), 'not this one')).body.error?.code).toBe('INVALID_CREDENTIALS');
		expect((await login(codeOf(secret))).status).toBe(200);
	});

	it('is asked for as often as the limit lets', async () => {
		const limited = await startWebServer({ QUINTET_LOGINS_PER_MINUTE: '5' });
		try {
			const client = await signedIn(limited, 'limit@example.test');
			await client.confirm();
			const statuses: number[] = [];
			await client.send('POST', '/api/auth/totp');
			for (let i = 0; i < 7; i++)
				statuses.push((await client.send('POST', '/api/auth/totp/confirm', { code: '000000' })).status);
			expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
		} finally {
			await limited.stop();
		}
	});
});
