import { expect, test } from '@playwright/test';
import { accountRow, address, confirmIdentity, signIn } from './person.ts';

test.describe.configure({ mode: 'serial' });

test('C1: adding an account says what is wrong beside the field, and logs in when it is right', async ({
	page
}) => {
	await signIn(page);
	await page.goto(address('/dashboard?settings=add'));
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox', { name: /Account number/ }).fill('12ab');
	await dialog.getByRole('textbox', { name: 'Broker' }).fill('Cumulus FX');
	await dialog.getByRole('textbox', { name: /Server/ }).fill('Cumulus-Demo');
	await dialog.getByRole('textbox', { name: 'Password' }).fill('cumulus');
	await dialog.getByRole('button', { name: /^Add/ }).click();
	await expect(dialog.getByText(/1 to 12 digits/)).toBeVisible();
	await dialog.getByRole('textbox', { name: /Account number/ }).fill('61000007');
	await dialog.getByRole('textbox', { name: /^Name/ }).fill('Cumulus test');
	// The broker of the demo refuses a password that begins so.
	await dialog.getByRole('textbox', { name: 'Password' }).fill('wrong');
	await dialog.getByRole('button', { name: /^Add/ }).click();

	// The dialog stays until the login was tried on a terminal.
	const login = dialog.getByRole('region', { name: 'Login of Cumulus test' });
	await expect(login.getByText('The broker refused the login.')).toBeVisible({ timeout: 60_000 });
	await expect(login.getByText(/Check account number, password and server/)).toBeVisible();
	await login.getByRole('button', { name: 'Correct it' }).click();
	await dialog.getByRole('textbox', { name: 'Password' }).fill('cumulus');
	// It says so for some seconds only: the page itself looks out for it.
	const isTested = page.evaluate(
		() =>
			new Promise<boolean>((done) => {
				const look = () => {
					if (document.body.innerText.includes('Saved. Testing the login…')) done(true);
					else requestAnimationFrame(look);
				};
				look();
			})
	);
	await dialog.getByRole('button', { name: 'Save' }).click();
	await confirmIdentity(page);
	expect(await isTested).toBe(true);
	await expect(login.getByText('The login works.')).toBeVisible({ timeout: 60_000 });
	await expect(login.getByText(/Balance [\d,.]+ ?USD, equity/)).toBeVisible();
	await login.getByRole('button', { name: 'Done' }).click();
	await expect(page.getByRole('switch', { name: 'Trade on Cumulus test' })).toBeVisible();
	await page.goto(address('/dashboard'));
	await expect(accountRow(page, 'Cumulus test').getByText('Connected')).toBeVisible({ timeout: 30_000 });
});

test('C1: deleting asks first, and removes the account', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/dashboard?settings=accounts'));
	await page.getByRole('button', { name: 'Actions for Cumulus test' }).click();
	await page.getByRole('menuitem', { name: /Delete/ }).click();
	const answer = page.waitForResponse((response) => response.request().method() === 'DELETE');
	await page.getByRole('button', { name: /^Delete/ }).click();
	expect((await answer).status()).toBe(204);
	await expect(page.getByRole('switch', { name: 'Trade on London breakout' })).toBeVisible();
	await expect(page.getByRole('switch', { name: 'Trade on Cumulus test' })).toHaveCount(0);
	await page.goto(address('/dashboard'));
	await expect(accountRow(page, 'Cumulus test')).toHaveCount(0);
});

test('C3: an account is disconnected and connected on the Accounts page', async ({ page }) => {
	await signIn(page);
	await page.getByRole('link', { name: 'Accounts', exact: true }).click();
	const row = page
		.getByRole('table', { name: 'Your accounts' })
		.getByRole('row')
		.filter({ hasText: 'Second real' });
	await row.getByRole('button', { name: 'Disconnect Second real' }).click();
	await expect(row.getByText('Disconnected by you')).toBeVisible({ timeout: 60_000 });
	await row.getByRole('button', { name: 'Connect Second real' }).click();
	await expect(row.getByText('Connected', { exact: true })).toBeVisible({ timeout: 60_000 });
});
