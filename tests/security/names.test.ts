/**
 * X12: what people call themselves, their accounts and machines. Nothing of it is a character of some other language:
 * no line break gets in, and pages, answers and the audit log show the rest as it was typed.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { enrolAgent } from '../support/scriptedAgent.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { PASSWORD } from './people.ts';

const NASTY = `a"b'c&d<e>f\`g\\h;i=j|k%l$(m)`;
const ESCAPED_TAG = '&lt;e';
const BREAKS = ['x\ny', 'x\r\ny', 'x\u0000y', 'x\u0085y', 'x\u2028y'];

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

async function arrange() {
	const client = new ApiClient(web.origin);
	const email = `${crypto.randomUUID()}@example.test`;
	const person = { email, password: PASSWORD, name: NASTY };
	expect((await client.send('POST', '/api/auth/register', person)).status).toBe(201);
	const account = await client.addAccount('5001', { name: NASTY, broker: NASTY });
	const enrolled = await enrolAgent(client, web.databaseUrl, { name: 'plain' });
	await query(web.databaseUrl, `UPDATE "User" SET role = 'OPERATOR' WHERE email = $1`, [email]);
	return { client, account, enrolled };
}

it('X12: names with quotes, &, < and the like are shown as typed on every page, and nowhere as markup', async () => {
	const { client, account, enrolled } = await arrange();
	const agent = await client.send('PATCH', `/api/agents/${enrolled.agentId}`, { name: NASTY });
	expect(agent).toMatchObject({ status: 200, body: { name: NASTY } });
	await client.enable(account.id);
	const stop = await client.command('stop_ea');
	expect(stop.body.accounts).toMatchObject([{ name: NASTY, broker: NASTY }]);
	expect((await client.accounts()).accounts).toMatchObject([{ name: NASTY, broker: NASTY }]);
	for (const page of ['/dashboard', '/dashboard?settings=accounts', '/activity', '/account', '/agents']) {
		const html = (await client.get<string>(page)).body;
		expect(html, page).toContain(ESCAPED_TAG);
		// In a script of the page, data may hold the text; as markup it must be nowhere.
		expect(html.replace(/<script[\s\S]*?<\/script>/g, ''), page).not.toContain('<e>');
		for (const [script] of html.matchAll(/<script[\s\S]*?<\/script>/g))
			expect(script, page).not.toContain('<e>f');
	}
});

it('X12: they stand in the audit log as they were typed, and in no line of the log as a second one', async () => {
	const { client, enrolled } = await arrange();
	await client.send('PATCH', `/api/agents/${enrolled.agentId}`, { name: NASTY });
	const [audit] = await query<{ detail: { to: string } }>(
		web.databaseUrl,
		`SELECT detail FROM "AuditLog" WHERE action = 'agent.rename' AND "targetId" = $1`,
		[enrolled.agentId]
	);
	expect(audit?.detail.to).toBe(NASTY);
	// What follows the last break is a line that is still being read.
	for (const line of web.log().split('\n').slice(0, -1))
		expect(() => JSON.parse(line) as unknown).not.toThrow();
});

it('X12: a line break or a control character is in no name', async () => {
	const { client, account, enrolled } = await arrange();
	for (const name of BREAKS) {
		const person = { email: `${crypto.randomUUID()}@example.test`, password: PASSWORD, name };
		const stranger = new ApiClient(web.origin);
		expect((await stranger.refusal('POST', '/api/auth/register', person)).status, 'person').toBe(400);
		const path = `/api/user/mt5-accounts/${account.id}`;
		expect((await client.refusal('PATCH', path, { name })).status, 'account').toBe(400);
		expect((await client.refusal('PATCH', path, { broker: name })).status, 'broker').toBe(400);
		const agent = `/api/agents/${enrolled.agentId}`;
		expect((await client.refusal('PATCH', agent, { name })).status, 'agent').toBe(400);
	}
});
