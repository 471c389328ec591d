/** E7: from a file on the trader's disk to every terminal, and back: what each of them really has. */
import { AxeBuilder } from '@axe-core/playwright';
import { createHash, randomBytes } from 'node:crypto';
import { expect, test, type Page } from '@playwright/test';
import type { ExpertListView } from '../../src/lib/domain/expertViews.ts';
import { address, confirmIdentity, press, signIn } from './person.ts';

const ex5 = Buffer.concat([Buffer.from([0x45, 0x58, 0, 1]), randomBytes(90_000)]);
const digest = createHash('sha256').update(ex5).digest('hex').slice(0, 12);
const set = Buffer.from(
	'\ufeff; saved by MetaTrader\r\nLots=0.10||0.1||0.01||1.0||N\r\nInpNight=true\r\n',
	'utf16le'
);

async function complaints(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

const list = async (page: Page): Promise<ExpertListView> =>
	(await (await page.request.get(address('/api/user/experts'))).json()) as ExpertListView;

test('E7: an EA is uploaded, deployed and started, and every account says which file it has', async ({
	page
}) => {
	test.setTimeout(180_000);
	await signIn(page);
	await page.getByRole('button', { name: /^Account menu/ }).click();
	await page.getByRole('link', { name: 'Your EAs' }).click();
	await expect(page.getByRole('heading', { name: 'Your EAs' })).toBeVisible();
	await page.getByRole('button', { name: 'Upload an EA' }).click();

	// What is no EA is refused beside the field that is wrong.
	const program = page.getByLabel('Compiled EA (.ex5)');
	await program.setInputFiles({ name: 'Grid.ex5', mimeType: '', buffer: Buffer.from('void OnTick() {}') });
	await page.getByRole('button', { name: 'Upload', exact: true }).click();
	await expect(page.getByText('This is text, not a compiled EA.')).toBeVisible();
	expect(await complaints(page)).toEqual([]);

	await program.setInputFiles({ name: 'Grid.ex5', mimeType: '', buffer: ex5 });
	await page.getByLabel('Its inputs (.set)').setInputFiles({ name: 'Grid.set', mimeType: '', buffer: set });
	await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Grid');
	await page.getByRole('button', { name: 'Upload', exact: true }).click();
	const version = page.getByRole('listitem', { name: `Grid ${digest}` });
	await expect(version.getByText(/87\.9 KiB.*Grid\.set, 2 inputs/)).toBeVisible();
	await expect(version.getByText('On no account')).toBeVisible();

	await version.getByRole('button', { name: /^Deploy/ }).click();
	const choice = version.getByRole('group', { name: 'Accounts that are to run it' });
	await choice.getByRole('checkbox').first().waitFor();
	for (const box of await choice.getByRole('checkbox').all()) await box.check();
	expect(await complaints(page)).toEqual([]);
	await version.getByRole('button', { name: 'Deploy', exact: true }).click();
	// One of them is a real account.
	await confirmIdentity(page);
	const { accounts } = await list(page);
	await expect(
		version.getByText(new RegExp(`^Same file on [1-9]\\d* of ${accounts.length} accounts`))
	).toBeVisible({ timeout: 60_000 });
	const of = (name: string) => version.getByRole('listitem').filter({ hasText: name });
	await expect(of('London breakout').getByText('Same file')).toBeVisible({ timeout: 60_000 });
	// Its terminal never comes up, so nobody puts anything there: that is said, too.
	await expect(of('Wrong password').getByText('Not there yet')).toBeVisible();
	await expect(version.getByRole('button', { name: /^Delete/ })).toHaveCount(0);

	await press(page, 'Start');
	await page.goto(address('/experts'));
	await expect(of('London breakout').getByText('The EA on the chart is this version.')).toBeVisible({
		timeout: 60_000
	});
	expect(await complaints(page)).toEqual([]);
	await press(page, 'Stop');

	// What no account is to run any more may go; the other tests of this demo find their EA again.
	for (const { id } of accounts)
		await page.request.patch(address(`/api/user/mt5-accounts/${id}`), {
			data: { expert: { path: 'Quintet\\EATemplate' } }
		});
	await expect(version.getByText('On no account')).toBeVisible();
	await version.getByRole('button', { name: /^Delete/ }).click();
	await version.getByRole('button', { name: 'Delete for good' }).click();
	await expect(page.getByRole('heading', { name: 'No EA of yours is here yet' })).toBeVisible();
});
