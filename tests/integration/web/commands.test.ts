import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView } from '#lib/domain/views.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;

beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const statuses = (view: CommandView) => view.accounts.map((account) => account.status).sort();

describe('F2, F3: one press, all accounts, one result each', () => {
	it('goes to all enabled accounts and counts what was proven', async () => {
		const { trader, agent } = await arrangeScene(web, 5);
		agent.answerEverything();
		const { status, body } = await trader.command('start_ea');
		expect(status).toBe(200);
		expect(body).toMatchObject({
			success: true,
			message: 'All 5 accounts started.',
			totalAccounts: 5,
			successfulAccounts: 5,
			failedAccounts: 0
		});
		expect(body.accounts[0]).toMatchObject({ status: 'success', eaStatus: 'running', durationMs: 12 });
		agent.drop();
	});

	it('lets one account’s failure touch no other, and offers it for retry', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 3);
		const answer = trader.command('start_ea');
		await waitFor('three commands', () => agent.framesOf('command').length === 3);
		for (const command of agent.framesOf('command'))
			agent.answer(command, command.accountId === accounts[1]?.id ? 'failed' : 'success');
		const { body } = await answer;
		expect(body).toMatchObject({ success: false, successfulAccounts: 2, failedAccounts: 1 });
		expect(body.accounts.filter((account) => account.canRetry)).toMatchObject([
			{ accountId: accounts[1]?.id, status: 'failed', error: 'The test said so.' }
		]);
		agent.drop();
	});

	it('refuses with 409 when no account is switched on, and tells where to switch one on', async () => {
		const { trader, agent } = await arrangeScene(web, 0);
		const refusal = await trader.refusal('POST', '/api/user/ea/command', { command: 'start_ea' });
		expect(refusal).toMatchObject({ status: 409, code: 'NO_ENABLED_ACCOUNT' });
		expect(refusal.error?.message).toContain('Open Settings');
		agent.drop();
	});

	it('sends only to the accounts named, and refuses a Start of one that is switched off', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		agent.answerEverything();
		const [first, second] = accounts.map((account) => account.id);
		expect((await trader.command('start_ea', { accountIds: [first] })).body.totalAccounts).toBe(1);
		await trader.enable(second ?? '', false);
		expect(
			await trader.refusal('POST', '/api/user/ea/command', { command: 'start_ea', accountIds: [second] })
		).toMatchObject({ status: 409, code: 'ACCOUNT_NOT_ENABLED' });
		agent.drop();
	});

	it('stops also what was switched off while it ran: nothing escapes Stop', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		agent.answerEverything();
		await trader.command('start_ea');
		await trader.enable(accounts[0]?.id ?? '', false);
		expect((await trader.command('stop_ea')).body.totalAccounts).toBe(2);
		agent.drop();
	});

	it('F5: carries the trader’s settings with the account’s overrides', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		await trader.send('PATCH', '/api/user/ea/settings', { maxLotSize: '0.30', safetyMode: 'AMBER' });
		await trader.send('PATCH', `/api/user/mt5-accounts/${accounts[0]?.id}`, {
			overrides: { safetyMode: 'RED', closePositionsOnStop: true }
		});
		agent.answerEverything();
		await trader.command('stop_ea');
		const command = await agent.next('command');
		expect(command).toMatchObject({
			kind: 'stop_ea',
			closePositions: true,
			notAfterMs: null,
			settings: { maxLotSize: '0.30', safetyMode: 'RED' }
		});
		agent.drop();
	});
});

describe('F3: Idempotency-Key', () => {
	it('makes one command of a double click and of two tabs', async () => {
		const { trader, agent } = await arrangeScene(web, 2);
		agent.answerEverything();
		const headers = { 'idempotency-key': randomUUID() };
		const answers = await Promise.all(
			Array.from({ length: 20 }, () => trader.command('start_ea', {}, headers))
		);
		expect(new Set(answers.map((answer) => answer.body.commandId)).size).toBe(1);
		expect(answers.every((answer) => answer.body.success)).toBe(true);
		expect(agent.framesOf('command')).toHaveLength(2);
		agent.drop();
	});

	it('refuses the same key for another command with 422', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		const headers = { 'idempotency-key': randomUUID() };
		await trader.command('start_ea', {}, headers);
		expect(
			await trader.refusal('POST', '/api/user/ea/command', { command: 'stop_ea' }, headers)
		).toMatchObject({
			status: 422,
			code: 'IDEMPOTENCY_MISMATCH'
		});
		agent.drop();
	});
});

