import { expect, test, type Page } from '@playwright/test';
import { accountRow, address, press, signIn } from './person.ts';

test('B5: eight tabs share one stream, buttons work in all of them, and a closed tab hands it on', async ({
	page,
	context
}) => {
	const readers: Page[] = [];
	context.on('request', (request) => {
		if (request.url().endsWith('/api/stream')) readers.push(request.frame().page());
	});
	await signIn(page);
	const tabs = [page];
	while (tabs.length < 8) {
		const tab = await context.newPage();
		await tab.goto(address('/dashboard'));
		await expect(tab.getByText('Live', { exact: true })).toBeVisible();
		tabs.push(tab);
	}
	expect(readers).toEqual([page]);
	const [, , , watching, , , , last] = tabs;
	if (!watching || !last) throw new Error('not eight tabs');
	const seen = accountRow(watching, 'Trend follower');

	// The browser has connections left for what a person does, and the other tabs hear of it.
	await press(last, 'Start');
	await expect(seen.getByText('Running', { exact: true })).toBeVisible();

	await page.close();
	await expect.poll(() => readers.length, { timeout: 30_000 }).toBe(2);
	for (const tab of tabs.slice(1)) await expect(tab.getByText('Live', { exact: true })).toBeVisible();
	await press(last, 'Stop');
	await expect(seen.getByText('Stopped', { exact: true })).toBeVisible();
});
