import { expect, test } from '@playwright/test';
import { address, DEMO, signIn } from './person.ts';

test('S1: a wrong password is refused with a sentence, and the address stays in the form', async ({
	page
}) => {
	await page.goto(address('/login'));
	await page.getByRole('textbox', { name: 'Email' }).fill(DEMO.email);
	await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
	await page.getByRole('button', { name: 'Log in' }).click();
	await expect(page.getByRole('alert')).toContainText('E-mail address or password is wrong.');
	await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue(DEMO.email);
});

test('S1: a new trader registers, meets an empty dashboard that leads on, and logs out', async ({ page }) => {
	await page.goto(address('/register'));
	await page.getByRole('textbox', { name: 'Name' }).fill('New Trader');
	await page.getByRole('textbox', { name: 'Email' }).fill(`new-${Date.now()}@example.test`);
	await page.getByRole('textbox', { name: 'Password' }).fill('a long password');
	await page.getByRole('button', { name: 'Register' }).click();
	await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
	await expect(page.getByRole('button', { name: 'Add account' })).toBeVisible();
	await page.getByRole('button', { name: 'Account menu of New Trader' }).click();
	await page.getByRole('button', { name: 'Log out' }).click();
	await expect(page).toHaveURL(/\/login/);
	await page.goto(address('/dashboard'));
	await expect(page).toHaveURL(/\/login/);
});

test('a page that is asked for without a session comes after signing in', async ({ page }) => {
	await page.goto(address('/activity'));
	await expect(page).toHaveURL(/\/login\?next=/);
	await page.getByRole('textbox', { name: 'Email' }).fill(DEMO.email);
	await page.getByRole('textbox', { name: 'Password' }).fill(DEMO.password);
	await page.getByRole('button', { name: 'Log in' }).click();
	await expect(page).toHaveURL(/\/activity/);
});

test('S4: an address that does not exist gets a 404 page that leads back', async ({ page }) => {
	await signIn(page);
	const answer = await page.goto(address('/nowhere'));
	expect(answer?.status()).toBe(404);
	await expect(page.getByText('404')).toBeVisible();
	await page
		.getByRole('link', { name: /dashboard/i })
		.first()
		.click();
	await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
});
