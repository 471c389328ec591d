import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { address, command, signIn } from './person.ts';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Commands' });
const field = (page: Page) => page.getByRole('combobox', { name: /^Find a page/ });
const shortcuts = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });

async function complaints(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
		.analyze();
	return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** One key after the other, in time for the page however long the machine takes between them. */
async function pressInTime(page: Page, keys: readonly string[]): Promise<void> {
	await page.evaluate(() => {
		const nowMs = performance.now();
		performance.now = () => nowMs;
	});
	for (const key of keys) await page.keyboard.press(key);
	await page.evaluate(() => Reflect.deleteProperty(performance, 'now'));
}

test('S4: the command palette goes where one types, and gives the focus back', async ({ page }) => {
	await signIn(page);
	await command(page, 'Pause').focus();
	await page.keyboard.press('Control+k');
	await expect(field(page)).toBeFocused();
	for (const theme of ['light', 'dark']) {
		await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
		expect(await complaints(page)).toEqual([]);
	}
	// The focus stays inside.
	await page.keyboard.press('Tab');
	expect(await palette(page).evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
	await page.keyboard.press('Escape');
	await expect(palette(page)).toBeHidden();
	await expect(command(page, 'Pause')).toBeFocused();

	await page.keyboard.press('Control+k');
	await field(page).fill('trend');
	const option = palette(page).getByRole('option', { selected: true });
	await expect(option).toContainText('Trend follower');
	expect(await field(page).getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'));
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'Trend follower' })).toBeVisible();
	await page.keyboard.press('Control+k');
	await field(page).fill('positions');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'Positions and orders' })).toBeVisible();
});

test('S4, F7: a command of the palette presses the header’s own button, with all that it asks', async ({
	page
}) => {
	await signIn(page);
	const { accounts } = await (await page.request.get(address('/api/user/mt5-accounts'))).json();
	const { id } = accounts.find(({ name }: { name: string }) => name === 'Main real');
	const set = async (isOn: boolean) => {
		await page.request.patch(address('/api/user/ea/settings'), { data: { closePositionsOnStop: isOn } });
		await page.request.patch(address(`/api/user/mt5-accounts/${id}/toggle`), { data: { enabled: isOn } });
	};
	// A Stop that would close something on a real account: the button asks first, so the palette does.
	await set(true);
	await page.reload();
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	const sent: string[] = [];
	page.on('request', (request) => {
		if (request.url().endsWith('/api/user/ea/command')) sent.push(request.postData() ?? '');
	});
	await command(page, 'Stop').click();
	const question = page.getByRole('dialog', { name: /^Stop/ });
	await expect(question).toBeVisible();
	const asked = await question.innerText();
	await page.keyboard.press('Escape');
	await expect(question).toBeHidden();

	await page.keyboard.press('Control+k');
	await field(page).fill('stop algo');
	await page.keyboard.press('Enter');
	await expect(question).toBeVisible();
	const [title] = asked.split('\n');
	expect(title).not.toBe('');
	await expect(question).toContainText(title ?? '');
	await page.keyboard.press('Escape');
	await expect(question).toBeHidden();
	expect(sent).toEqual([]);
	await set(false);
});

