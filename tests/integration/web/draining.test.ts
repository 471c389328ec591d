/** All accounts of a machine are moved away, and it is given no new ones. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { enrolAgent, ScriptedAgent } from '../../support/scriptedAgent.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;
let targets = 0;
beforeAll(async () => {
	web = await startWebServer();
	operator = new ApiClient(web.origin);
	// The first user of a server is its operator.
	await operator.register('operator@example.test');
	await operator.confirm();
});
// Else accounts of the next test would find room there.
afterEach(() => query(web.databaseUrl, `UPDATE "Agent" SET "revokedAt" = now() WHERE "revokedAt" IS NULL`));
afterAll(() => web.stop());

const holderOf = async (accountId: string): Promise<string | undefined> => {
	const sql = `SELECT "agentId" FROM "Mt5AccountAssignment" WHERE "accountId" = $1`;
	const [row] = await query<{ agentId: string }>(web.databaseUrl, sql, [accountId]);
	return row?.agentId;
};

describe('O1: draining a machine', () => {
	it('moves all of its accounts that fit, and says which do not', async () => {
		const { enrolled, accounts, trader } = await arrangeScene(web, 2);
		await query(web.databaseUrl, `UPDATE "Agent" SET capabilities = '{release}' WHERE id = $1`, [
			enrolled.agentId
		]);
		const target = await enrolAgent(trader, web.databaseUrl, { capacity: 1, name: `target-${++targets}` });
		await ScriptedAgent.connect(target);
		const answer = await operator.send('POST', `/api/operator/agents/${enrolled.agentId}/drain`, {
			toAgentId: target.agentId
		});
		expect(answer.body).toMatchObject({ moved: 1, failures: [{ message: expect.stringContaining('full') }] });
		const { body } = await operator.get(`/api/operator/agents/${enrolled.agentId}/accounts`);
		expect(body).toMatchObject({
			accounts: [{ id: accounts[0]?.id, movesTo: `target-${targets}` }, { movesTo: null }]
		});
	});

	it('gives it no new accounts from then on, until its switch is on again', async () => {
		const { enrolled, trader } = await arrangeScene(web, 1, { capacity: 3 });
		const target = await enrolAgent(trader, web.databaseUrl, { capacity: 1, name: `target-${++targets}` });
		await ScriptedAgent.connect(target);
		const drained = await operator.send('POST', `/api/operator/agents/${enrolled.agentId}/drain`, {
			toAgentId: target.agentId
		});
		expect(drained.body).toMatchObject({ moved: 1, failures: [] });
		const account = await trader.addAccount('909001');
		expect(await holderOf(account.id)).toBeUndefined();
		await operator.send('PATCH', `/api/agents/${enrolled.agentId}`, { takesAccounts: true });
		const next = await trader.addAccount('909002');
		expect(await holderOf(next.id)).toBe(enrolled.agentId);
	});
});
