import { expect, test } from '@playwright/test';
import type { AccountListView, AccountView } from '../../src/lib/domain/views.ts';
import { accountRow, address, signIn } from './person.ts';

test('E9: the whole product runs without Windows: every demo account has its broker’s answer', async ({
	page
}) => {
	await signIn(page);
	for (const name of ['London breakout', 'Trend follower', 'Slow terminal', 'Main real', 'Second real'])
		await expect(accountRow(page, name).getByText('Connected')).toBeVisible();
	await expect(accountRow(page, 'Wrong password').getByText('Login refused')).toBeVisible();
});

test('C3: five accounts of one trader are connected at the same time, and stay so', async ({ page }) => {
	await signIn(page);
	const ages = page
		.getByRole('row')
		.filter({ hasText: 'Connected' })
		.getByText(/^[0-5] s ago$/);
	await expect(ages).toHaveCount(5);
});

test('D1: the cards sum what is known, per kind of money, and say what is missing', async ({ page }) => {
	await signIn(page);
	const main = page.getByRole('main');
	await expect(main.getByText('4 / 5').first()).toBeVisible();
	await expect(main.getByText('3 of 4 enabled connected')).toBeVisible();
	const { accounts } = (await (
		await page.request.get(address('/api/user/mt5-accounts'))
	).json()) as AccountListView;
	const sum = (kind: AccountView['kind']): string => {
		const cents = accounts
			.filter((account) => account.kind === kind && account.balance)
			.reduce((total, { balance }) => total + Math.round(Number(balance) * 100), 0);
		return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
	};
	// The one that was never logged in is missing, and said to be.
	await expect(main.getByText(sum('DEMO')).first()).toBeVisible();
	await expect(main.getByText('3 of 4 accounts, 1 not seen').first()).toBeVisible();
	await expect(main.getByRole('group', { name: 'Floating drawdown' })).toContainText(/^Floating drawdown.*%/);
	await expect(main.getByRole('columnheader', { name: 'Floating Drawdown' })).toBeVisible();
	// Real money is never added to demo money.
	await expect(main.getByText(sum('REAL')).first()).toBeVisible();
});

test('E4: an account’s details show the ladder, with the first rung that fails and what to do', async ({
	page
}) => {
	await signIn(page);
	await page.getByRole('button', { name: 'Details of London breakout' }).click();
	await expect(page.getByRole('heading', { name: 'Is it really trading?' })).toBeVisible();
	await expect(page.getByText('Algo Trading is off in the terminal.')).toBeVisible();
	await expect(page.getByText('Press Start Algo to switch it on.').first()).toBeVisible();
});
