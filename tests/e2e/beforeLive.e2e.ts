import { expect, test } from '@playwright/test';
import type { AccountListView } from '../../src/lib/domain/views.ts';
import { accountRow, address, command, isAwake, signIn } from './person.ts';

test('D2: a page shows what happened between its loading and the opening of its line', async ({ page }) => {
	await signIn(page);
	const list = await page.request.get(address('/api/user/mt5-accounts'));
	const [account] = ((await list.json()) as AccountListView).accounts;
	if (!account) throw new Error('the demo has accounts');
	const rename = (name: string) =>
		page.request.patch(address(`/api/user/mt5-accounts/${account.id}`), { data: { name } });
	const held = Promise.withResolvers<void>();
	await page.route(
		({ pathname }) => pathname === '/api/stream',
		async (route) => {
			await held.promise;
			await route.continue();
		}
	);
	await page.goto(address('/accounts'));
	await expect(page.getByText(account.name, { exact: true }).first()).toBeVisible();
	try {
		expect((await rename('Named meanwhile')).status()).toBe(200);
		held.resolve();
		await isAwake(page);
		await expect(page.getByText('Named meanwhile', { exact: true }).first()).toBeVisible();
	} finally {
		await rename(account.name);
	}
});

test('F1: a page whose script has not come yet takes no press, and says so after a while', async ({
	page
}) => {
	await signIn(page);
	const held = Promise.withResolvers<void>();
	await page.route('**/_app/immutable/**/*.js', async (route) => {
		await held.promise;
		await route.continue();
	});
	await page.goto(address('/dashboard'), { waitUntil: 'commit' });
	await expect(accountRow(page, 'Trend follower')).toBeVisible();
	const killSwitch = page.getByRole('button', { name: 'Stop everything' });
	const buttons = [...(['Start', 'Pause', 'Stop'] as const).map((word) => command(page, word)), killSwitch];
	for (const button of buttons) await expect(button).toHaveAttribute('aria-disabled', 'true');
	const notice = page.getByText('This page is not live yet.');
	await expect(notice).toBeVisible();
	held.resolve();
	await isAwake(page);
	await expect(notice).toHaveCount(0);
	for (const button of buttons) await expect(button).not.toHaveAttribute('aria-disabled');
});
