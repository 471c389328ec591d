import { expect, test } from '@playwright/test';
import { address, isAwake, signIn } from './person.ts';

test('T1: positions of all accounts, live, sorted with the keyboard, in the clock that was chosen', async ({
	page
}) => {
	await signIn(page);
	await page.getByRole('link', { name: 'Positions', exact: true }).first().click();
	const table = page.getByRole('region', { name: 'Positions' });
	const gold = table.getByRole('row').filter({ hasText: 'XAUUSD' });
	await expect(gold).toContainText('no S/L');
	await expect(gold.getByText(/^[0-9] s ago$/)).toBeVisible();
	// It moves by itself.
	const prices = async () => (await gold.innerText()).replace(/\d+ s ago/, '');
	const before = await prices();
	await expect.poll(prices, { timeout: 30_000 }).not.toBe(before);
	// Who cannot be seen is named, and is in no sum.
	const unseen = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Wrong password' });
	await expect(unseen).toContainText('login refused');
	await expect(page.getByRole('list', { name: 'Totals' })).toContainText('1 not known');

	const profit = table.getByRole('columnheader', { name: 'Profit' });
	await profit.getByRole('button').focus();
	await page.keyboard.press('Enter');
	await expect(profit).toHaveAttribute('aria-sort', 'ascending');
	await page.keyboard.press('Enter');
	await expect(profit).toHaveAttribute('aria-sort', 'descending');

	const position = { at: '', serverTime: '' };
	const book = await (await page.request.get(address('/api/user/positions'))).json();
	for (const { open } of book.accounts)
		for (const each of open?.positions ?? []) if (each.symbol === 'XAUUSD') Object.assign(position, each);
	await page.request.patch(address('/api/user/preferences'), { data: { tradeClock: 'BROKER' } });
	await page.reload();
	await expect(table.getByRole('columnheader', { name: 'Time, broker’s time' })).toBeVisible();
	await expect(gold).toContainText(position.serverTime.slice(11, 19));
	await page.request.patch(address('/api/user/preferences'), { data: { tradeClock: 'UTC' } });
	await page.reload();
	await expect(gold).toContainText(position.at.slice(11, 19));
	await page.request.patch(address('/api/user/preferences'), { data: { tradeClock: 'MINE' } });
	await isAwake(page);

	await page.getByRole('combobox', { name: 'Symbol' }).selectOption('EURUSD');
	await expect(gold).toHaveCount(0);
	await expect(table.getByRole('row').filter({ hasText: 'EURUSD' }).first()).toBeVisible();
});

test('S4: title and picture of the tab tell the state', async ({ page }) => {
	await signIn(page);
	// One of the enabled accounts has a wrong password, so its terminal is down.
	await expect(page).toHaveTitle(/^▲ .*faulty.* · [+−]?[\d,]+\.\d{2} USD.* · Quintet$/);
	await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', '/favicon-trouble.svg');
});

test('C7: Initialize MT5 looks at every terminal anew, and shows the ladder of each', async ({ page }) => {
	await signIn(page);
	await page.getByRole('button', { name: /^(Initialize )?MT5/ }).click();
	const dialog = page.getByRole('dialog', { name: 'Initialize MT5' });
	const checked = dialog.getByRole('list', { name: 'Checked accounts' });
	const line = (name: string) => checked.getByRole('listitem').filter({ hasText: name }).first();
	await expect(line('London breakout').getByText('Connected', { exact: true })).toBeVisible();
	await expect(line('London breakout')).toContainText(/Balance [\d,]+\.\d{2} USD/);
	await expect(line('Wrong password').getByText('Error', { exact: true })).toBeVisible();
	await expect(line('Wrong password')).toContainText('The broker refused the login');
	await line('London breakout').getByText('The checks, one by one').click();
	await expect(
		line('London breakout')
			.getByText(/bridge/i)
			.first()
	).toBeVisible();
	// One account with an error is an error of the whole.
	await expect(dialog.getByRole('status')).toHaveText('Error');
});
