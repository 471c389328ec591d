import { defineConfig } from '@playwright/test';
import { findBrowser } from './tests/support/browser.ts';

/** Browser tests use the demo itself: real server, real agent, real terminal processes, one file after the other in each. */
export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '*.e2e.ts',
	globalSetup: './tests/e2e/globalSetup.ts',
	// Each has a demo of its own: they wait for terminals more than they work.
	workers: 2,
	fullyParallel: false,
	retries: 0,
	// For a machine under load, and for the demo's slow terminal; what a requirement bounds, its test measures.
	timeout: 240_000,
	expect: { timeout: 30_000 },
	reporter: 'list',
	outputDir: 'test-results',
	use: {
		headless: true,
		viewport: { width: 1280, height: 900 },
		launchOptions: await findBrowser(),
		screenshot: 'only-on-failure'
	}
});
