/** The account's page and the machine's page, on the demo's real terminals. */
import { readdir, readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { ownDemo } from './ownDemo.ts';
import { accountRow, address, confirmIdentity, isAwake, OPERATOR, press, signIn } from './person.ts';

async function complaints(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
		.analyze();
	return violations.map(
		(violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`
	);
}

async function looksRight(page: Page): Promise<void> {
	for (const theme of ['dark', 'light'] as const) {
		await page.request.post(address('/api/theme'), { data: { theme } });
		await page.reload();
		await isAwake(page);
		// What is loaded afterwards, as the charts, is there.
		await expect(page.locator('section[aria-busy=true]')).toHaveCount(0);
		expect(await complaints(page), theme).toEqual([]);
	}
	await page.setViewportSize({ width: 390, height: 844 });
	// A chart takes on the new width a moment later than the page.
	await expect
		.poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth))
		.toBeLessThanOrEqual(0);
	await page.setViewportSize({ width: 1280, height: 900 });
}

/** The terminal of an account, among the processes of this run's demo. */
async function terminalOf(accountId: string): Promise<number | undefined> {
	const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
	for (const pid of pids) {
		const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
		if (line.includes(ownDemo().dataDir) && line.includes(`${accountId}/terminal64`)) return Number(pid);
	}
	return undefined;
}

test('E5: the account’s page tells of a crash and how long the recovery took; its watchdog is switched there', async ({
	page
}) => {
	test.skip(process.platform !== 'linux', 'finds the process in /proc');
	await signIn(page);
	await press(page, 'Start');
	const row = accountRow(page, 'London breakout');
	await expect(row.getByText('Running', { exact: true })).toBeVisible();
	await row.getByRole('link', { name: 'London breakout' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'London breakout' })).toBeVisible();
	const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
	const history = page.getByRole('list', { name: 'Watchdog history' });
	// Other things may have been noticed before, and be over only now.
	const crashes = history
		.locator('> li')
		.filter({ hasText: 'The terminal ended' })
		.filter({ hasText: /Recovered in/ });
	const before = await crashes.count();
	const pid = await terminalOf(id);
	expect(pid).toBeDefined();
	if (pid !== undefined) process.kill(pid, 'SIGKILL');
	await expect(crashes).toHaveCount(before + 1, { timeout: 45_000 });
	await history.getByText('The terminal ended').first().click();
	await expect(history.getByText('Started the terminal again').first()).toBeVisible();
	await expect(
		page.getByRole('list', { name: 'Commands on this account' }).getByText('Start Algo')
	).not.toHaveCount(0);

	const watchdog = page.getByRole('switch', { name: 'Watchdog of London breakout' });
	await expect(watchdog).toBeChecked();
	await watchdog.focus();
	await page.keyboard.press('Space');
	await expect(watchdog).not.toBeChecked();
	await expect(page.getByText(/^Off: nothing is restarted/)).toBeVisible();
	// While it is at work it takes no other press.
	await expect(watchdog).toHaveAttribute('aria-busy', 'false');
	await watchdog.click();
	await expect(watchdog).toBeChecked();
	await expect(watchdog).toHaveAttribute('aria-busy', 'false');
	await looksRight(page);
});

test('E8: the machine’s page shows what runs there, hands over its log, and takes no new accounts when told', async ({
	page
}) => {
	await signIn(page, OPERATOR);
	await page.goto(address('/agents'));
	await page.getByRole('link', { name: 'demo-vps' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'demo-vps' })).toBeVisible();
	await isAwake(page);
	await expect(page.getByText(/\d+ up, \d+ answer/)).toBeVisible({ timeout: 30_000 });
	await page.getByRole('button', { name: 'Load the newest lines' }).click();
	await expect(page.getByRole('region', { name: 'Log of the agent' })).toContainText('terminal launched');
	const takes = page.getByRole('switch', { name: 'Takes new accounts' });
	await takes.click();
	await expect(page.getByText(/no new one is given to it/)).toBeVisible();
	await expect(takes).toHaveAttribute('aria-busy', 'false');
	await takes.click();
	await expect(takes).toBeChecked();
	await looksRight(page);
});

test('E8: the install page gives one line that brings its code, in no address, and waits for the agent', async ({
	page
}) => {
	await signIn(page, OPERATOR);
	await page.goto(address('/agents'));
	await page.getByRole('link', { name: 'Install on a Windows VPS' }).click();
	// The page before has a button of that name, too.
	await expect(page.getByRole('heading', { name: 'Install an agent on Windows' })).toBeVisible();
	await isAwake(page);
	await page.getByRole('button', { name: 'Make join code' }).click();
	await confirmIdentity(page, OPERATOR);
	const code = (await page.getByLabel('Join code', { exact: true }).textContent())?.trim() ?? '';
	expect(code).toMatch(/^[0-9a-f]{32}$/);
	const line = (await page.getByLabel('Install command').textContent())?.trim() ?? '';
	expect(line).toBe(`& ([scriptblock]::Create((irm ${address('/install.ps1')}))) -Code ${code}`);
	await expect(page.getByText('Waiting for the agent to enrol…')).toBeVisible();
	await looksRight(page);
});
