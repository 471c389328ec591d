/** R2: what an agent may do of itself, as the trader sets it and the agent is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { arrangeScene } from '../../support/scene.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

describe('R2: the dead-man policy of an account', () => {
	it('is "go on" and "come back by itself" until the trader says otherwise, and reaches the agent at once', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		expect(accounts[0]?.policy).toEqual({
			resumesByItself: true,
			isWatchdogOn: true,
			pauseAfterLossMinutes: null
		});
		const policy = { resumesByItself: false, pauseAfterLossMinutes: 10 };
		const patched = await trader.send<AccountView>('PATCH', `/api/user/mt5-accounts/${id}`, { policy });
		expect(patched.body.policy).toEqual({ ...policy, isWatchdogOn: true });
		const told = await agent.next('sync', ({ accounts: synced }) =>
			synced.some((account) => account.accountId === id && account.policy.pauseAfterLossMinutes !== null)
		);
		expect(told.accounts[0]?.policy).toEqual({ ...policy, isWatchdogOn: true });
	});

	it.each([0, 1441, 1.5, '5'])('refuses %j minutes with a sentence at the field', async (minutes) => {
		const { trader, accounts } = await arrangeScene(web, 1);
		const path = `/api/user/mt5-accounts/${accounts[0]?.id}`;
		const refusal = await trader.refusal('PATCH', path, { policy: { pauseAfterLossMinutes: minutes } });
		expect(refusal.status).toBe(400);
		expect(Object.keys(refusal.error?.fields ?? {})).toEqual(['policy.pauseAfterLossMinutes']);
		expect((await trader.get<AccountView>(path)).body.policy.pauseAfterLossMinutes).toBeNull();
	});
});