describe('F4, F8: an agent that is away', () => {
	it('fails a Start at once, never sends it later, and does not keep it wanted', async () => {
		const { trader, agent, enrolled, accounts } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor(
			'the account to show the agent as offline',
			async () => (await trader.accounts()).accounts[0]?.connection === 'agent_offline'
		);
		const startedAt = performance.now();
		const { body } = await trader.command('start_ea');
		expect(performance.now() - startedAt).toBeLessThan(5_000);
		expect(body.accounts).toMatchObject([{ status: 'agent_offline', isFinal: true, canRetry: true }]);
		expect((await trader.accounts()).accounts[0]).toMatchObject({ wanted: 'STOPPED' });

		const back = await ScriptedAgent.connect(enrolled);
		back.report(accounts[0]?.id ?? '');
		await waitFor(
			'the agent to be seen',
			async () => (await trader.accounts()).accounts[0]?.connection === 'connected'
		);
		expect(back.framesOf('command')).toEqual([]);
		back.drop();
	});

	it('keeps a Stop, says so, and delivers it when the agent is back', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor(
			'the agent to be gone',
			async () => (await trader.accounts()).accounts[0]?.agent?.isConnected === false
		);
		const { body } = await trader.command('stop_ea');
		expect(body.accounts).toMatchObject([{ status: 'agent_offline', willApplyLater: true, isFinal: false }]);
		expect(body.accounts[0]?.error).toContain('as soon as the agent is back');

		const back = await ScriptedAgent.connect(enrolled);
		back.answer(await back.next('command', (frame) => frame.kind === 'stop_ea'));
		await waitFor('the Stop to be proven', async () => {
			const now = await trader.get<CommandView>(`/api/user/ea/command/${body.commandId}`);
			return now.body.success;
		});
		back.drop();
	});

	it('replaces a waiting Stop by a newer one, of which alone the agent hears', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		agent.drop();
		await waitFor(
			'the agent to be gone',
			async () => (await trader.accounts()).accounts[0]?.agent?.isConnected === false
		);
		const pause = (await trader.command('pause_ea')).body;
		const stop = (await trader.command('stop_ea')).body;
		const older = await trader.get<CommandView>(`/api/user/ea/command/${pause.commandId}`);
		expect(statuses(older.body)).toEqual(['superseded']);
		const back = await ScriptedAgent.connect(enrolled);
		await back.next('command');
		// It may be told more than once: by its arrival, and by the look for what was overlooked.
		const heard = back.framesOf('command').map(({ commandId }) => commandId);
		expect(new Set(heard)).toEqual(new Set([stop.commandId]));
		back.drop();
	});
});

