/** Accounts move between machines: the old agent keeps one until it has proven that its terminal is down. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView, CommandView } from '#lib/domain/views.ts';
import type { WebFrames } from '#lib/protocol/frames.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene, type Scene } from '../../support/scene.ts';
import { enrolAgent, ScriptedAgent, type EnrolledAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let operator: ApiClient;
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

interface MoveScene extends Scene {
	account: AccountView;
	target: EnrolledAgent;
	/** The target's line. */
	there: ScriptedAgent;
}

let targets = 0;

/** A trader's account on one machine, and another machine with room for one. */
async function arrange(capabilities: string[] = ['release']): Promise<MoveScene> {
	const scene = await arrangeScene(web, 1);
	const name = `target-${++targets}`;
	const target = await enrolAgent(scene.trader, web.databaseUrl, { capacity: 1, name });
	const there = await ScriptedAgent.connect(target);
	const [account] = scene.accounts;
	if (!account) throw new Error('an account was asked for');
	await query(web.databaseUrl, `UPDATE "Agent" SET capabilities = $2 WHERE id = $1`, [
		scene.enrolled.agentId,
		capabilities
	]);
	return { ...scene, account, target, there };
}

const movePath = (account: AccountView) => `/api/operator/accounts/${account.id}/move`;
const move = ({ account, target }: MoveScene, more: Record<string, unknown> = {}) =>
	operator.send<{ error?: { code: string; message: string } }>('POST', movePath(account), {
		toAgentId: target.agentId,
		...more
	});
const assignmentOf = async ({ id }: AccountView) => {
	const [row] = await query<{ agentId: string; epoch: number; moveToAgentId: string | null }>(
		web.databaseUrl,
		`SELECT "agentId", epoch, "moveToAgentId" FROM "Mt5AccountAssignment" WHERE "accountId" = $1`,
		[id]
	);
	return row;
};
const command = (agent: ScriptedAgent, kind: WebFrames['command']['kind']) =>
	agent.next('command', (frame) => frame.kind === kind);
const release = (agent: ScriptedAgent, { id }: AccountView) =>
	agent.next('release', ({ accounts }) => accounts.some(({ accountId }) => accountId === id));
const isGiven = (agent: ScriptedAgent, { id }: AccountView): boolean =>
	agent.framesOf('sync').some(({ accounts }) => accounts.some(({ accountId }) => accountId === id));
const given = (agent: ScriptedAgent, account: AccountView, epoch: number) =>
	agent.next('sync', ({ accounts }) =>
		accounts.some(({ accountId, epoch: of }) => accountId === account.id && of === epoch)
	);
async function started({ trader, agent, account }: MoveScene): Promise<void> {
	const answer = trader.command('start_ea', { accountIds: [account.id] });
	agent.answer(await command(agent, 'start_ea'));
	expect((await answer).body.successfulAccounts).toBe(1);
}
/** To where the old agent was asked to let go. */
async function asked(scene: MoveScene): Promise<void> {
	expect((await move(scene)).status).toBe(202);
	await release(scene.agent, scene.account);
}

