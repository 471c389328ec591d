/** Which Chromium the browser tests run in: Playwright's own, else the system's, else the one from npm. */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function findBrowser(): Promise<{ executablePath: string; args: string[] }> {
	const found = [chromium.executablePath(), ...SYSTEM].find((path) => path && existsSync(path));
	// Nothing is looked up or fetched outside; as root, Chromium cannot make its sandbox. The npm package's own
	// arguments are not used: they put the whole browser into one process and switch web security off.
	const args = [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
		'--no-first-run'
	];
	if (found) return { executablePath: found, args };
	return { executablePath: await (await import('@sparticuz/chromium')).default.executablePath(), args };
}