describe('an agent that is lost at work: unknown, and true after it is back', () => {
	it('shows timeout, never failed, and takes the late result', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		const answer = trader.command('start_ea');
		const command = await agent.next('command');
		agent.drop();
		const { body } = await answer;
		expect(body.accounts).toMatchObject([{ status: 'timeout', isFinal: false }]);
		expect(body.failedAccounts).toBe(0);

		const back = await ScriptedAgent.connect(enrolled);
		const settle = await back.next('settle');
		expect(settle.commands).toMatchObject([{ commandId: command.commandId, kind: 'start_ea' }]);
		back.answer(command);
		await back.next('ack');
		const settled = await trader.get<CommandView>(`/api/user/ea/command/${body.commandId}`);
		expect(statuses(settled.body)).toEqual(['success']);
		back.drop();
	});

	it('calls a Start expired when the agent never received it, and gives back what was wanted', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		const answer = trader.command('start_ea');
		const command = await agent.next('command');
		agent.drop();
		const { body } = await answer;
		const back = await ScriptedAgent.connect(enrolled);
		await back.next('settle');
		const { commandId, accountId, generation } = command;
		back.send({
			type: 'settled',
			answers: [{ commandId, accountId, generation, verdict: 'never_received' }]
		});
		await waitFor('the Start to be expired', async () => {
			const now = await trader.get<CommandView>(`/api/user/ea/command/${body.commandId}`);
			return statuses(now.body)[0] === 'expired';
		});
		expect((await trader.accounts()).accounts[0]?.wanted).toBe('STOPPED');
		back.drop();
	});

	it('A5: asks again about a Stop that was at work long ago, and sends it once more when it is forgotten', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const answer = trader.command('stop_ea');
		const command = await agent.next('command');
		const { commandId, accountId, generation, epoch } = command;
		const inWork = { commandId, accountId, generation, epoch, stage: 'stopping', proof: null };
		agent.send({ type: 'progress', ...inWork });
		await waitFor('the Stop is at work', async () => {
			const [row] = await query<{ status: string }>(
				web.databaseUrl,
				`UPDATE "EaCommandResult" SET "dispatchedAt" = now() - interval '40 seconds'
				 WHERE "commandId" = $1 AND status = 'executing' RETURNING status`,
				[commandId]
			);
			return row;
		});
		const { commands } = await agent.next('settle');
		expect(commands).toMatchObject([{ commandId, kind: 'stop_ea' }]);
		agent.received.length = 0;
		agent.send({
			type: 'settled',
			answers: [{ commandId, accountId, generation, verdict: 'never_received' }]
		});
		agent.answer(await agent.next('command'));
		expect(statuses((await answer).body)).toEqual(['success']);
		agent.drop();
	});

	it('settles after a kill -9 of the web server as well', async () => {
		const { trader, agent, enrolled } = await arrangeScene(web, 1);
		const answer = trader.command('stop_ea').catch(() => null);
		const command = await agent.next('command');
		await web.restart('SIGKILL');
		await answer;
		const back = await ScriptedAgent.connect(enrolled);
		await back.next('settle', (frame) => frame.commands.some((c) => c.commandId === command.commandId));
		back.answer(command);
		await back.next('ack');
		const settled = await trader.get<CommandView>(`/api/user/ea/command/${command.commandId}`);
		expect(statuses(settled.body)).toEqual(['success']);
		back.drop();
	});
});

describe('generations: the newer command wins', () => {
	it('gives every command of an account a higher generation than the one before', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		await Promise.all(Array.from({ length: 20 }, (_, i) => trader.command(i % 2 ? 'stop_ea' : 'pause_ea')));
		const generations = agent.framesOf('command').map((command) => command.generation);
		expect(new Set(generations).size).toBe(20);
		expect(Math.max(...generations)).toBe(20);
		agent.drop();
	});

	it('never lets a result change that is final', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const answer = trader.command('stop_ea');
		const command = await agent.next('command');
		agent.answer(command, 'success');
		const { body } = await answer;
		agent.answer(command, 'failed');
		await waitFor('the second answer to be acknowledged', () => agent.framesOf('ack').length === 2);
		const after = await trader.get<CommandView>(`/api/user/ea/command/${body.commandId}`);
		expect(statuses(after.body)).toEqual(['success']);
		agent.drop();
	});
});

describe('F9, S3: the audit log', () => {
	it('has every command and every result, with who, from where and how long', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		agent.answerEverything();
		const { body } = await trader.command('start_ea', {}, { 'user-agent': 'audit-test' });
		const rows = await query<{ action: string; userAgent: string | null; detail: Record<string, unknown> }>(
			web.databaseUrl,
			`SELECT action, "userAgent", detail FROM "AuditLog"
			 WHERE "targetId" = $1 OR detail->>'commandId' = $1 ORDER BY action`,
			[body.commandId]
		);
		expect(rows).toMatchObject([
			{ action: 'command.result', detail: { status: 'success', durationMs: 12 } },
			{ action: 'command.start_ea', userAgent: 'audit-test' }
		]);
		agent.drop();
	});
});
