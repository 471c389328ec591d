import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { decodeBase32, totpCode } from '../../src/lib/server/auth/totp.ts';
import { address, answerTo, command, confirmIdentity, isAwake, OPERATOR, signIn } from './person.ts';

interface Person {
	email: string;
	password: string;
}

let count = 0;

async function register(page: Page, name = 'New Trader'): Promise<Person> {
	const person = { email: `person-${Date.now()}-${++count}@example.test`, password: 'a long password' };
	await page.goto(address('/register'));
	await page.getByRole('textbox', { name: 'Name' }).fill(name);
	await page.getByRole('textbox', { name: 'Email' }).fill(person.email);
	await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
	await page.getByRole('button', { name: 'Register' }).click();
	await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
	return person;
}

async function openSecurity(page: Page): Promise<void> {
	await page.getByRole('button', { name: /^Account menu of/ }).click();
	await page.getByRole('link', { name: 'Security' }).click();
	await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
	await isAwake(page);
}

const codeOf = (secret: string, stepsFromNow = 0): string =>
	totpCode(decodeBase32(secret), BigInt(Math.floor(Date.now() / 30_000) + stepsFromNow));

async function complaints(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
		.analyze();
	return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

test('S1: the second factor is set up by hand alone, is asked for at the log-in, and a recovery code stands in for it', async ({
	page
}) => {
	const person = await register(page);
	await openSecurity(page);
	const panel = page.getByRole('region', { name: 'Second factor' });
	await expect(panel.getByText('Off', { exact: true })).toBeVisible();
	await panel.getByRole('button', { name: 'Set up' }).focus();
	await page.keyboard.press('Enter');
	await confirmIdentity(page, person);
	await expect(panel.getByRole('img', { name: /QR code/ })).toBeVisible();
	await panel.getByText('Cannot scan? Type the key in').click();
	const secret = (await panel.locator('code').innerText()).replaceAll(/\s/g, '');
	expect(await complaints(page)).toEqual([]);

	const code = panel.getByRole('textbox', { name: /code that the app shows/ });
	await code.fill('000000');
	await page.keyboard.press('Enter');
	await expect(panel.getByText(/not the code of the app/)).toBeVisible();
	await expect(code).toBeFocused();
	await code.fill(codeOf(secret));
	await page.keyboard.press('Enter');
	const codes = panel.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
	await expect(codes).toHaveCount(10);
	const recoveryCode = await codes.first().innerText();
	expect(await complaints(page)).toEqual([]);
	const download = page.waitForEvent('download');
	await panel.getByRole('button', { name: 'Download' }).click();
	expect((await download).suggestedFilename()).toBe('quintet-recovery-codes.txt');
	await panel.getByRole('button', { name: 'I have kept them' }).click();
	await expect(panel.getByText('On', { exact: true })).toBeVisible();
	await expect(page.getByText(recoveryCode)).toHaveCount(0);

	await page.getByRole('button', { name: /^Account menu of/ }).click();
	await page.getByRole('button', { name: 'Log out' }).click();
	await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
	await page.goto(address('/login?next=/activity'));
	await page.getByRole('textbox', { name: 'Email' }).fill(person.email);
	await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
	await page.getByRole('button', { name: 'Log in' }).click();
	await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
	// No line to the server here that would say so: the script is at work when it has taken over the scrolling.
	await expect.poll(() => page.evaluate(() => history.scrollRestoration)).toBe('manual');
	expect(await complaints(page)).toEqual([]);
	await page.getByRole('textbox', { name: /authenticator app/ }).fill('000000');
	await page.keyboard.press('Enter');
	await expect(page.getByText(/wrong, or was used already/)).toBeVisible();
	await page.getByRole('button', { name: 'Use a recovery code' }).click();
	await page.getByRole('textbox', { name: 'Recovery code' }).fill(recoveryCode);
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/activity/);

	// Off again, confirmed with a code of the app.
	await openSecurity(page);
	await expect(panel.getByText('9 recovery codes are left.')).toBeVisible();
	await panel.getByRole('button', { name: 'Switch off' }).click();
	const question = page.getByRole('dialog', { name: 'Confirm that it is you' });
	await question.getByRole('textbox', { name: /authenticator app/ }).fill(codeOf(secret, 1));
	await question.getByRole('button', { name: 'Confirm' }).click();
	await expect(panel.getByText('Off', { exact: true })).toBeVisible();
});

test('S1: another device is seen, and is out at once when it is signed out here', async ({
	page,
	browser
}) => {
	const person = await register(page);
	const elsewhere = await browser.newContext({
		userAgent:
			'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'
	});
	const phone = await elsewhere.newPage();
	await signIn(phone, person);

	await openSecurity(page);
	const panel = page.getByRole('region', { name: 'Sessions' });
	await expect(panel.getByRole('listitem')).toHaveCount(2);
	await expect(panel.getByText('This device')).toBeVisible();
	await panel.getByRole('button', { name: /Sign out Safari on iPhone/ }).click();
	await expect(panel.getByRole('listitem')).toHaveCount(1);
	// Nobody touched the phone; every half minute it would find out by itself.
	await expect(phone).toHaveURL(/\/login/, { timeout: 15_000 });
	await elsewhere.close();
});

test('S1: the password is changed with the old one, which is worth nothing afterwards', async ({ page }) => {
	const person = await register(page);
	await openSecurity(page);
	const panel = page.getByRole('region', { name: 'Password' });
	const fill = async (current: string, next: string) => {
		await panel.getByLabel('Current password').fill(current);
		await panel.getByLabel('New password').fill(next);
		await panel.getByRole('button', { name: 'Change password' }).click();
	};
	await fill(person.password, 'password123');
	await expect(panel.getByText(/Many people use this password/)).toBeVisible();
	await fill('not this one', 'another long one');
	await expect(panel.getByText('The current password is wrong.')).toBeVisible();
	await fill(person.password, 'another long one');
	await expect(panel.getByText('Your password is changed.')).toBeVisible();
	await page.context().clearCookies();
	await signIn(page, { ...person, password: 'another long one' });
});

