/** What a person does on the pages, by the names a person sees. */
import { expect, type Locator, type Page } from '@playwright/test';
import { ownDemo } from './ownDemo.ts';

export const DEMO = { email: 'demo@quintet.test', password: 'quintet-demo' };
export const OPERATOR = { email: 'operator@quintet.test', password: 'quintet-operator' };

export const address = (path: string): string => `${ownDemo().origin}${path}`;

export async function signIn(page: Page, person = DEMO): Promise<void> {
	await page.goto(address('/login'));
	await page.getByRole('textbox', { name: 'Email' }).fill(person.email);
	await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
	await page.getByRole('button', { name: 'Log in' }).click();
	await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

const question = (page: Page): Locator => page.getByRole('dialog', { name: 'Confirm that it is you' });

/** Gives the password in the dialog that asks for it. */
export async function confirmIdentity(page: Page, { password } = DEMO): Promise<void> {
	await question(page).getByRole('textbox', { name: 'Your password for Quintet' }).fill(password);
	await question(page).getByRole('button', { name: 'Confirm' }).click();
	await expect(question(page)).toBeHidden();
}

async function confirmWhenAsked(page: Page): Promise<void> {
	await question(page).waitFor({ timeout: 45_000 });
	await confirmIdentity(page);
}

type Word = 'Start' | 'Pause' | 'Stop';

export const command = (page: Page, word: Word): Locator =>
	page.getByRole('button', { name: new RegExp(`^${word} Algo`) });

/** Does what sends a command, and waits until every account has an outcome. @returns the list of results */
export async function send(page: Page, word: Word, press: () => Promise<void>): Promise<Locator> {
	const answer = page.waitForResponse(
		(response) =>
			response.url().endsWith('/api/user/ea/command') &&
			response.request().method() === 'POST' &&
			response.status() !== 403,
		{ timeout: 45_000 }
	);
	await press();
	// The first Start of a session that reaches a real account asks for the password.
	await Promise.race([answer, confirmWhenAsked(page)]);
	const { message } = (await (await answer).json()) as { message: string };
	const list = page.getByRole('region', { name: `Result of ${word} Algo` });
	await expect(list.getByText(message)).toBeVisible();
	await expect(list.getByText(/^(Sent|At work)$/)).toHaveCount(0, { timeout: 60_000 });
	return list;
}

export const press = (page: Page, word: Word): Promise<Locator> =>
	send(page, word, () => command(page, word).click());

export const accountRow = (page: Page, name: string): Locator =>
	page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
