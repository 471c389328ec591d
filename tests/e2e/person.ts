/** What a person does on the pages, by the names a person sees. */
import { expect, type Locator, type Page, type Response } from '@playwright/test';
import type { CommandView } from '../../src/lib/domain/views.ts';
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
	await isAwake(page);
}

/** A page as the server sent it shows everything, but until its script is at work a press on a button is lost. */
export async function isAwake(page: Page): Promise<void> {
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

const question = (page: Page): Locator => page.getByRole('dialog', { name: 'Confirm that it is you' });

/** Gives the password in the dialog that asks for it. */
export async function confirmIdentity(page: Page, { password } = DEMO): Promise<void> {
	await question(page).getByRole('textbox', { name: 'Your password for Quintet' }).fill(password);
	await question(page).getByRole('button', { name: 'Confirm' }).click();
	await expect(question(page)).toBeHidden();
}

type Word = 'Start' | 'Pause' | 'Stop';

export const command = (page: Page, word: Word): Locator =>
	page.getByRole('button', { name: new RegExp(`^${word} Algo`) });

/** What the server answers to the command that this sends: after half a minute, also while accounts are at work. */
export async function answerTo(page: Page, press: () => Promise<void>): Promise<Response> {
	const answer = page.waitForResponse(
		(response) => response.url().endsWith('/api/user/ea/command') && response.request().method() === 'POST',
		{ timeout: 60_000 }
	);
	await press();
	return answer;
}

/** Does what sends a command, and waits until every account has an outcome. @returns the list of results */
export async function send(page: Page, word: Word, press: () => Promise<void>): Promise<Locator> {
	await isAwake(page);
	let answer = await answerTo(page, press);
	// The first Start of a session that reaches a real account asks for the password.
	if (answer.status() === 403) answer = await answerTo(page, () => confirmIdentity(page));
	const { commandId } = (await answer.json()) as CommandView;
	const read = async (): Promise<CommandView> => {
		const command = await page.request.get(address(`/api/user/ea/command/${commandId}`));
		return (await command.json()) as CommandView;
	};
	await expect
		.poll(async () => (await read()).accounts.filter(({ status }) => status === 'pending'), {
			timeout: 90_000
		})
		.toEqual([]);
	const list = page.getByRole('region', { name: `Result of ${word} Algo` });
	await expect(list.getByText((await read()).message)).toBeVisible();
	await expect(list.getByText(/^(Sent|At work)$/)).toHaveCount(0);
	return list;
}

export const press = (page: Page, word: Word): Promise<Locator> =>
	send(page, word, () => command(page, word).click());

export const accountRow = (page: Page, name: string): Locator =>
	page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