test('X1: a Start on a real account asks once and then goes on; declining sends nothing', async ({
	page
}) => {
	const person = await register(page);
	const created = await page.request.post(address('/api/user/mt5-accounts'), {
		data: {
			accountNumber: '71000001',
			password: 'x',
			broker: 'Nowhere',
			serverName: 'Nowhere-Live',
			name: 'Real one',
			kind: 'REAL'
		}
	});
	const { id } = (await created.json()) as { id: string };
	await page.request.patch(address(`/api/user/mt5-accounts/${id}/toggle`), { data: { enabled: true } });
	await page.reload();
	await isAwake(page);
	await page.getByRole('button', { name: /^Start Algo/ }).click();
	const question = page.getByRole('dialog', { name: 'Confirm that it is you' });
	await expect(question.getByText(/reaches a real account/)).toBeVisible();
	expect(await complaints(page)).toEqual([]);
	await question.getByRole('button', { name: 'Cancel' }).click();
	await expect(page.getByRole('alert').getByText('was not sent.', { exact: false })).toBeVisible();

	await page.getByRole('button', { name: /^Start Algo/ }).click();
	await question.getByRole('textbox').fill('not this one');
	await page.keyboard.press('Enter');
	await expect(question.getByText('The password is wrong.')).toBeVisible();
	const confirmed = await answerTo(page, () => confirmIdentity(page, person));
	expect(confirmed.status()).toBe(200);
	const result = page.getByRole('region', { name: 'Result of Start Algo' });
	await expect(result.getByText('Real one')).toBeVisible();
	// Asked once: the next one goes at once.
	await expect(command(page, 'Start')).not.toHaveAttribute('aria-disabled');
	const next = await answerTo(page, () => command(page, 'Start').click());
	expect(next.status()).toBe(200);
	await expect(question).toBeHidden();
});

test('X20: what people type is shown as text everywhere, and nothing breaks the policy', async ({
	page,
	browser
}) => {
	const payloads = [
		`<img src=x onerror=window.hit=1>`,
		`"><script>window.hit=1</script>`,
		`'-window.hit=1-'{@html x}\${1}`,
		`</title><svg onload=window.hit=1>`
	];
	const violations: string[] = [];
	const watch = async (watched: Page) => {
		await watched.exposeFunction('reportViolation', (text: string) => violations.push(text));
		await watched.addInitScript(() => {
			document.addEventListener('securitypolicyviolation', (event) => {
				(window as never as { reportViolation: (text: string) => void }).reportViolation(
					`${event.violatedDirective} ${event.blockedURI}`
				);
			});
		});
		watched.on('dialog', (dialog) => {
			violations.push(`dialog ${dialog.message()}`);
			void dialog.dismiss();
		});
	};
	await watch(page);
	await register(page, payloads[0]);
	for (const [i, payload] of payloads.entries()) {
		const data = {
			accountNumber: `7200000${i}`,
			password: payload,
			serverName: 'X-Demo',
			broker: payload,
			name: payload
		};
		const created = await page.request.post(address('/api/user/mt5-accounts'), { data });
		expect(created.status(), await created.text()).toBe(201);
		const { id } = (await created.json()) as { id: string };
		await page.request.patch(address(`/api/user/mt5-accounts/${id}/toggle`), { data: { enabled: true } });
	}
	await page.request.post(address('/api/user/ea/command'), { data: { command: 'pause_ea' } });
	for (const path of ['/dashboard', '/dashboard?settings=accounts', '/activity', '/account']) {
		await page.goto(address(path));
		await expect(page.getByText('Live', { exact: true })).toBeVisible();
		if (path !== '/account') await expect(page.getByText(payloads[1] ?? '').first()).toBeVisible();
	}
	expect(await page.evaluate(() => 'hit' in window)).toBe(false);

	const operator = await (await browser.newContext()).newPage();
	await watch(operator);
	await signIn(operator, OPERATOR);
	await operator.goto(address('/agents'));
	await isAwake(operator);
	const link = operator.getByRole('link', { name: 'demo-vps', exact: true });
	const agentId = (await link.getAttribute('href'))?.split('/').at(-1);
	const rename = async (name: string): Promise<void> => {
		const renamed = await operator.request.patch(address(`/api/agents/${agentId}`), { data: { name } });
		expect(renamed.ok(), await renamed.text()).toBe(true);
	};
	await rename(payloads[0] ?? '');
	await expect(operator.getByText(payloads[0] ?? '').first()).toBeVisible();
	expect(await operator.evaluate(() => 'hit' in window)).toBe(false);
	await rename('demo-vps');
	await operator.context().close();
	expect(violations).toEqual([]);
});

for (const theme of ['dark', 'light'] as const)
	test(`S4: the Security page is accessible and fits a phone in the ${theme} theme`, async ({ page }) => {
		await register(page);
		await page.request.post(address('/api/theme'), { data: { theme } });
		for (const width of [1280, 390]) {
			await page.setViewportSize({ width, height: 844 });
			await page.goto(address('/account'));
			await expect(page.getByRole('heading', { name: 'Sessions' })).toBeVisible();
			expect(await complaints(page)).toEqual([]);
			const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			expect(overflow).toBeLessThanOrEqual(0);
			if (process.env['QUINTET_SHOTS'])
				await page.screenshot({
					path: `${process.env['QUINTET_SHOTS']}/account-${theme}-${width}.png`,
					fullPage: true
				});
		}
	});
