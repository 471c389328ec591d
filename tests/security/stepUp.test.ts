import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { arrangeScene } from '../support/scene.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { PASSWORD, signedIn, signInAgain } from './people.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer({ QUINTET_STARTS_PER_MINUTE: '1000' });
	await signedIn(web, 'operator@example.test');
});
afterAll(() => web.stop());

const NEEDED = { status: 403, code: 'STEP_UP_REQUIRED' };

/** As if the newest confirmation of everybody were older by this much. */
const later = (interval: string) =>
	query(web.databaseUrl, `UPDATE "Session" SET "confirmedAt" = "confirmedAt" - $1::interval`, [interval]);

const commands = async () =>
	(await query<{ kind: string }>(web.databaseUrl, 'SELECT kind FROM "EaCommand"')).map(({ kind }) => kind);

describe('X1: Start on a real account', () => {
	it('asks once per session, and nothing is sent before; Pause and Stop never ask', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		await query(web.databaseUrl, `UPDATE "Mt5Account" SET kind = 'REAL' WHERE id = $1`, [accounts[0]?.id]);
		agent.answerEverything();
		const before = await commands();
		expect(await trader.refusal('POST', '/api/user/ea/command', { command: 'start_ea' })).toMatchObject(
			NEEDED
		);
		expect(await commands()).toEqual(before);
		expect(agent.framesOf('command')).toEqual([]);

		expect((await trader.command('pause_ea')).status).toBe(200);
		expect((await trader.command('stop_ea')).status).toBe(200);
		expect((await trader.command('stop_ea', { closePositions: true })).status).toBe(200);
		// A demo account alone needs no question.
		expect((await trader.command('start_ea', { accountIds: [accounts[1]?.id] })).status).toBe(200);

		expect(await trader.refusal('POST', '/api/auth/step-up', { password: 'not this one' })).toMatchObject({
			status: 403,
			code: 'NOT_CONFIRMED',
			error: { fields: { password: expect.any(String) } }
		});
		expect(await trader.refusal('POST', '/api/user/ea/command', { command: 'start_ea' })).toMatchObject(
			NEEDED
		);
		// Nor is the question had away with by calling the account a demo one.
		expect(
			await trader.refusal('PATCH', `/api/user/mt5-accounts/${accounts[0]?.id}`, { kind: 'DEMO' })
		).toMatchObject(NEEDED);

		await trader.confirm();
		expect((await trader.command('start_ea')).status).toBe(200);
		// The first one of a session asks; long after the ten minutes the next one does not.
		await later('3 hours');
		expect((await trader.command('start_ea')).status).toBe(200);
		agent.drop();
	});

	it('asks anew in another session of the same trader', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		agent.answerEverything();
		await query(web.databaseUrl, `UPDATE "Mt5Account" SET kind = 'REAL' WHERE id = $1`, [accounts[0]?.id]);
		await trader.confirm();
		expect((await trader.command('start_ea')).status).toBe(200);
		const [{ email } = { email: '' }] = await query<{ email: string }>(
			web.databaseUrl,
			`SELECT u.email FROM "User" u JOIN "Mt5Account" a ON a."userId" = u.id WHERE a.id = $1`,
			[accounts[0]?.id]
		);
		const other = await signInAgain(web, email);
		expect(await other.refusal('POST', '/api/user/ea/command', { command: 'start_ea' })).toMatchObject(
			NEEDED
		);
		expect((await other.command('stop_ea')).status).toBe(200);
		agent.drop();
	});
});

describe('X1: what needs the password within the last ten minutes', () => {
	it('an account’s password', async () => {
		const trader = await signedIn(web, 'credential@example.test');
		const { id } = await trader.addAccount('9001');
		const path = `/api/user/mt5-accounts/${id}`;
		const changes = () =>
			query(
				web.databaseUrl,
				`SELECT id FROM "AuditLog" WHERE "targetId" = $1 AND detail->'fields' ? 'password'`,
				[id]
			);
		expect(await trader.refusal('PATCH', path, { password: 'another' })).toMatchObject(NEEDED);
		expect(await changes()).toHaveLength(0);
		expect((await trader.send('PATCH', path, { name: 'No question for a name' })).status).toBe(200);
		await trader.confirm();
		expect((await trader.send('PATCH', path, { password: 'another' })).status).toBe(200);
		expect(await changes()).toHaveLength(1);
		await later('10 minutes 1 second');
		expect(await trader.refusal('PATCH', path, { password: 'third' })).toMatchObject(NEEDED);
	});

	it('a join code for an agent, and its approval', async () => {
		const operator = await signInAgain(web, 'operator@example.test');
		expect(await operator.refusal('POST', '/api/agents/join-codes')).toMatchObject(NEEDED);
		const approve = `/api/agents/00000000-0000-4000-8000-000000000000/approve`;
		expect(await operator.refusal('POST', approve, { fingerprint: 'x' })).toMatchObject(NEEDED);
		await operator.confirm();
		expect((await operator.send('POST', '/api/agents/join-codes')).status).toBe(201);
		await later('11 minutes');
		expect(await operator.refusal('POST', '/api/agents/join-codes')).toMatchObject(NEEDED);
	});

	it('everything about the second factor', async () => {
		const trader = await signedIn(web, 'factor@example.test');
		for (const [method, path, body] of [
			['POST', '/api/auth/totp', undefined],
			['POST', '/api/auth/totp/confirm', { code: '123456' }],
			['DELETE', '/api/auth/totp', undefined],
			['POST', '/api/auth/totp/recovery-codes', undefined]
		] as const)
			expect(await trader.refusal(method, path, body), path).toMatchObject(NEEDED);
	});
});

it('X5: the question is asked as often as the limit lets, and bounds nobody else', async () => {
	const limited = await startWebServer({ QUINTET_LOGINS_PER_MINUTE: '5' });
	try {
		const trader = await signedIn(limited, 'often@example.test');
		const guess = () => trader.send('POST', '/api/auth/step-up', { password: 'guess' });
		const statuses: number[] = [];
		for (let i = 0; i < 7; i++) statuses.push((await guess()).status);
		expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429]);
		const other = await signedIn(limited, 'other@example.test');
		await other.confirm(PASSWORD);
		// The limit on questions stops nothing.
		expect((await trader.get('/api/user/mt5-accounts')).status).toBe(200);
	} finally {
		await limited.stop();
	}
});
