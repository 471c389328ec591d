/** E8: what operators see of a machine, and what they ask its agent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { Figures } from '#lib/protocol/seen.ts';
import type { AgentLogView } from '#lib/domain/operatorViews.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { seenState, type ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;
beforeAll(async () => {
	// Whatever was packed in this checkout before, this server has no package.
	web = await startWebServer({ QUINTET_AGENT_PACKAGE: 'dist/none.zip' });
	operator = new ApiClient(web.origin);
	// The first user is operator.
	await operator.register('operator@example.test');
});
afterAll(() => web.stop());

const ASKED = { capabilities: ['requests'] };
const page = (person: ApiClient, path: string) =>
	fetch(`${web.origin}${path}`, { headers: { cookie: person.cookie }, redirect: 'manual' });
const LOAD = {
	cpuPercent: 12.5,
	memoryUsedMb: 2_048,
	memoryTotalMb: 8_192,
	agentMemoryMb: 120,
	terminalsUp: 3,
	terminalsAnswering: 2,
	builds: [5830],
	bridgeVersions: ['1.0']
} satisfies AgentFrames['load']['load'];
const FIGURES: Figures = {
	currency: 'USD',
	currencyDigits: 2,
	balance: '98765.43',
	equity: '98654.32',
	margin: '0.00',
	freeMargin: '98654.32',
	marginLevel: null,
	floatingProfit: '-111.11',
	dayClosedProfit: '0.00',
	openPositions: 1,
	openLots: '0.10',
	unprotectedPositions: 0,
	pendingOrders: 0,
	eaPositions: 1,
	eaOrders: 0
};
const REPORT = {
	madeAt: '2026-01-01T00:00:00Z',
	agentVersion: '1',
	machine: 'vps',
	platform: 'x',
	findings: []
};

/** Answers the next question of this kind. */
async function answer(agent: ScriptedAgent, kind: string, value: unknown): Promise<void> {
	const { requestId } = await agent.next('request', (request) => request.kind === kind);
	agent.send({ type: 'answer', requestId, result: { ok: true, value } });
}

// First, since every scene below leaves an agent with room behind.
describe('E8: a machine', () => {
	it('shows its load, its builds and what runs there, without the traders’ money', async () => {
		const { agent, enrolled, accounts, trader } = await arrangeScene(web, 1);
		const state = seenState({ algo: 'running' });
		agent.send({
			type: 'telemetry',
			accounts: [{ accountId: accounts[0]?.id ?? '', epoch: 1, ageMs: 0, state, figures: FIGURES }]
		});
		await waitFor('the money', async () => (await trader.accounts()).accounts[0]?.figures?.balance);
		agent.send({ type: 'load', load: LOAD });
		const path = `/agents/${enrolled.agentId}`;
		const text = await waitFor('the figures', async () => {
			const html = await (await page(operator, path)).text();
			return html.includes('12.5 %') && html;
		});
		expect(text).toContain('Memory and handles unknown');
		const accountId = accounts[0]?.id ?? '';
		const tight = { accountId, workingSetMb: 412, privateMb: 300, gdiHandles: 9_100, userHandles: 640 };
		agent.send({ type: 'load', load: { ...LOAD, terminals: [tight] } });
		await waitFor('the figures of the terminal', async () => {
			const html = await (await page(operator, path)).text();
			return (
				html.includes('9,100 GDI') && html.includes('412 MB') && html.includes('near the 10,000 handles')
			);
		});
		for (const shown of ['2.0 of 8.0 GB', '3 up, 2 answer', '5830', accounts[0]?.accountNumber ?? '?'])
			expect(text).toContain(shown);
		expect(text).not.toMatch(/98,?765|98,?654/);
		expect((await page(trader, path)).status).toBe(404);
		expect((await page(operator, '/agents/00000000-0000-4000-8000-000000000000')).status).toBe(404);
	});

	it('is given no new account while it takes none, and keeps those it has', async () => {
		const { trader, enrolled, accounts } = await arrangeScene(web, 1, { capacity: 3 });
		const takes = (takesAccounts: boolean) =>
			operator.send('PATCH', `/api/agents/${enrolled.agentId}`, { takesAccounts });
		expect((await takes(false)).status).toBe(200);
		const second = await trader.addAccount('777001');
		const agentOf = async (id: string) =>
			(await trader.accounts()).accounts.find((account) => account.id === id)?.agent?.id;
		expect(await agentOf(second.id)).not.toBe(enrolled.agentId);
		expect(await agentOf(accounts[0]?.id ?? '')).toBe(enrolled.agentId);
		expect((await operator.refusal('PATCH', `/api/agents/${enrolled.agentId}`, {})).status).toBe(400);
		expect(
			(await trader.refusal('PATCH', `/api/agents/${enrolled.agentId}`, { takesAccounts: true })).status
		).toBe(404);
		const audit = await query(
			web.databaseUrl,
			`SELECT 1 FROM "AuditLog" WHERE "targetId" = $1 AND action = 'agent.takes_no_accounts'`,
			[enrolled.agentId]
		);
		expect(audit).toHaveLength(1);
	});
});

