import { expect, test } from '@playwright/test';
import { accountRow, address, command, press, send, signIn } from './person.ts';

test.describe.configure({ mode: 'serial' });

test('F1: the settings say how many are enabled; the sixth is refused and its switch rolls back', async ({
	page
}) => {
	await signIn(page);
	await page
		.getByRole('link', { name: /Settings/ })
		.or(page.getByRole('button', { name: /Settings/ }))
		.first()
		.click();
	const dialog = page.getByRole('dialog', { name: 'Settings' });
	await expect(dialog.getByText('4 / 5 enabled')).toBeVisible();

	const fifth = dialog.getByRole('switch', { name: 'Trade on Main real' });
	await fifth.click();
	await expect(dialog.getByText('5 / 5 enabled')).toBeVisible();
	const sixth = dialog.getByRole('switch', { name: 'Trade on Second real' });
	await sixth.click();
	await expect(dialog.getByText(/Switch one off first/).first()).toBeVisible();
	await expect(sixth).not.toBeChecked();

	// While it is at work it takes no other press.
	await expect(fifth).toHaveAttribute('aria-busy', 'false');
	await fifth.click();
	await expect(dialog.getByText('4 / 5 enabled')).toBeVisible();
});

test('F2, F6: Start reaches every enabled account, and tells the truth of each', async ({ page }) => {
	await signIn(page);
	const result = await press(page, 'Start');
	await expect(result.getByText('3 of 4 accounts started, 1 failed.')).toBeVisible();
	await expect(result.getByText('The broker refused the login.', { exact: false })).toBeVisible();
	await expect(accountRow(page, 'London breakout').getByText('Running', { exact: true })).toBeVisible();
	await expect(accountRow(page, 'Slow terminal').getByText('Running', { exact: true })).toBeVisible();
	await expect(accountRow(page, 'Wrong password').getByText('Login refused')).toBeVisible();
});

test('F2: the result list stays until it is put away, also across a reload; Retry goes to the failed one', async ({
	page
}) => {
	await signIn(page);
	const list = page.getByRole('region', { name: 'Result of Start Algo' });
	await expect(list).toBeVisible();
	await send(page, 'Start', () => list.getByRole('button', { name: 'Retry failed (1)' }).click());
	await expect(list.getByText('0 of 1 account started, 1 failed.')).toBeVisible();
	await expect(list.getByRole('listitem')).toHaveCount(1);
	await list.getByRole('button', { name: 'Put away' }).click();
	await expect(list).toBeHidden();
	await page.reload();
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	await expect(list).toBeHidden();
});

test('D2: another tab sees the command and the state without a reload', async ({ page, context }) => {
	await signIn(page);
	const other = await context.newPage();
	await other.goto(address('/dashboard'));
	await expect(other.getByText('Live', { exact: true })).toBeVisible();
	await press(page, 'Pause');
	const result = other.getByRole('region', { name: 'Result of Pause Algo' });
	await expect(result.getByText('London breakout')).toBeVisible();
	await expect(
		accountRow(other, 'London breakout').getByText('Paused', { exact: true }).first()
	).toBeVisible();
});

test('F7: Stop that closes on a real account asks once, with Cancel in focus', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/dashboard?settings=accounts'));
	await page.getByRole('switch', { name: 'Trade on Main real' }).click();
	await expect(page.getByRole('dialog').getByText('5 / 5 enabled')).toBeVisible();
	await page.goto(address('/dashboard?settings=ea'));
	await page.getByRole('switch', { name: /close/i }).click();
	await page.getByRole('button', { name: /^Save/ }).first().click();
	await expect(page.getByText(/saved/i).first()).toBeVisible();
	await page.goto(address('/dashboard'));
	await expect(page.getByText('Live', { exact: true })).toBeVisible();

	await command(page, 'Stop').click();
	const dialog = page.getByRole('dialog', { name: /Stop Algo on 5 accounts/ });
	await expect(dialog).toBeVisible();
	await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
	await expect(dialog.getByText('Main real')).toBeVisible();
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await expect(dialog).toBeHidden();

	await command(page, 'Stop').click();
	const result = await send(page, 'Stop', () =>
		page.getByRole('button', { name: /^Stop and close/ }).click()
	);
	await expect(result.getByText('4 of 5 accounts stopped, 1 failed.')).toBeVisible();
	await expect(result.getByText(/2 closed, nothing left/).first()).toBeVisible();
	const real = accountRow(page, 'Main real');
	await expect(real.getByText('Stopped', { exact: true })).toBeVisible();
});

test('F9: the activity page lists every command with what came of it', async ({ page }) => {
	await signIn(page);
	await page.getByRole('link', { name: 'Activity' }).first().click();
	await expect(page.getByRole('heading', { name: 'Activity' })).toBeVisible();
	const list = page.getByRole('main');
	await expect(list.getByText('3 of 4 accounts started, 1 failed.').first()).toBeVisible();
	await expect(list.getByText('4 of 5 accounts stopped, 1 failed.')).toBeVisible();
});
