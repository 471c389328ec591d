/** C6: tags of accounts, and commands to the accounts that carry one. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { arrangeScene } from '../../support/scene.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const base = '/api/user/mt5-accounts';

async function tagged() {
	const scene = await arrangeScene(web, 3);
	const [a = '', b = '', c = ''] = scene.accounts.map(({ id }) => id);
	const tag = (id: string, tags: string[]) =>
		scene.trader.send<AccountView>('PATCH', `${base}/${id}`, { tags });
	await tag(a, ['Conservative', 'London']);
	await tag(b, ['conservative']);
	await tag(c, ['Aggressive']);
	scene.agent.answerEverything();
	return { ...scene, a, b, c, tag };
}
const reached = ({ accounts }: { accounts: { accountId: string }[] }) =>
	accounts.map(({ accountId }) => accountId).sort();

describe('C6: tags', () => {
	it('are stored with the account in one spelling each, and refused when they are none', async () => {
		const { trader, a, tag } = await tagged();
		expect((await tag(a, [' Night  shift', 'night shift', 'Asia'])).body.tags).toEqual([
			'Asia',
			'Night shift'
		]);
		for (const tags of [['<script>'], [''], Array.from({ length: 11 }, (_, i) => `t${i}`), 'Asia'])
			expect((await trader.refusal('PATCH', `${base}/${a}`, { tags })).status).toBe(400);
		expect((await tag(a, [])).body.tags).toEqual([]);
		const made = await trader.addAccount('77001', { tags: ['New'] });
		expect(made.tags).toEqual(['New']);
		// There is no room for it: it would take that of the next test.
		expect((await trader.send('DELETE', `${base}/${made.id}`)).status).toBe(204);
	});

	it('start, pause and stop the accounts of a group, and no other', async () => {
		const { trader, agent, a, b, c } = await tagged();
		const started = await trader.command('start_ea', { tag: 'CONSERVATIVE' });
		expect(started.body).toMatchObject({ success: true, totalAccounts: 2 });
		expect(reached(started.body)).toEqual([a, b].sort());
		await trader.enable(b, false);
		// Switched off, and still running: a Stop of its group reaches it.
		expect(reached((await trader.command('stop_ea', { tag: 'Conservative' })).body)).toEqual([a, b].sort());
		expect(reached((await trader.command('pause_ea', { tag: 'Conservative' })).body)).toEqual([a]);
		expect(agent.framesOf('command').some(({ accountId }) => accountId === c)).toBe(false);
	});

	it('reach nothing that is not switched on, and nothing of another trader', async () => {
		const { trader, agent, c } = await tagged();
		await trader.enable(c, false);
		const none = await trader.refusal('POST', '/api/user/ea/command', {
			command: 'start_ea',
			tag: 'Aggressive'
		});
		expect(none).toMatchObject({ status: 409, code: 'NO_ENABLED_ACCOUNT' });
		expect(none.error.message).toContain('Aggressive');
		const other = await arrangeScene(web, 1);
		expect(
			(
				await other.trader.refusal('POST', '/api/user/ea/command', {
					command: 'stop_ea',
					tag: 'Conservative'
				})
			).code
		).toBe('NO_ENABLED_ACCOUNT');
		expect(agent.framesOf('command')).toEqual([]);
	});

	it('are not named together with accounts, and belong to what an Idempotency-Key stands for', async () => {
		const { trader, a } = await tagged();
		const both = { command: 'stop_ea', tag: 'London', accountIds: [a] };
		expect((await trader.refusal('POST', '/api/user/ea/command', both)).status).toBe(400);
		const everything = { command: 'stop_ea', tag: 'London', everyAccount: true };
		expect((await trader.refusal('POST', '/api/user/ea/command', everything)).status).toBe(400);
		const key = { 'idempotency-key': randomUUID() };
		const first = await trader.command('stop_ea', { tag: 'London' }, key);
		const again = await trader.command('stop_ea', { tag: 'london' }, key);
		expect(again.body.commandId).toBe(first.body.commandId);
		const otherTag = { command: 'stop_ea', tag: 'Aggressive' };
		expect((await trader.refusal('POST', '/api/user/ea/command', otherTag, key)).code).toBe(
			'IDEMPOTENCY_MISMATCH'
		);
	});
});
