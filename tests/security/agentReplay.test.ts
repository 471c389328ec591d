/** X24: what was recorded on the line and is played again has no effect. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentRig } from '../support/agentRig.ts';
import { query } from '../support/database.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { arrangeScene } from '../support/scene.ts';
import { ScriptedAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

describe('X24: replay towards the agent', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	it('has no effect, neither on the same line nor on another', async () => {
		rig = await AgentRig.create();
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		for (const kind of ['start_ea', 'pause_ea', 'start_ea', 'stop_ea'] as const)
			expect(await rig.web.result(rig.web.command(account.accountId, kind).commandId)).toMatchObject({
				outcome: 'success'
			});
		await rig.web.state(account.accountId, 'stopped', ({ algo }) => algo === 'stopped');
		const recorded = [...rig.web.sent];
		// Whatever else there was; the answer to a question for the time comes once a minute.
		expect(recorded.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(
			expect.arrayContaining(['challenge', 'welcome', 'sync', 'command', 'ack'])
		);
		const isWork = (line: string) =>
			line.includes('command accepted') || line.includes('bringing the EA back');
		const before = rig.log.filter(isWork).length;
		expect(before).toBe(4);

		for (const text of recorded) rig.web.socket?.send(text);
		// The answers of the journal come back; a new Pause after them shows that all was taken in.
		await rig.web.result(rig.web.command(account.accountId, 'pause_ea').commandId);
		expect(rig.log.filter(isWork)).toHaveLength(before + 1);

		// On later lines: whatever belongs to a line ends that line, commands are known already.
		for (const text of recorded) {
			await waitFor('the agent to be connected', () => rig.agent?.isConnected && rig.web.socket !== null);
			rig.web.cut();
			await waitFor('a new line', () => rig.agent?.isConnected && rig.web.socket !== null);
			rig.web.socket?.send(text);
		}
		await waitFor('the agent to be connected', () => rig.agent?.isConnected && rig.web.socket !== null);
		await rig.web.result(rig.web.command(account.accountId, 'pause_ea').commandId);
		expect(rig.log.filter(isWork)).toHaveLength(before + 2);
		expect(rig.agent?.reports()[0]?.state.ladder.ea_attached).toBe('no');
	});
});

describe('X24: replay towards the web', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer();
	});
	afterAll(() => web.stop());

	it('opens no line, and changes no result', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 2);
		agent.answerEverything();
		for (const command of ['pause_ea', 'stop_ea']) await trader.command(command);
		const recorded = [...agent.sent];
		agent.drop();
		const results = () =>
			query(
				web.databaseUrl,
				`SELECT to_jsonb(r) AS row FROM "EaCommandResult" r WHERE "accountId" = ANY($1::uuid[]) ORDER BY r::text`,
				[accounts.map(({ id }) => id)]
			);
		const audits = () =>
			query(web.databaseUrl, `SELECT count(*) FROM "AuditLog" WHERE action = 'command.result'`);
		const [resultsBefore, auditsBefore] = [await results(), await audits()];

		// The proof of then, as somebody who listened would play it.
		const isHandshake = (text: string) => /"type":"(hello|auth)"/.test(text);
		const stranger = await ScriptedAgent.dial(enrolled, {}, { saysReady: false });
		for (const text of recorded.filter(isHandshake)) stranger.socket.send(text);
		expect(await stranger.closed).toMatchObject({ code: 4003 });
		expect(stranger.framesOf('welcome')).toEqual([]);

		// And what came after the handshake, on a line that is the agent's own.
		const again = await ScriptedAgent.connect(enrolled);
		for (const text of recorded) if (!/"type":"(hello|auth|ready)"/.test(text)) again.socket.send(text);
		again.answerEverything();
		await trader.command('pause_ea', { accountIds: [accounts[0]?.id] });
		const after = await results();
		expect(
			after.filter((row) => resultsBefore.some((b) => JSON.stringify(b) === JSON.stringify(row)))
		).toHaveLength(resultsBefore.length);
		expect(Number((await audits())[0]?.['count'])).toBe(Number(auditsBefore[0]?.['count']) + 1);
		again.drop();
	});
});
