import { expect, test, type Page } from '@playwright/test';
import { FaultProxy } from '../faults/support/faultProxy.ts';
import { accountRow, address, press, signIn } from './person.ts';

/**
 * A real network between browser and server that can be silenced without an end: `setOffline` of the browser leaves
 * the connections of a stream to this machine alone.
 */
let proxy: FaultProxy;
test.beforeAll(async () => {
	proxy = await FaultProxy.listen(() => Number(new URL(address('/')).port));
});
test.afterAll(() => proxy.close());

const silence = (isSilent: boolean) => {
	proxy.up.isBlackHole = proxy.down.isBlackHole = isSilent;
};

/** Signed in through the proxy: cookies do not tell ports apart. */
async function openBehindProxy(page: Page): Promise<void> {
	await signIn(page);
	await page.goto(`${proxy.url}/dashboard`.replace('127.0.0.1', new URL(address('/')).hostname));
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

test('B4: a tab whose line carries nothing any more says unknown with the age, and a snapshot heals it', async ({
	page,
	browser
}) => {
	test.setTimeout(240_000);
	await openBehindProxy(page);
	const row = accountRow(page, 'Trend follower');
	await press(page, 'Start');
	await expect(row.getByText('Running', { exact: true })).toBeVisible();
	silence(true);
	// Nothing ended, and nothing is claimed: what was seen last is said with its age.
	await expect(row.getByText(/Unknown/).first()).toBeVisible({ timeout: 60_000 });
	await expect(row.getByText(/was Running/)).toBeVisible();

	// Meanwhile somebody stops it on another device.
	const other = await (await browser.newContext()).newPage();
	await signIn(other);
	await press(other, 'Stop');
	await other.context().close();
	await expect(row.getByText(/was Running/)).toBeVisible();

	silence(false);
	// The dead line never ends by itself: the page notices its silence, and asks for everything again.
	await expect(row.getByText('Stopped', { exact: true })).toBeVisible({ timeout: 90_000 });
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
});

test('B4: a tab that was frozen shows the present when it wakes', async ({ page, browser }) => {
	test.setTimeout(240_000);
	await openBehindProxy(page);
	const row = accountRow(page, 'Trend follower');
	await expect(row.getByText('Stopped', { exact: true })).toBeVisible();
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
	silence(true);
	const other = await (await browser.newContext()).newPage();
	await signIn(other);
	await press(other, 'Start');
	await expect(accountRow(other, 'Trend follower').getByText('Running', { exact: true })).toBeVisible();
	proxy.cut();
	silence(false);
	await devtools.send('Page.setWebLifecycleState', { state: 'active' });
	await expect(row.getByText('Running', { exact: true })).toBeVisible({ timeout: 90_000 });
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	await press(other, 'Stop');
	await other.context().close();
});
