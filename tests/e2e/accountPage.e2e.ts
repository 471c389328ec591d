import { expect, test } from '@playwright/test';
import type { EquityView } from '../../src/lib/domain/analyticsViews.ts';
import { accountRow, address, isAwake, signIn } from './person.ts';

test('D1, D4: the page of an account has its equity, its last deals and its log, and leads to all of each', async ({
	page
}) => {
	await signIn(page);
	const told = page.waitForResponse((response) => /analytics\/equity\?.*account_ids=/.test(response.url()));
	await accountRow(page, 'Trend follower').getByRole('link', { name: 'Trend follower' }).click();
	await expect(page.getByRole('heading', { name: 'Trend follower' })).toBeVisible();
	const { curves } = (await (await told).json()) as EquityView;
	expect(curves).toHaveLength(1);
	await expect(page.getByRole('slider')).toHaveAttribute('aria-valuetext', /balance [\d,.]+ USD/);
	// The days are chosen here; the account is the page's own.
	await page.getByRole('link', { name: '7 days' }).click();
	await expect(page).toHaveURL(/\/accounts\/[^?]+\?days=7$/);
	await expect(page.getByRole('slider')).toHaveAttribute('aria-valuetext', /balance [\d,.]+ USD/);

	const deals = page.getByRole('region', { name: 'Deals' });
	await expect(deals.getByRole('row')).toHaveCount(11);
	await expect(deals.getByRole('columnheader', { name: 'Account' })).toHaveCount(0);
	await expect(page.getByRole('list', { name: 'Log of this account' })).toBeVisible();

	await page.getByRole('link', { name: 'All of its log' }).click();
	await expect(page.getByLabel('Account', { exact: true })).toHaveValue(/.+/);
	await page.goBack();
	await page.getByRole('link', { name: 'All its deals' }).click();
	await expect(page).toHaveURL(/\/analytics\/deals\?account_ids=/);
	await expect(deals.getByText('50012002').first()).toBeVisible();
	await expect(deals.getByText('50012001')).toHaveCount(0);
});

test('D4: on the phone a deal is a card with its profit in sight', async ({ page }) => {
	await page.setViewportSize({ width: 390, height: 844 });
	await signIn(page);
	await page.goto(new URL('/analytics/deals', page.url()).href);
	const closed = page.getByRole('region', { name: 'Deals' }).getByRole('row').filter({ hasText: ' out ' });
	const profit = closed.first().getByText(/^[+−][\d,.]+ USD$/);
	await profit.scrollIntoViewIfNeeded();
	const box = await profit.boundingBox();
	expect(box && box.x + box.width).toBeLessThanOrEqual(390);
});

test('D4: the worst trades first, page by page', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/analytics/deals'));
	await isAwake(page);
	const filter = page.getByRole('form', { name: 'Filter' });
	await filter.getByLabel('Order').selectOption('Largest loss');
	await expect(filter.getByLabel('Kind'), 'what was paid out is no loss').toHaveValue('trade');
	await filter.getByRole('button', { name: 'Show' }).click();
	await expect(page).toHaveURL(/kind=trade.*sort=worst/);
	const losses = async (): Promise<number[]> => {
		const cells = page.getByRole('region', { name: 'Deals' }).locator('tbody tr td:nth-last-child(2)');
		await expect(cells.first()).toBeVisible();
		return (await cells.allInnerTexts()).map((text) =>
			Number(
				text
					.replace('−', '-')
					.replaceAll(',', '')
					.replace(/[^-\d.]/g, '')
			)
		);
	};
	const first = await losses();
	expect(first.length).toBe(50);
	expect(first).toEqual(first.toSorted((a, b) => a - b));
	await page.getByRole('link', { name: 'Load more' }).click();
	await expect(page.getByRole('link', { name: 'Largest loss' })).toBeVisible();
	const second = await losses();
	expect(second[0]).toBeGreaterThanOrEqual(first.at(-1) ?? 0);
});
