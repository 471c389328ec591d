import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionView } from '#lib/domain/views.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { PASSWORD, signedIn } from './people.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const status = async (client: ApiClient) => (await client.get('/api/user/mt5-accounts')).status;
const sessionsOf = async (client: ApiClient) =>
	(await client.get<{ sessions: SessionView[] }>('/api/auth/sessions')).body.sessions;
/** Moves the times of all sessions of one user into the past, as if the clock had gone on. */
const goOn = (email: string, column: 'createdAt' | 'lastUsedAt', interval: string) =>
	query(
		web.databaseUrl,
		`UPDATE "Session" s SET "${column}" = s."${column}" - $2::interval, "expiresAt" = s."expiresAt" - $3::interval
		 FROM "User" u WHERE u.id = s."userId" AND u.email = $1`,
		[email, interval, column === 'lastUsedAt' ? interval : '0']
	);

describe('X1: the session cookie', () => {
	it('is HttpOnly and SameSite=Strict, with a plain name on http', async () => {
		const client = new ApiClient(web.origin);
		await client.register('cookie@example.test');
		const answer = await client.send('POST', '/api/auth/login', {
			email: 'Cookie@Example.test',
			password: PASSWORD
		});
		const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('quintet_session='));
		expect(cookie).toMatch(/; HttpOnly/i);
		expect(cookie).toMatch(/; SameSite=Strict/i);
		expect(cookie).toMatch(/; Path=\//i);
		expect(cookie).not.toMatch(/; Secure|; Domain/i);
	});

	it('is Secure and named __Host- when the page is served over https', async () => {
		const secure = await startWebServer({ ORIGIN: 'https://quintet.example' });
		try {
			const answer = await new ApiClient(secure.origin).send('POST', '/api/auth/register', {
				email: 'host@example.test',
				password: PASSWORD,
				name: 'Host'
			});
			const lines = answer.headers.getSetCookie();
			expect(lines.map((line) => line.split('=')[0]).sort()).toEqual([
				'__Host-quintet_device',
				'__Host-quintet_session'
			]);
			for (const line of lines) {
				expect(line).toMatch(/; Secure/i);
				expect(line).toMatch(/; HttpOnly/i);
				expect(line).toMatch(/; SameSite=Strict/i);
				expect(line).toMatch(/; Path=\//i);
				expect(line).not.toMatch(/; Domain/i);
			}
			expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
		} finally {
			await secure.stop();
		}
	});

	it('carries a token that lies nowhere in the database: no stored value signs anybody in', async () => {
		const client = await signedIn(web, 'dump@example.test');
		const token = client.cookie.split('=')[1] ?? '';
		const tables = await query<{ name: string }>(
			web.databaseUrl,
			`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
		);
		const values = new Set<string>();
		for (const { name } of tables)
			for (const { row } of await query<{ row: Record<string, unknown> }>(
				web.databaseUrl,
				`SELECT to_jsonb(t) AS row FROM "${name}" t`
			))
				for (const value of Object.values(row)) if (value !== null) values.add(String(value));
		expect(values.size).toBeGreaterThan(20);
		expect([...values].some((value) => value.includes(token))).toBe(false);
		const thief = new ApiClient(web.origin);
		for (const value of values) {
			thief.cookie = `quintet_session=${encodeURIComponent(value)}`;
			expect([value, await status(thief)]).toEqual([value, 401]);
		}
	});

	it('is worth nothing when it is malformed', async () => {
		for (const value of ['', 'x', '%E0%A4%A', 'a'.repeat(40), 'a'.repeat(4_000), '"', 'a;b', '=='])
			expect(
				(
					await fetch(`${web.origin}/api/user/mt5-accounts`, {
						headers: { connection: 'close', cookie: `quintet_session=${value}` }
					})
				).status
			).toBe(401);
	});

	it('is a new one after every sign-in, and the one before it is worth nothing', async () => {
		const client = await signedIn(web, 'rotate@example.test');
		const before = client.cookie;
		await client.send('POST', '/api/auth/login', { email: 'rotate@example.test', password: PASSWORD });
		expect(client.cookie).not.toBe(before);
		expect(await status(client)).toBe(200);
		client.cookie = before;
		expect(await status(client)).toBe(401);
	});
});

describe('X1: the end of a session', () => {
	it('comes an hour after its last use', async () => {
		const client = await signedIn(web, 'idle@example.test');
		await goOn('idle@example.test', 'lastUsedAt', '59 minutes');
		expect(await status(client)).toBe(200);
		// That use made it an hour again.
		await goOn('idle@example.test', 'lastUsedAt', '59 minutes');
		expect(await status(client)).toBe(200);
		await goOn('idle@example.test', 'lastUsedAt', '61 minutes');
		expect(await status(client)).toBe(401);
	});

	it('comes twelve hours after the sign-in, however busy it is', async () => {
		const client = await signedIn(web, 'absolute@example.test');
		await goOn('absolute@example.test', 'createdAt', '11 hours 30 minutes');
		await goOn('absolute@example.test', 'lastUsedAt', '2 minutes');
		expect(await status(client)).toBe(200);
		const [session] = await sessionsOf(client);
		const lifetimeMs = Date.parse(session?.expiresAt ?? '') - Date.parse(session?.createdAt ?? '');
		expect(lifetimeMs).toBe(12 * 3_600_000);
		await query(
			web.databaseUrl,
			`UPDATE "Session" SET "expiresAt" = "expiresAt" - interval '31 minutes' WHERE "publicId" = $1`,
			[session?.id]
		);
		expect(await status(client)).toBe(401);
	});

	it('comes with signing out, for good', async () => {
		const client = await signedIn(web, 'leaver@example.test');
		const { cookie } = client;
		expect((await client.send('POST', '/api/auth/logout')).status).toBe(204);
		client.cookie = cookie;
		expect(await status(client)).toBe(401);
	});
});

describe('X1, S1: the list of sessions', () => {
	it('says device, address and times, and which one is this; ends one, and all others', async () => {
		const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0';
		const here = await signedIn(web, 'list@example.test');
		const signInAgain = async (userAgent: string) => {
			const client = new ApiClient(web.origin);
			const body = { email: 'list@example.test', password: PASSWORD };
			expect((await client.send('POST', '/api/auth/login', body, { 'user-agent': userAgent })).status).toBe(
				200
			);
			return client;
		};
		const second = await signInAgain(firefox);
		const third = await signInAgain('curl/8.0');
		const sessions = await sessionsOf(here);
		expect(sessions.map(({ device, isCurrent }) => [device, isCurrent])).toEqual([
			[expect.any(String), true],
			['Curl', false],
			['Firefox on Windows', false]
		]);
		expect(sessions[1]?.ip).toMatch(/127\.0\.0\.1/);

		const ofSecond = sessions.find(({ device }) => device === 'Firefox on Windows')?.id ?? '';
		expect((await here.send('DELETE', `/api/auth/sessions/${ofSecond}`)).status).toBe(204);
		expect(await status(second)).toBe(401);
		expect(await status(third)).toBe(200);
		expect(await here.refusal('DELETE', `/api/auth/sessions/${ofSecond}`)).toMatchObject({ status: 404 });

		const answer = await here.send<{ endedSessions: number }>('DELETE', '/api/auth/sessions');
		expect(answer.body.endedSessions).toBeGreaterThanOrEqual(1);
		expect(await status(third)).toBe(401);
		expect(await status(here)).toBe(200);
		expect(await sessionsOf(here)).toHaveLength(1);
	});
});

describe('X1: changing the password', () => {
	it('asks for the old one, gives this session a new token, and ends all others', async () => {
		const email = 'change@example.test';
		const here = await signedIn(web, email);
		const other = new ApiClient(web.origin);
		await other.send('POST', '/api/auth/login', { email, password: PASSWORD });
		const stream = await EventReader.open(here);
		const before = here.cookie;
		const change = (currentPassword: string, newPassword: string) =>
			here.refusal('POST', '/api/auth/password', { currentPassword, newPassword });

		expect(await change('not this one', 'a quite different one')).toMatchObject({
			status: 403,
			code: 'NOT_CONFIRMED',
			error: { fields: { currentPassword: expect.any(String) } }
		});
		expect(await change(PASSWORD, 'short')).toMatchObject({ status: 400, code: 'VALIDATION' });
		expect(await change(PASSWORD, PASSWORD)).toMatchObject({ status: 400, code: 'VALIDATION' });
		expect(await change(PASSWORD, 'Password123')).toMatchObject({
			status: 400,
			error: { fields: { newPassword: expect.stringContaining('Many people') } }
		});
		expect(here.cookie).toBe(before);
		expect(await status(other)).toBe(200);

		const answer = await here.send<{ endedSessions: number }>('POST', '/api/auth/password', {
			currentPassword: PASSWORD,
			newPassword: 'a quite different one'
		});
		expect(answer).toMatchObject({ status: 200, body: { endedSessions: 1 } });
		expect(here.cookie).not.toBe(before);
		expect(await status(here)).toBe(200);
		expect(await status(other)).toBe(401);
		const old = new ApiClient(web.origin);
		old.cookie = before;
		expect(await status(old)).toBe(401);
		expect(stream.isOpen).toBe(true);
		stream.close();

		const login = (password: string) => old.send('POST', '/api/auth/login', { email, password });
		expect((await login(PASSWORD)).status).toBe(401);
		expect((await login('a quite different one')).status).toBe(200);
	});
});

describe('B6: the streams of a session end with it', () => {
	it('at once when it is revoked and when it is signed out, and the page is told', async () => {
		const email = 'stream@example.test';
		const here = await signedIn(web, email);
		const other = new ApiClient(web.origin);
		await other.send('POST', '/api/auth/login', { email, password: PASSWORD });
		const [mine, theirs] = [await EventReader.open(here), await EventReader.open(other)];
		await Promise.all([mine.next('hello'), theirs.next('hello')]);

		const revoked = (await sessionsOf(here)).filter(({ isCurrent }) => !isCurrent);
		for (const { id } of revoked) await here.send('DELETE', `/api/auth/sessions/${id}`);
		expect(await theirs.next('closed')).toEqual({ reason: 'signed_out' });
		await waitFor('the revoked stream to end', () => !theirs.isOpen);
		expect(mine.isOpen).toBe(true);

		await here.send('POST', '/api/auth/logout');
		await waitFor('the stream to end at the log-out', () => !mine.isOpen);
		expect(mine.of('closed')).toEqual([{ reason: 'signed_out' }]);
	});

	it('within a minute when the session is gone by another way', async () => {
		const client = await signedIn(web, 'expired@example.test');
		const reader = await EventReader.open(client);
		await reader.next('hello');
		await query(
			web.databaseUrl,
			`UPDATE "Session" SET "expiresAt" = now() FROM "User" u WHERE u.id = "userId" AND u.email = $1`,
			['expired@example.test']
		);
		const startedAt = performance.now();
		await waitFor('the expired stream to end', () => !reader.isOpen, { timeoutMs: 59_000 });
		expect(performance.now() - startedAt).toBeLessThan(60_000);
	}, 90_000);
});
