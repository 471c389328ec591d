/** D1: parts that are loaded when they are first needed, on a page that cannot load anything any more. */
import { expect, test, type Page } from '@playwright/test';
import { accountRow, command, isAwake, press, send, signIn } from './person.ts';

const SAYS_SO = /runs a newer version than this page/;

/** As after the server was renewed: the files of this page are gone. */
async function signInWithoutLater(page: Page): Promise<void> {
	await signIn(page);
	await expect(page.locator('section[aria-busy=true]')).toHaveCount(0);
	await page.route('**/_app/immutable/**', (route) => route.fulfill({ status: 404 }));
}

test('D1: a part that cannot be loaded says so, where it was asked for', async ({ page }) => {
	await signInWithoutLater(page);
	await page.getByRole('button', { name: 'Details of Trend follower' }).click();
	const row = page.getByRole('row').filter({ hasText: SAYS_SO });
	await expect(row.getByRole('button', { name: 'Load the page anew' })).toBeVisible();
	await page.getByRole('button', { name: 'Details of Trend follower' }).click();

	await page.getByRole('button', { name: /MT5/ }).click();
	const initialize = page.getByRole('dialog', { name: 'Initialize MT5' });
	await expect(initialize.getByText(SAYS_SO)).toBeVisible();
	await page.keyboard.press('Escape');
	// Ctrl K does nothing while a dialog is open.
	await expect(initialize).toBeHidden();

	const failure = page.getByRole('dialog', { name: 'This part could not be loaded' });
	for (const open of [
		() => page.keyboard.press('Control+k'),
		() => page.getByRole('button', { name: /^Settings/ }).click()
	]) {
		await open();
		await expect(failure.getByText(SAYS_SO)).toBeVisible();
		await page.keyboard.press('Escape');
		await expect(failure).toBeHidden();
	}
	await expect(accountRow(page, 'Trend follower')).toBeVisible();
	await page.unroute('**/_app/immutable/**');
	await page.keyboard.press('Control+k');
	await failure.getByRole('button', { name: 'Load the page anew' }).click();
	// The page before says that it is live, too.
	await expect(failure).toBeHidden();
	await isAwake(page);
	await page.keyboard.press('Control+k');
	await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
});

test('F7, D1: Pause, Stop and the kill switch need nothing that is loaded later', async ({ page }) => {
	await signInWithoutLater(page);
	await press(page, 'Pause');
	await expect(command(page, 'Stop')).not.toHaveAttribute('aria-disabled');
	const list = await send(page, 'Stop', async () => {
		await page.getByRole('button', { name: 'Stop everything' }).click();
		const question = page.getByRole('dialog', { name: /^Stop every account/ });
		await question.getByText('Keep positions', { exact: true }).click();
		await question.getByRole('button', { name: /^Stop/ }).click();
	});
	await expect(list.getByText('Trend follower')).toBeVisible();
});
