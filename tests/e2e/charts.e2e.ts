/** D1: the charts, as somebody uses them with the keyboard, and what they say to those who do not see them. */
import { expect, test, type Page } from '@playwright/test';
import type { EquityView } from '../../src/lib/domain/analyticsViews.ts';
import { formatDecimal } from '../../src/lib/components/ui/money.ts';
import type { AccountListView } from '../../src/lib/domain/views.ts';
import { address, signIn } from './person.ts';

const words = (amount: string): string => formatDecimal(amount, { fractionDigits: 2 });
const equityChart = (page: Page) => page.getByRole('slider', { name: /^Equity and balance/ }).first();

test('D1: the equity chart tells its points by arrow keys, and as a table', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/analytics?days=90'));
	const chart = equityChart(page);
	await expect(chart.locator('canvas').first()).toBeAttached();
	const { stepMs, curves } = (await (
		await page.request.get(address('/api/analytics/equity?days=90'))
	).json()) as EquityView;
	expect(stepMs).toBe(4 * 3_600_000);
	// The machine was away for more than a day, and nothing is drawn of it. What was missed today is this run's own.
	const dayAgo = new Date(Date.now() - 86_400_000).toISOString();
	expect(curves[0]?.points.filter(({ at, isAfterGap }) => isAfterGap && at < dayAgo)).toHaveLength(2);
	await chart.focus();
	await page.keyboard.press('Home');
	await expect(chart).toHaveAttribute('aria-valuenow', '0');
	await expect(chart).toHaveAttribute('aria-valuetext', /00:00, equity [\d,.]+ USD, balance [\d,.]+ USD/);
	await page.keyboard.press('ArrowRight');
	await expect(chart).toHaveAttribute('aria-valuetext', /04:00, equity/);
	await expect(page.getByText(/Deepest fall of the equity: [\d,.]+ USD/).first()).toBeVisible();
	await page.getByText('As a table').first().click();
	const rows = page.getByRole('region', { name: /as a table/ }).getByRole('row');
	await expect.poll(() => rows.count()).toBeGreaterThan(80);
	await expect(page.getByRole('link', { name: 'Charts by TradingView' }).first()).toBeVisible();
});

test('D1: an account is taken out of the comparison and put back with the keyboard', async ({ page }) => {
	await signIn(page);
	await page.goto(address('/analytics?days=30'));
	const legend = page.getByRole('group', { name: 'Accounts shown' });
	const account = legend.getByRole('button', { name: /^Trend follower/ });
	const chart = page.getByRole('slider', { name: /^Gain of each account/ });
	await expect(chart).toHaveAttribute('aria-valuetext', /Trend follower [+−]/);
	await account.focus();
	await page.keyboard.press('Enter');
	await expect(account).toHaveAttribute('aria-pressed', 'false');
	await expect(chart).not.toHaveAttribute('aria-valuetext', /Trend follower/);
	await page.keyboard.press('Space');
	await expect(account).toHaveAttribute('aria-pressed', 'true');
	await expect(legend.getByRole('button', { name: /Wrong password/ })).toBeDisabled();
});

test('D1: a chart whose size changes shows the same days', async ({ page }) => {
	await signIn(page);
	for (const name of [/^Gain of each account/, /^Equity and balance/]) {
		const chart = page.getByRole('slider', { name }).first();
		await expect(chart.locator('canvas').first()).toBeAttached();
		for (const width of [1000, 1400, 900, 1280]) {
			await page.setViewportSize({ width, height: 900 });
			// The share of the points that lies left of the pointer at the chart's left edge.
			const cutOff = async () => {
				await chart.hover({ position: { x: 300, y: 60 } });
				await chart.hover({ position: { x: 2, y: 60 } });
				const [now, last] = await Promise.all(
					['aria-valuenow', 'aria-valuemax'].map(async (one) => Number(await chart.getAttribute(one)))
				);
				return (now ?? 0) / (last ?? 0);
			};
			await expect.poll(cutOff, `${name} at ${width}`).toBeLessThan(0.01);
		}
	}
});

