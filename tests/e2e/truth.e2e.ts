import { readdir, readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import type { AccountListView, WatchdogView } from '../../src/lib/domain/views.ts';
import { ownDemo } from './ownDemo.ts';
import { accountRow, address, press, signIn } from './person.ts';

test.describe.configure({ mode: 'serial' });

/** Processes of this run's demo whose command line holds `text`. */
async function processes(text: string): Promise<{ pid: number; commandLine: string }[]> {
	const { dataDir } = ownDemo();
	const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
	const all = await Promise.all(
		pids.map(async (pid) => ({
			pid: Number(pid),
			commandLine: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
		}))
	);
	return all.filter(({ commandLine }) => commandLine.includes(dataDir) && commandLine.includes(text));
}

test.skip(process.platform !== 'linux', 'finds the processes in /proc');

test('E5: a crashed terminal is seen within 10 s and comes back by itself; the others are untouched', async ({
	page
}) => {
	await signIn(page);
	await press(page, 'Start');
	const row = accountRow(page, 'London breakout');
	await expect(row.getByText('Running', { exact: true })).toBeVisible();
	// One that still logs in, or was refused, is started anew by itself.
	const settled = await connectedIds(page);
	const before = (await processes('terminal64.mjs')).filter(({ commandLine }) =>
		settled.some((id) => commandLine.includes(id))
	);
	expect(before.length).toBeGreaterThanOrEqual(5);
	const directory = await accountDirectory(page, 'London breakout');
	const victim = before.find(({ commandLine }) => commandLine.includes(directory));
	expect(victim).toBeDefined();
	const killedAt = Date.now();
	if (victim) process.kill(victim.pid, 'SIGKILL');

	// It is back so soon that a look at the row may miss that it was away: what was seen is written down.
	const ofThisCrash = async () => {
		const answer = await page.request.get(address(`/api/user/mt5-accounts/${directory}/watchdog`));
		const { incidents } = (await answer.json()) as WatchdogView;
		return incidents.find(({ detectedAt }) => Date.parse(detectedAt) >= killedAt);
	};
	await expect.poll(ofThisCrash, { timeout: 10_000 }).toMatchObject({ kind: 'terminal_ended' });
	await expect(row.getByText('Running', { exact: true })).toBeVisible({ timeout: 30_000 });
	const after = await processes('terminal64.mjs');
	const others = before.filter(({ pid }) => pid !== victim?.pid).map(({ pid }) => pid);
	expect(after.map(({ pid }) => pid)).toEqual(expect.arrayContaining(others));
});

test('the first law: a frozen agent makes its accounts unknown, and what they were is said with its time', async ({
	page
}) => {
	await signIn(page);
	const row = accountRow(page, 'Trend follower');
	await expect(row.getByText('Running', { exact: true })).toBeVisible();
	const [agent] = await processes('agent/src/cli.ts');
	expect(agent).toBeDefined();
	if (!agent) return;
	process.kill(agent.pid, 'SIGSTOP');
	try {
		await expect(row.getByText(/Unknown/).first()).toBeVisible({ timeout: 30_000 });
		await expect(row.getByText(/was Running/)).toBeVisible();
	} finally {
		process.kill(agent.pid, 'SIGCONT');
	}
	await expect(row.getByText('Running', { exact: true })).toBeVisible({ timeout: 60_000 });
});

/** Accounts that are logged in; each one's id names its terminal's directory. */
async function connectedIds(page: Page): Promise<string[]> {
	const answer = await page.request.get(address('/api/user/mt5-accounts'));
	const { accounts } = (await answer.json()) as AccountListView;
	return accounts.filter(({ connection }) => connection === 'connected').map(({ id }) => id);
}

/** The account's id, which names its terminal's directory. */
async function accountDirectory(page: Page, name: string): Promise<string> {
	const answer = await page.request.get(address('/api/user/mt5-accounts'));
	const { accounts } = (await answer.json()) as { accounts: { id: string; name: string }[] };
	return accounts.find((account) => account.name === name)?.id ?? 'none';
}
