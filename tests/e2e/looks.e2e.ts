import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import type { AccountListView } from '../../src/lib/domain/views.ts';
import { address, command, confirmIdentity, OPERATOR, signIn } from './person.ts';

// They look, and change nothing: no worker has to look at all of them.
test.describe.configure({ mode: 'parallel' });

const PAGES = [
	'/dashboard',
	'/dashboard?settings=accounts',
	'/dashboard?settings=ea',
	'/positions',
	'/accounts',
	'/analytics',
	'/analytics?days=365',
	'/analytics/deals',
	'/analytics/deals?sort=worst',
	'/activity',
	'/activity/log',
	'/activity/system',
	'/alerts',
	'/experts',
	'/accounts?open=add',
	'/preferences',
	'/docs/api',
	'/account'
];

/** And the page of an account. */
async function allPages(page: Page): Promise<string[]> {
	const { accounts } = (await (
		await page.request.get(address('/api/user/mt5-accounts'))
	).json()) as AccountListView;
	return [...PAGES, ...accounts.slice(0, 1).map(({ id }) => `/accounts/${id}`)];
}

/** Many pages: each waits for its charts, and axe looks at every element. */
const forAllPages = (): void => test.setTimeout((PAGES.length + 1) * 30_000);

/** Its line is up, and what is loaded afterwards, as the charts, is there. */
async function isWhole(page: Page): Promise<void> {
	await expect(page.getByRole('banner').getByText('Live', { exact: true })).toBeVisible();
	await expect(page.locator('section[aria-busy=true]')).toHaveCount(0);
	for (const chart of await page.getByRole('slider').all())
		await expect(chart.locator('canvas').first()).toBeAttached();
}

async function complaints(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
		.analyze();
	return violations.map(
		(violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`
	);
}

for (const theme of ['dark', 'light'] as const) {
	test(`S4: every page is accessible in the ${theme} theme`, async ({ page }) => {
		forAllPages();
		await signIn(page);
		await page.request.post(address('/api/theme'), { data: { theme } });
		for (const path of await allPages(page)) {
			await page.goto(address(path));
			await isWhole(page);
			expect(await complaints(page), path).toEqual([]);
		}
		await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
	});
}

test('S4: nothing is wider than a phone', async ({ page }) => {
	forAllPages();
	await page.setViewportSize({ width: 390, height: 844 });
	await signIn(page);
	for (const path of await allPages(page)) {
		await page.goto(address(path));
		await expect(page.getByRole('button', { name: /^Stop Algo/ })).toBeAttached();
		const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		expect(overflow, path).toBeLessThanOrEqual(0);
	}
});

test('no page breaks its own content security policy', async ({ page }) => {
	forAllPages();
	const problems: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error') problems.push(message.text());
	});
	page.on('pageerror', (error) => problems.push(error.message));
	await signIn(page);
	// What is left in the middle of loading complains of that.
	await isWhole(page);
	for (const path of await allPages(page)) {
		await page.goto(address(path));
		await isWhole(page);
	}
	expect(problems).toEqual([]);
});

test('E8: an operator sees the agents and makes a join code', async ({ page }) => {
	await signIn(page, OPERATOR);
	await page.getByRole('link', { name: 'Agents' }).first().click();
	await expect(page.getByRole('rowheader').getByText('demo-vps')).toBeVisible();
	// Nothing of an own algo to start: no dead buttons.
	await expect(command(page, 'Start')).toHaveCount(0);
	await page.getByRole('button', { name: /join code/i }).click();
	await confirmIdentity(page, OPERATOR);
	await expect(page.getByText(/npm run agent -- enrol/)).toBeVisible();
	expect(await complaints(page)).toEqual([]);
});

test('a trader finds no operator’s page', async ({ page }) => {
	await signIn(page);
	const answer = await page.goto(address('/agents'));
	expect(answer?.status()).toBe(404);
});