describe('O1: a move', () => {
	it('stops the algo, waits for the proof that the terminal is down, and only then goes over', async () => {
		const scene = await arrange();
		const { trader, agent, there, account, target } = scene;
		await started(scene);
		expect((await move(scene)).status).toBe(202);
		const stop = await command(agent, 'stop_ea');
		expect(stop).toMatchObject({ epoch: 1, closePositions: false });
		expect(agent.framesOf('release')).toEqual([]);
		agent.answer(stop);
		expect((await release(agent, account)).accounts).toEqual([{ accountId: account.id, epoch: 1 }]);
		expect(isGiven(there, account)).toBe(false);
		expect(await assignmentOf(account)).toMatchObject({ epoch: 1, moveToAgentId: target.agentId });

		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		const sync = await given(there, account, 2);
		expect(sync.accounts).toMatchObject([{ wanted: 'STOPPED' }]);
		expect(await assignmentOf(account)).toEqual({ agentId: target.agentId, epoch: 2, moveToAgentId: null });
		const { accounts } = await trader.accounts();
		expect(accounts).toMatchObject([{ move: null, agent: { id: target.agentId }, state: 'unknown' }]);
		expect(
			await query(web.databaseUrl, `SELECT "issuedBy" FROM "EaCommand" WHERE id = $1`, [stop.commandId])
		).toEqual([{ issuedBy: 'operator@example.test' }]);
		expect(
			await query(
				web.databaseUrl,
				`SELECT 1 FROM "AuditLog" WHERE action = 'account.move' AND "targetId" = $1`,
				[account.id]
			)
		).toHaveLength(1);
	});

	it('starts nothing while it lasts, and says so; Stop still reaches the old machine', async () => {
		const scene = await arrange();
		const { trader, agent, account } = scene;
		await started(scene);
		await move(scene);
		const stop = await command(agent, 'stop_ea');
		const start = await trader.command('start_ea', { accountIds: [account.id] });
		expect(start.body.accounts).toMatchObject([
			{ status: 'failed', errorCode: 'account_moving', isFinal: true }
		]);
		expect(start.body.accounts[0]?.error).toContain('is being moved');
		expect(agent.framesOf('command').filter(({ kind }) => kind === 'start_ea')).toHaveLength(1);
		const again = trader.command('stop_ea', { accountIds: [account.id] });
		const newer = await agent.next('command', ({ commandId, kind }) => {
			return kind === 'stop_ea' && commandId !== stop.commandId;
		});
		agent.answer(stop, 'superseded');
		agent.answer(newer);
		expect((await again).body.successfulAccounts).toBe(1);
		expect((await trader.accounts()).accounts[0]?.move).toMatchObject({ to: `target-${targets}` });
		await release(agent, account);
	});

	it('keeps a Stop that comes while the terminal is being closed, and proves it on the new machine', async () => {
		const scene = await arrange();
		const { trader, agent, there, account } = scene;
		await asked(scene);
		const stop = await trader.command('stop_ea', { accountIds: [account.id] });
		expect(stop.body.accounts).toMatchObject([{ willApplyLater: true, errorCode: 'account_moving' }]);
		expect(agent.framesOf('command')).toEqual([]);
		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		const frame = await command(there, 'stop_ea');
		expect(frame).toMatchObject({ epoch: 2 });
		there.answer(frame);
		await waitFor('the Stop to be proven', async () => {
			const path = `/api/user/ea/command/${stop.body.commandId}`;
			return (await trader.get<CommandView>(path)).body.successfulAccounts === 1;
		});
	});

	it('believes no proof of another agent or of another epoch', async () => {
		const scene = await arrange();
		const { agent, there, account } = scene;
		await asked(scene);
		there.send({ type: 'released', accountId: account.id, epoch: 1 });
		agent.send({ type: 'released', accountId: account.id, epoch: 2 });
		// Answered in turn, so the two above were heard.
		agent.send({ type: 'time', question: 1 });
		await agent.next('time', ({ question }) => question === 1);
		there.send({ type: 'time', question: 1 });
		await there.next('time', ({ question }) => question === 1);
		expect(await assignmentOf(account)).toMatchObject({ epoch: 1 });
		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		await given(there, account, 2);
	});

	it('asks again after a restart of the server and a new line, and does not give the account back meanwhile', async () => {
		const scene = await arrange();
		const { agent, enrolled, target, account } = scene;
		await asked(scene);
		await web.restart('SIGKILL');
		await agent.closed;
		const back = await ScriptedAgent.connect(enrolled);
		const there = await ScriptedAgent.connect(target);
		await release(back, account);
		expect(isGiven(back, account)).toBe(false);
		const types = back.received.map(({ type }) => type);
		expect(types.indexOf('release')).toBeLessThan(types.indexOf('sync'));
		back.send({ type: 'released', accountId: account.id, epoch: 1 });
		await given(there, account, 2);
	});

	it('that is cancelled before leaves everything as it was', async () => {
		const scene = await arrange();
		const { trader, agent, account } = scene;
		await started(scene);
		await move(scene);
		expect((await operator.send('DELETE', movePath(account))).status).toBe(200);
		agent.answer(await command(agent, 'stop_ea'));
		const start = trader.command('start_ea', { accountIds: [account.id] });
		const frame = await agent.next(
			'command',
			({ kind, generation }) => kind === 'start_ea' && generation > 1
		);
		agent.answer(frame);
		expect((await start).body.successfulAccounts).toBe(1);
		expect(agent.framesOf('release')).toEqual([]);
		expect(await assignmentOf(account)).toMatchObject({ epoch: 1, moveToAgentId: null });
		expect(await operator.refusal('DELETE', movePath(account))).toMatchObject({ code: 'MOVE_REFUSED' });
	});

	it('that is cancelled while the terminal is being closed gives the account back under a new epoch', async () => {
		const scene = await arrange();
		const { agent, there, enrolled, account } = scene;
		await asked(scene);
		await operator.send('DELETE', movePath(account));
		await given(agent, account, 2);
		// The proof was on its way.
		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		agent.send({ type: 'time', question: 1 });
		await agent.next('time', ({ question }) => question === 1);
		expect(await assignmentOf(account)).toEqual({ agentId: enrolled.agentId, epoch: 2, moveToAgentId: null });
		expect(isGiven(there, account)).toBe(false);
	});

	it('waits when its target may not take accounts any more, and goes where it is sent instead', async () => {
		const scene = await arrange();
		const { trader, agent, account, target } = scene;
		await asked(scene);
		await query(web.databaseUrl, `UPDATE "Agent" SET "revokedAt" = now() WHERE id = $1`, [target.agentId]);
		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		const other = await enrolAgent(trader, web.databaseUrl, { capacity: 1, name: `target-${++targets}` });
		const there = await ScriptedAgent.connect(other);
		expect(await assignmentOf(account)).toMatchObject({ epoch: 1 });
		expect((await move({ ...scene, target: other })).status).toBe(202);
		await given(there, account, 2);
	});
});