describe('E8: questions to an agent', () => {
	it('hands over the newest lines of its log, and what its doctor found', async () => {
		const { agent, enrolled } = await arrangeScene(web, 0, ASKED);
		const path = `/api/agents/${enrolled.agentId}`;
		const [log] = await Promise.all([
			operator.get<AgentLogView>(`${path}/log?lines=50`),
			answer(agent, 'log', { lines: ['one', 'two'], isCut: false })
		]);
		expect(log).toMatchObject({ status: 200, body: { lines: ['one', 'two'], isCut: false } });
		const asked = agent.framesOf('request').find(({ kind }) => kind === 'log');
		expect(asked?.args).toEqual({ lines: 50 });
		const [doctor] = await Promise.all([operator.get(`${path}/doctor`), answer(agent, 'doctor', REPORT)]);
		expect(doctor).toMatchObject({ status: 200, body: REPORT });
	});

	it('believes no other agent’s answer, and none of another shape', async () => {
		const { agent, enrolled } = await arrangeScene(web, 0, ASKED);
		const other = await arrangeScene(web, 0, ASKED);
		const asking = operator.refusal('GET', `/api/agents/${enrolled.agentId}/log`);
		const { requestId } = await agent.next('request', ({ kind }) => kind === 'log');
		const forged = { ok: true as const, value: { lines: ['forged'], isCut: false } };
		other.agent.send({ type: 'answer', requestId, result: forged });
		agent.send({ type: 'answer', requestId, result: { ok: true, value: { lines: 'all of them' } } });
		const refusal = await asking;
		expect(refusal.status).toBe(503);
		expect(refusal.error?.message).toContain('not understood');
	});

	it('says why there is no answer: refused, or not connected', async () => {
		const { agent, enrolled } = await arrangeScene(web, 0, ASKED);
		const path = `/api/agents/${enrolled.agentId}/log`;
		const asking = operator.refusal('GET', path);
		const { requestId } = await agent.next('request', ({ kind }) => kind === 'log');
		agent.send({ type: 'answer', requestId, result: { ok: false, code: 'busy', message: 'At work on it.' } });
		expect((await asking).error?.message).toContain('At work on it.');
		agent.drop();
		await waitFor('it to be gone', async () =>
			(await operator.refusal('GET', path)).error?.message.includes('not connected')
		);
	});

	it('does not exist for traders', async () => {
		const { trader, enrolled } = await arrangeScene(web, 0, ASKED);
		for (const what of ['log', 'doctor'])
			expect((await trader.refusal('GET', `/api/agents/${enrolled.agentId}/${what}`)).status).toBe(404);
	});
});

describe('E8: the install script', () => {
	it('names this server and no secret, and asks for the code where it runs', async () => {
		const script = await (await fetch(`${web.origin}/install.ps1`)).text();
		expect(script).toContain(`$server = '${web.origin}'`);
		expect(script).toContain("Read-Host -Prompt 'Join code");
		const zip = await fetch(`${web.origin}/quintet-agent-win-x64.zip`);
		expect(zip.status).toBe(404);
		expect(await zip.text()).toContain('npm run agent -- package');
	});
});
