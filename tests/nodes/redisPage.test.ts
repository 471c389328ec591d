/** What a person sees of it, in a real browser. */
import { chromium, type Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../support/browser.ts';
import { arrangeTwoSides, haveMet } from './twoSides.ts';
import type { NodesRig } from './nodesRig.ts';
import { startRedisRig } from './processesRig.ts';

const LONG = { timeout: 30_000 };

describe('S6: the page of a server that lost the others', () => {
	let rig: NodesRig;
	let browser: Browser;
	beforeAll(async () => {
		rig = await startRedisRig();
		browser = await chromium.launch(await findBrowser());
		await haveMet(rig);
	});
	afterAll(async () => {
		await browser?.close();
		await rig.stop();
	});

	it('S6: says so, shows the account as not reachable, and takes both back', async () => {
		const { onB, agent, accounts } = await arrangeTwoSides(rig);
		// As an agent does: what was told once only would be old by the time that a slow browser shows it.
		const telling = setInterval(() => {
			for (const { id } of accounts) agent.report(id);
		}, 1_000);
		const context = await browser.newContext({ baseURL: rig.b.origin });
		const [name = '', value = ''] = onB.cookie.split('=');
		await context.addCookies([{ name, value, url: rig.b.origin }]);
		const page = await context.newPage();
		await page.goto('/dashboard');
		const row = page.getByRole('row').filter({ hasText: 'Test Broker' }).first();
		await row.getByText('Stopped', { exact: true }).first().waitFor(LONG);

		await rig.cutBus();
		const notice = page.getByText('This server has lost contact with the other servers.');
		await notice.waitFor(LONG);
		await row.getByText('Not reachable').first().waitFor(LONG);
		expect(await page.getByText('Agent offline').count()).toBe(0);

		await rig.healBus();
		await notice.waitFor({ state: 'hidden', ...LONG });
		await row.getByText('Stopped', { exact: true }).first().waitFor(LONG);
		clearInterval(telling);
		agent.drop();
	});
});