test('D1: the dashboard is filtered to one account, in cards, table and charts', async ({ page }) => {
	await signIn(page);
	const told = page.waitForResponse((response) => /analytics\/equity\?account_ids=/.test(response.url()));
	await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Trend follower (50012002)' });
	await expect(page).toHaveURL(/account_ids=/);
	const accounts = page.getByRole('table', { name: 'Accounts' });
	await expect(accounts.getByRole('rowheader')).toHaveCount(1);
	// What its EA gained or lost in the tests before depends on the market.
	const { curves } = (await (await told).json()) as EquityView;
	const charted = curves[0]?.points.findLast(({ balance }) => balance !== null)?.balance ?? '';
	await expect(equityChart(page)).toHaveAttribute(
		'aria-valuetext',
		new RegExp(`balance ${words(charted)} USD`)
	);
	const list = await page.request.get(address('/api/user/mt5-accounts'));
	const own = ((await list.json()) as AccountListView).accounts.find(
		({ accountNumber }) => accountNumber === '50012002'
	);
	await expect(page.getByRole('group', { name: 'Balance' })).toContainText(words(own?.balance ?? ''));
	// One account is compared with nothing.
	await expect(page.getByRole('group', { name: 'Accounts shown' })).toHaveCount(0);
	await page.getByRole('link', { name: '7 days' }).click();
	await expect(page).toHaveURL(/account_ids=.*days=7/);
});

test('D1: the dashboard sends at most 150 kB of JavaScript, charts and all', async ({ page }) => {
	await signIn(page);
	// What the page before still loads is not counted.
	await page.goto('about:blank');
	const sizes: Promise<number>[] = [];
	page.on('requestfinished', (request) => {
		if (new URL(request.url()).pathname.endsWith('.js'))
			sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
	});
	await page.context().setExtraHTTPHeaders({ 'accept-encoding': 'gzip' });
	// Nothing from the cache: everything has to be sent.
	const session = await page.context().newCDPSession(page);
	await session.send('Network.setCacheDisabled', { cacheDisabled: true });
	await page.goto(address('/dashboard'));
	await expect(equityChart(page).locator('canvas').first()).toBeAttached();
	await expect(page.locator('section[aria-busy=true]')).toHaveCount(0);
	const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
	// The chart library alone is 56 kB: it is counted.
	expect(bytes).toBeGreaterThan(70_000);
	expect(bytes).toBeLessThanOrEqual(150_000);
});

test('D1: nothing jumps while the charts come', async ({ page }) => {
	await signIn(page);
	await page.addInitScript(() => {
		const seen = { shift: 0 };
		Object.assign(globalThis, { seen });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
		}).observe({ type: 'layout-shift', buffered: true });
	});
	for (const path of ['/analytics?days=30', '/dashboard']) {
		await page.goto(address(path));
		await expect(equityChart(page).locator('canvas').first()).toBeAttached();
		const shift = await page.evaluate(
			() => (globalThis as unknown as { seen: { shift: number } }).seen.shift
		);
		// Web Vitals: good is up to 0.1.
		expect(shift, path).toBeLessThan(0.1);
	}
});

test('T1: a chart’s times follow the clock that was chosen, and its days are those of UTC', async ({
	page
}) => {
	await signIn(page);
	const choose = (tradeClock: string) =>
		page.request.patch(address('/api/user/preferences'), { data: { tradeClock } });
	await choose('BROKER');
	try {
		await page.goto(address('/analytics?days=7'));
		const chart = equityChart(page);
		await expect(page.getByText(/times are the broker’s/).first()).toBeVisible();
		// Drawn: before, the drawing itself may take the point away.
		await expect(chart.locator('canvas').first()).toBeAttached();
		await chart.focus();
		await page.keyboard.press('Home');
		await expect(chart).toHaveAttribute('aria-valuetext', /^\d+ \w+ \d{4} 0[23]:00, /);
		await choose('UTC');
		await page.reload();
		await expect(page.getByText(/times are UTC/).first()).toBeVisible();
		await expect(chart.locator('canvas').first()).toBeAttached();
		await chart.focus();
		await page.keyboard.press('Home');
		await expect(chart).toHaveAttribute('aria-valuetext', /^\d+ \w+ \d{4} 00:00, /);
	} finally {
		await choose('MINE');
	}
});