describe('O1: a move is refused', () => {
	it('to a machine that is full, also of what is on its way there', async () => {
		const first = await arrange();
		await move(first);
		const second = await arrangeScene(web, 1);
		const [account] = second.accounts;
		if (!account) throw new Error('an account was asked for');
		expect(
			await operator.refusal('POST', movePath(account), { toAgentId: first.target.agentId })
		).toMatchObject({ status: 409, code: 'MOVE_REFUSED' });
	});

	it('from an agent that cannot prove it, to one that is not approved, and to where it is', async () => {
		const scene = await arrange([]);
		const { account, enrolled, trader } = scene;
		const old = await operator.refusal('POST', movePath(account), { toAgentId: scene.target.agentId });
		expect(old).toMatchObject({ status: 409, code: 'MOVE_REFUSED' });
		expect(old.error?.message).toContain('too old');
		const pending = await enrolAgent(trader, web.databaseUrl, { name: 'pending', isApproved: false });
		for (const toAgentId of [pending.agentId, enrolled.agentId])
			expect(await operator.refusal('POST', movePath(account), { toAgentId })).toMatchObject({
				code: 'MOVE_REFUSED'
			});
		expect(await assignmentOf(account)).toMatchObject({ moveToAgentId: null });
	});

	it('to whoever is no operator', async () => {
		const { trader, account, target } = await arrange();
		expect(await trader.refusal('POST', movePath(account), { toAgentId: target.agentId })).toMatchObject({
			status: 404
		});
		expect(await trader.refusal('DELETE', movePath(account))).toMatchObject({ status: 404 });
	});
});

