/**
 * (h) The dashboard in headless Chromium with an empty cache: JavaScript sent, first contentful paint, and the time until
 * its figures are live. The floor is the same HTML and style sheet without a script, as a file from the same server.
 */
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findBrowser } from '../support/browser.ts';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';
import { SEEN_RUNNING } from './seenRunning.ts';
import { fillDays } from './tradingDays.ts';

const SCENARIO = 'dashboard';
const LOADS = 7;
const FLOOR_NAME = 'bench-floor.html';
const floorFile = fileURLToPath(new URL(`../../build/client/${FLOOR_NAME}`, import.meta.url));

interface Load {
	paintMs: number;
	/** The stream is up; the figures that came with the page are at most a second old. */
	liveMs: number;
	/** The stream changed a figure. */
	changedMs: number;
	chartMs: number;
	scriptBytes: number;
	htmlBytes: number;
}

export async function dashboard(bench: Bench): Promise<Row[]> {
	const trader = await bench.makeTrader(5);
	await fillDays(bench.pool, trader.accountIds);
	const headers = { cookie: trader.cookie };
	const html = await (await fetch(`${bench.origin}/dashboard`, { headers })).text();
	await writeFile(floorFile, html.replace(/<script[\s\S]*?<\/script>|<link[^>]+modulepreload[^>]*>/g, ''));
	const browser = await chromium.launch({ ...(await findBrowser()), headless: true });
	const agents = startChild('lineAgents.ts');
	try {
		// The server looks once, at its start, which files there are.
		await bench.restartWeb();
		await agents.call('connect', {
			url: `${bench.origin.replace('http', 'ws')}/agent/v1`,
			agents: trader.agents
		});
		await agents.call('telemetry', { state: SEEN_RUNNING });
		const loads: Load[] = [];
		const floors: number[] = [];
		for (let n = 0; n <= LOADS; n++) {
			const load = await loadDashboard(browser, bench.origin, trader.cookie);
			const floor = await loadFloor(browser, bench.origin);
			// The first one is the server's own warm-up.
			if (n === 0) continue;
			loads.push(load);
			floors.push(floor);
		}
		const median = (pick: (load: Load) => number) => quantile(loads.map(pick), 0.5);
		const floor = quantile(floors, 0.5);
		return [
			row(SCENARIO, 'JavaScript with charts, gz', 'kB', median(({ scriptBytes }) => scriptBytes) / 1_000),
			row(SCENARIO, 'HTML', 'kB', median(({ htmlBytes }) => htmlBytes) / 1_000),
			row(
				SCENARIO,
				'first contentful paint, p50',
				'ms',
				median(({ paintMs }) => paintMs),
				floor
			),
			row(
				SCENARIO,
				'live, p50',
				'ms',
				median(({ liveMs }) => liveMs),
				floor
			),
			row(
				SCENARIO,
				'first change of a figure, p50',
				'ms',
				median(({ changedMs }) => changedMs),
				floor
			),
			row(
				SCENARIO,
				'charts drawn, p50',
				'ms',
				median(({ chartMs }) => chartMs),
				floor
			)
		];
	} finally {
		await browser.close();
		await agents.end();
		await rm(floorFile, { force: true });
	}
}

async function loadDashboard(browser: Browser, origin: string, cookie: string): Promise<Load> {
	const context = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
	const [name = '', value = ''] = cookie.split('=');
	await context.addCookies([{ name, value, url: origin }]);
	const page = await context.newPage();
	const sizes: Promise<{ path: string; bytes: number }>[] = [];
	page.on('requestfinished', (request) => {
		const path = new URL(request.url()).pathname;
		if (path === '/dashboard' || path.endsWith('.js'))
			sizes.push(request.sizes().then(({ responseBodySize }) => ({ path, bytes: responseBodySize })));
	});
	const sinceStart = () => page.evaluate(() => performance.now());
	await page.goto(`${origin}/dashboard`, { waitUntil: 'commit' });
	const equity = page.getByRole('group', { name: 'Equity' });
	const whenLive = page.getByText('Live', { exact: true }).waitFor().then(sinceStart);
	const whenChanged = equity
		.textContent()
		.then((first) =>
			page.waitForFunction(
				(text) => document.querySelector('[role=group][aria-label=Equity]')?.textContent !== text,
				first
			)
		)
		.then(sinceStart);
	const whenDrawn = page.locator('[role=slider] canvas').first().waitFor().then(sinceStart);
	const [liveMs, changedMs, chartMs] = await Promise.all([whenLive, whenChanged, whenDrawn]);
	await page.locator('section[aria-busy=true]').first().waitFor({ state: 'detached' });
	const paintMs = await firstPaint(page);
	const sent = await Promise.all(sizes);
	await context.close();
	const sum = (wanted: (path: string) => boolean) =>
		sent.filter(({ path }) => wanted(path)).reduce((total, { bytes }) => total + bytes, 0);
	return {
		...{ paintMs, liveMs, changedMs, chartMs },
		scriptBytes: sum((path) => path.endsWith('.js')),
		htmlBytes: sum((path) => path === '/dashboard')
	};
}

async function loadFloor(browser: Browser, origin: string): Promise<number> {
	const context = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
	const page = await context.newPage();
	await page.goto(`${origin}/${FLOOR_NAME}`);
	const paintMs = await firstPaint(page);
	await context.close();
	return paintMs;
}

const firstPaint = (page: Page): Promise<number> =>
	page.evaluate(
		() =>
			new Promise<number>((done) =>
				new PerformanceObserver((list, observer) => {
					const paint = list.getEntriesByName('first-contentful-paint')[0];
					if (!paint) return;
					observer.disconnect();
					done(paint.startTime);
				}).observe({ type: 'paint', buffered: true })
			)
	);
