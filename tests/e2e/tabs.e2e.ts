import { expect, test, type Page, type Request } from '@playwright/test';
import { accountRow, address, press, signIn } from './person.ts';

test('B5: eight tabs share one stream, buttons work in all of them, and a closed tab hands it on', async ({
	page,
	context
}) => {
	// Those that are open: one that broke off and was opened again is still one.
	const streams = new Map<Request, Page>();
	context.on('request', (request) => {
		if (new URL(request.url()).pathname === '/api/stream') streams.set(request, request.frame().page());
	});
	const over = (request: Request): void => void streams.delete(request);
	context.on('requestfinished', over).on('requestfailed', over);
	const tabs = [page];
	const readers = () =>
		[...streams.values()].filter((tab) => !tab.isClosed()).map((tab) => tabs.indexOf(tab));
	await signIn(page);
	while (tabs.length < 8) {
		const tab = await context.newPage();
		await tab.goto(address('/dashboard'));
		await expect(tab.getByText('Live', { exact: true })).toBeVisible();
		tabs.push(tab);
	}
	await expect.poll(readers).toEqual([0]);
	const [, , , watching, , , , last] = tabs;
	if (!watching || !last) throw new Error('not eight tabs');
	const seen = accountRow(watching, 'Trend follower');

	// The browser has connections left for what a person does, and the other tabs hear of it.
	await press(last, 'Start');
	await expect(seen.getByText('Running', { exact: true })).toBeVisible();

	await page.close();
	await expect.poll(() => readers().length).toBe(1);
	for (const tab of tabs.slice(1)) await expect(tab.getByText('Live', { exact: true })).toBeVisible();
	await press(last, 'Stop');
	await expect(seen.getByText('Stopped', { exact: true })).toBeVisible();
});