describe('O3: a machine that is gone for good', () => {
	const goneAgent = async ({ agent, enrolled }: MoveScene): Promise<void> => {
		agent.drop();
		await waitFor('the agent to be away', async () => {
			const rows = await query(web.databaseUrl, `SELECT 1 FROM "Agent" WHERE id = $1 AND "nodeId" IS NULL`, [
				enrolled.agentId
			]);
			return rows.length === 1;
		});
	};

	it('is not taken for gone while its agent is connected, nor without a confirmation', async () => {
		const scene = await arrange();
		expect(await move(scene, { isMachineGone: true })).toMatchObject({ status: 409 });
		await goneAgent(scene);
		await query(web.databaseUrl, `UPDATE "Session" SET "confirmedAt" = NULL`);
		expect((await move(scene, { isMachineGone: true })).body.error?.code).toBe('STEP_UP_REQUIRED');
		await operator.confirm();
		expect(await assignmentOf(scene.account)).toMatchObject({ epoch: 1 });
	});

	it('is not gone when its agent is counted in by the time of the commit, whatever was seen before', async () => {
		const scene = await arrange();
		await goneAgent(scene);
		// It has just arrived at another server, of which this one has not heard yet.
		const sql = `UPDATE "Agent" SET "lastSeenAt" = now(),
			"nodeId" = (SELECT id FROM "ServerNode" ORDER BY "aliveAt" DESC LIMIT 1) WHERE id = $1`;
		await query(web.databaseUrl, sql, [scene.enrolled.agentId]);
		const refused = await move(scene, { isMachineGone: true });
		expect(refused.status).toBe(409);
		expect(refused.body.error?.message).toContain('so its machine is not gone');
		expect(await assignmentOf(scene.account)).toMatchObject({ epoch: 1 });
	});

	it('has its accounts moved at once; what was open there is not known, and nothing starts by itself', async () => {
		const scene = await arrange();
		const { trader, agent, there, account } = scene;
		const start = trader.command('start_ea', { accountIds: [account.id] });
		await command(agent, 'start_ea');
		await goneAgent(scene);
		expect((await move(scene, { isMachineGone: true })).status).toBe(202);
		expect((await given(there, account, 2)).accounts).toMatchObject([{ wanted: 'STOPPED', generation: 2 }]);
		const { commandId } = (await start).body;
		await waitFor('the Start to be settled', async () => {
			const { body } = await trader.get<CommandView>(`/api/user/ea/command/${commandId}`);
			return body.accounts[0]?.errorCode === 'machine_gone' && body.accounts[0].status === 'indeterminate';
		});
	});

	it('gives a Stop that waited for it to the new machine', async () => {
		const scene = await arrange();
		const { trader, there, account } = scene;
		await goneAgent(scene);
		const stop = await trader.command('stop_ea', { accountIds: [account.id] });
		expect(stop.body.accounts[0]?.willApplyLater).toBe(true);
		await move(scene, { isMachineGone: true });
		expect(await command(there, 'stop_ea')).toMatchObject({ epoch: 2 });
	});

	it('O4: that comes back is told so before anything else, and is believed nothing of the account', async () => {
		const scene = await arrange();
		const { trader, enrolled, account } = scene;
		await goneAgent(scene);
		await move(scene, { isMachineGone: true });
		const back = await ScriptedAgent.connect(enrolled);
		const told = await release(back, account);
		expect(told.accounts).toEqual([{ accountId: account.id, epoch: 1 }]);
		const types = back.received.map(({ type }) => type);
		expect(types.indexOf('release')).toBeLessThan(types.indexOf('sync'));
		expect(isGiven(back, account)).toBe(false);
		back.report(account.id, { algo: 'running' });
		back.send({ type: 'time', question: 1 });
		await back.next('time', ({ question }) => question === 1);
		expect((await trader.accounts()).accounts[0]?.state).toBe('unknown');
		back.send({ type: 'released', accountId: account.id, epoch: 1 });
		await waitFor('the old machine to be done with', async () => {
			const rows = await query(web.databaseUrl, `SELECT 1 FROM "AccountRelease" WHERE "accountId" = $1`, [
				account.id
			]);
			return rows.length === 0;
		});
	});
});

describe('O5: a deleted account', () => {
	it('is asked back from its agent until that has proven that nothing of it is left', async () => {
		const { trader, agent, enrolled, account } = await arrange();
		agent.report(account.id, { algo: 'stopped' });
		await waitFor('the account to be seen stopped', async () => {
			return (await trader.accounts()).accounts[0]?.state === 'stopped';
		});
		agent.drop();
		expect((await trader.send('DELETE', `/api/user/mt5-accounts/${account.id}`)).status).toBe(204);
		const back = await ScriptedAgent.connect(enrolled);
		await release(back, account);
		back.send({ type: 'released', accountId: account.id, epoch: 1 });
		await waitFor('the proof to be noted', async () => {
			const rows = await query(web.databaseUrl, `SELECT 1 FROM "AccountRelease" WHERE "accountId" = $1`, [
				account.id
			]);
			return rows.length === 0;
		});
	});

	it('may be deleted while it moves', async () => {
		const scene = await arrange();
		const { trader, agent, there, account } = scene;
		agent.report(account.id, { algo: 'stopped' });
		await asked(scene);
		expect((await trader.send('DELETE', `/api/user/mt5-accounts/${account.id}`)).status).toBe(204);
		agent.send({ type: 'released', accountId: account.id, epoch: 1 });
		await waitFor('the proof to be noted', async () => {
			const rows = await query(web.databaseUrl, `SELECT 1 FROM "AccountRelease" WHERE "accountId" = $1`, [
				account.id
			]);
			return rows.length === 0;
		});
		expect(isGiven(there, account)).toBe(false);
	});
});