test('S4: single keys do something, but not in a field, and not for those who switched them off', async ({
	page
}) => {
	await signIn(page);
	await page.keyboard.press('?');
	await expect(shortcuts(page)).toBeVisible();
	expect(await complaints(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await expect(shortcuts(page)).toBeHidden();
	await pressInTime(page, ['g', 'p']);
	await expect(page.getByRole('heading', { name: 'Positions and orders' })).toBeVisible();

	await page.goto(address('/analytics/deals'));
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	await page.getByRole('textbox', { name: 'Symbol' }).focus();
	await page.keyboard.type('gp?');
	await expect(page.getByRole('textbox', { name: 'Symbol' })).toHaveValue('gp?');
	await expect(shortcuts(page)).toBeHidden();

	await page.goto(address('/preferences'));
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	const keys = page.getByRole('switch', { name: 'Single-key shortcuts' });
	await keys.click();
	await expect(page.getByText('Kept.')).toBeVisible();
	await page.getByRole('heading', { name: 'Preferences' }).click();
	await page.keyboard.press('?');
	await page.keyboard.press('Control+k');
	await expect(palette(page)).toBeVisible();
	await expect(shortcuts(page)).toBeHidden();
	await page.keyboard.press('Escape');

	// A choice that cannot be kept goes back, and says so.
	await page.route('**/api/user/preferences', (route) => route.abort());
	await keys.click();
	await expect(page.getByRole('alert')).toContainText('Not kept');
	await expect(keys).not.toBeChecked();
	await page.unroute('**/api/user/preferences');
	await keys.click();
	await expect(keys).toBeChecked();
	await expect(page.getByText('Kept.')).toBeVisible();
});

test('S4: a dialog keeps the focus inside, and gives it back', async ({ page }) => {
	await signIn(page);
	const killSwitch = page.getByRole('button', { name: 'Stop everything' });
	const question = page.getByRole('dialog', { name: /^Stop every account/ });
	await killSwitch.focus();
	await page.keyboard.press('Enter');
	await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
	expect(await complaints(page)).toEqual([]);
	const last = question.getByRole('button', { name: /^Stop/ });
	await page.keyboard.press('Tab');
	await expect(last).toBeFocused();
	await page.keyboard.press('Tab');
	await expect(question.getByRole('button', { name: 'Close' })).toBeFocused();
	await page.keyboard.press('Shift+Tab');
	await expect(last).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(question).toBeHidden();
	await expect(killSwitch).toBeFocused();

	// A press beside it closes it, too; one inside does not.
	await killSwitch.click();
	await question.getByRole('heading', { name: /^Stop every account/ }).click();
	await expect(question).toBeVisible();
	await page.mouse.click(5, 400);
	await expect(question).toBeHidden();
	await expect(killSwitch).toBeFocused();
});

test('S4: the menu of an account is chosen from by arrow keys and first letters', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/accounts'));
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	const button = page.getByRole('button', { name: 'Actions for Trend follower' });
	const menu = page.getByRole('menu', { name: 'Actions for Trend follower' });
	const item = (name: RegExp) => menu.getByRole('menuitem', { name });
	await button.focus();
	await page.keyboard.press('Enter');
	await expect(menu.getByRole('menuitem').first()).toBeFocused();
	expect(await complaints(page)).toEqual([]);
	await page.keyboard.press('ArrowUp');
	await expect(item(/^Delete/)).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(menu.getByRole('menuitem').first()).toBeFocused();
	await page.keyboard.press('e');
	await expect(item(/^Edit/)).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(menu).toBeHidden();
	await expect(button).toBeFocused();

	// What it opens has the focus afterwards, and its end gives it back to the menu's button.
	await page.keyboard.press('Enter');
	await page.keyboard.press('e');
	await page.keyboard.press('Enter');
	const form = page.getByRole('dialog', { name: 'Account', exact: true });
	await expect(form).toBeVisible();
	expect(await form.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
	await page.keyboard.press('Escape');
	await expect(form).toBeHidden();
	await expect(button).toBeFocused();
});

test('S4: the account menu leads on, and folds', async ({ page }) => {
	await signIn(page);
	const button = page.getByRole('button', { name: /^Account menu of/ });
	const security = page.getByRole('link', { name: 'Security' });
	await button.focus();
	await page.keyboard.press('Enter');
	await expect(security).toBeVisible();
	expect(await complaints(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await expect(security).toBeHidden();
	await expect(button).toBeFocused();
	await button.click();
	await security.click();
	await expect(page).toHaveURL(/\/account$/);
	await expect(security).toBeHidden();
});
