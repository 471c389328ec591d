import { expect, test, type Page } from '@playwright/test';
import { accountRow, address, press, signIn } from './person.ts';

test('B5: eight tabs share one stream, buttons work in all of them, and a closed tab hands it on', async ({
	page,
	context
}) => {
	const streams: Page[] = [];
	context.on('request', (request) => {
		if (request.url().endsWith('/api/stream')) streams.push(request.frame().page());
	});
	await signIn(page);
	const tabs = [page];
	while (tabs.length < 8) {
		const tab = await context.newPage();
		await tab.goto(address('/dashboard'));
		await expect(tab.getByText('Live', { exact: true })).toBeVisible();
		tabs.push(tab);
	}
	expect(streams).toEqual([page]);

	// The browser has connections left for what a person does, and the other tabs hear of it.
	const last = tabs[7] as Page;
	await press(last, 'Pause');
	await expect(
		accountRow(tabs[3] as Page, 'Trend follower').getByText('Paused', { exact: true })
	).toBeVisible();

	await page.close();
	await expect.poll(() => streams.length, { timeout: 15_000 }).toBe(2);
	for (const tab of tabs.slice(1)) await expect(tab.getByText('Live', { exact: true })).toBeVisible();
	await press(last, 'Stop');
	await expect(
		accountRow(tabs[3] as Page, 'Trend follower').getByText('Stopped', { exact: true })
	).toBeVisible();
	for (const tab of tabs.slice(1)) await tab.close();
});

test('B4: a page that was offline says so, claims nothing meanwhile, and is right when it is back', async ({
	page,
	context
}) => {
	await signIn(page);
	const row = accountRow(page, 'Trend follower');
	await expect(row.getByText('Stopped', { exact: true })).toBeVisible();
	const elsewhere = await context.browser()?.newContext();
	const other = await elsewhere?.newPage();
	if (!other) throw new Error('no second browser');
	await signIn(other);

	await context.setOffline(true);
	await expect(row.getByText(/Unknown/).first()).toBeVisible({ timeout: 60_000 });
	await expect(row.getByText(/was Stopped/)).toBeVisible();
	await press(other, 'Start');
	await context.setOffline(false);
	await expect(row.getByText('Running', { exact: true })).toBeVisible({ timeout: 30_000 });
	await press(other, 'Stop');
	await expect(row.getByText('Stopped', { exact: true })).toBeVisible();
	await elsewhere?.close();
});
