/** An operator moves an account between machines, and its trader sees that it moves. */
import { expect, test, type Page } from '@playwright/test';
import { accountRow, address, OPERATOR, signIn } from './person.ts';
import { addMachine, type SecondMachine } from './secondMachine.ts';

const NAME = 'Wandering account';
const NUMBER = '74000001';

let trader: Page;
let operator: Page;
let machine: SecondMachine;
let accountId = '';

test.beforeAll(async ({ browser }) => {
	test.setTimeout(180_000);
	const viewport = { width: 1280, height: 900 };
	trader = await (await browser.newContext({ viewport })).newPage();
	operator = await (await browser.newContext({ viewport })).newPage();
	await signIn(trader);
	await signIn(operator, OPERATOR);
	machine = await addMachine(operator, 'second-vps');
	machine.start();
	await expect(machineRow('second-vps').getByText('Connected')).toBeVisible({ timeout: 60_000 });
	// The machine with the most room takes it.
	const answer = await trader.request.post(address('/api/user/mt5-accounts'), {
		data: {
			accountNumber: NUMBER,
			name: NAME,
			password: 'wandering',
			broker: 'Cumulus FX',
			serverName: 'Cumulus-Demo'
		}
	});
	expect(answer.status()).toBe(201);
	accountId = ((await answer.json()) as { id: string }).id;
	await trader.goto(address('/dashboard'));
	await expect(accountRow(trader, NAME).getByText('Connected')).toBeVisible({ timeout: 60_000 });
});

// The demo is as it was for the tests that follow.
test.afterAll(async () => {
	test.setTimeout(180_000);
	if (accountId) await trader.request.delete(address(`/api/user/mt5-accounts/${accountId}`));
	await machine.remove();
	for (const page of [trader, operator]) await page.context().close();
});

const machineRow = (name: string) =>
	operator.getByRole('row').filter({ has: operator.getByRole('link', { name, exact: true }) });
const onTheMove = () => operator.getByRole('list', { name: 'Accounts on the move' });

/** With the dialog, from the machine that has it. */
async function move(from: string, to: string): Promise<void> {
	await machineRow(from)
		.getByRole('button', { name: `Move… accounts of ${from}` })
		.click();
	const dialog = operator.getByRole('dialog', { name: `Move accounts from ${from}` });
	const account = dialog.getByRole('combobox', { name: 'Account' });
	const option = account.getByRole('option', { name: new RegExp(`^${NUMBER}`) });
	await account.selectOption((await option.getAttribute('value')) ?? '');
	const target = dialog.getByRole('combobox', { name: 'To' });
	const place = target.getByRole('option', { name: new RegExp(`^${to} `) });
	await target.selectOption((await place.getAttribute('value')) ?? '');
	await expect(dialog.getByText(/Positions and orders stay open at the broker/)).toBeVisible();
	await dialog.getByRole('button', { name: 'Move 1 account' }).click();
	await expect(dialog).toBeHidden();
}

test('O3: a move waits for a machine that is away, says so to operator and trader, is cancelled, and goes through later', async () => {
	test.setTimeout(240_000);
	await machine.endAgent();
	await expect(machineRow('second-vps').getByText('Offline')).toBeVisible({ timeout: 60_000 });
	await move('second-vps', 'demo-vps');
	const entry = onTheMove().getByRole('listitem').filter({ hasText: NUMBER });
	await expect(entry).toContainText('second-vps → demo-vps');
	await expect(entry).toContainText('waits for second-vps, which is not connected');
	const row = accountRow(trader, NAME);
	await expect(row.getByText('Is being moved to demo-vps; Start again when it is there')).toBeVisible();

	await entry.getByRole('button', { name: `Cancel the move of ${NUMBER}` }).click();
	await expect(onTheMove()).toBeHidden();
	await expect(row.getByText(/Is being moved/)).toBeHidden();
	await expect(row.getByText('Agent offline', { exact: true })).toBeVisible();

	await move('second-vps', 'demo-vps');
	await expect(row.getByText(/Is being moved to demo-vps/)).toBeVisible();
	machine.start();
	await expect(onTheMove()).toBeHidden({ timeout: 60_000 });
	await expect(machineRow('second-vps').getByText('0 of 5')).toBeVisible();
	await expect(row.getByText(/Is being moved/)).toBeHidden();
	// Sealed to the machine that it left; nobody moves an account in silence.
	await expect(row.getByText(/Needs its password/)).toBeVisible();
});
