/**
 * The whole packaged agent on Windows programs: commands come from a fake web, terminals are doubles with the MQL5
 * bridge inside, and what counts is what the bridge says.
 */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type FactId } from '../../agent/src/acceptance/facts.ts';
import { type AcceptanceReport } from '../../agent/src/acceptance/report.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { assignedAccount, type FakeAccount } from '../support/fakeWeb.ts';
import { goldenFolder } from '../support/goldenFolder.ts';
import { waitFor } from '../support/waitFor.ts';
import { installAgent, STATE_DIR, type InstalledAgent } from './support/installedAgent.ts';
import { startDriver, type WindowsDriver } from './support/windowsDriver.ts';
import { WineSession, type WineProgram } from './support/wineSession.ts';

const ACCOUNTS = 3;
const GOLDEN = 'C:\\Golden';
/** Needs MetaTrader itself, a person, an update, a position of the account, or more terminals. */
const OUT_OF_SIGHT: readonly FactId[] = [
	'password_beyond_ascii',
	'server_by_address',
	'closing_while_off',
	'history_at_once',
	'disk',
	'memory',
	'handles',
	'live_update_kept_out',
	'mcp_listener',
	'slots'
];
const INSTANCES = 'C:\\Quintet\\agent\\instances';

const parts = inject('wine');
let session: WineSession;
let agent: InstalledAgent;
let windows: WindowsDriver;
let running: WineProgram;
const accounts: FakeAccount[] = Array.from({ length: ACCOUNTS }, () => assignedAccount());

beforeAll(async () => {
	session = await WineSession.open(parts);
	agent = await installAgent(session, parts);
	windows = await startDriver(session);
	const golden = await goldenFolder(session.path(GOLDEN), {
		'Bases/Broker-Demo/history.dat': Buffer.alloc(21 * 1024 ** 2, 1)
	});
	for (const name of ['terminal64.exe', 'metaeditor64.exe'])
		await copyFile(join(parts.parts, 'terminal64.exe'), join(golden, name));
});
afterAll(async () => {
	await agent?.web.close();
	await session?.close();
});

const windowsDirOf = ({ accountId }: FakeAccount): string => `${INSTANCES}\\${accountId}`;
const processOf = (account: FakeAccount) => windows.find(windowsDirOf(account));
const [first, ...others] = accounts as [FakeAccount, ...FakeAccount[]];

async function press(kind: 'start_ea' | 'pause_ea' | 'stop_ea', closePositions = false) {
	const pressed = accounts.map(({ accountId }) =>
		agent.web.command(accountId, kind, { closePositions, timeLeftMs: 60_000 })
	);
	return Promise.all(pressed.map(({ commandId }) => agent.web.result(commandId, 90_000)));
}

async function startAgent(): Promise<void> {
	running = await agent.start('run', ...STATE_DIR);
	await agent.web.connected(60_000);
}

describe('the agent on Windows', { timeout: 240_000 }, () => {
	it('takes a golden install, and brings up a terminal for each account', async () => {
		expect(
			await agent.command('golden', 'add', GOLDEN, '--broker', first.broker, '--default', ...STATE_DIR)
		).toMatch(/5830/);
		await startAgent();
		for (const account of accounts) agent.web.assign(account);
		for (const { accountId } of accounts)
			await agent.web.state(accountId, 'the login', ({ connection }) => connection === 'connected', 120_000);
		const pids = await Promise.all(accounts.map(async (account) => (await processOf(account))?.pid));
		expect(new Set(pids).size).toBe(ACCOUNTS);
	});

	it('starts the EA in every terminal, proven by the bridge', async () => {
		for (const result of await press('start_ea')) expect(result).toMatchObject({ outcome: 'success' });
		for (const { accountId } of accounts)
			await agent.web.state(accountId, 'the EA', ({ algo }) => algo === 'running', 60_000);
	});

	it('pauses by the Algo Trading button of the window, and starts again', async () => {
		for (const result of await press('pause_ea')) expect(result).toMatchObject({ outcome: 'success' });
		for (const { accountId } of accounts)
			await agent.web.state(accountId, 'the pause', ({ algo }) => algo === 'paused', 60_000);
		for (const result of await press('start_ea')) expect(result).toMatchObject({ outcome: 'success' });
	});

	it('killed, leaves its terminals running; the next agent takes on the same processes', async () => {
		const before = await Promise.all(accounts.map(processOf));
		expect(before).not.toContain(null);
		const status = await waitFor('the status', () => agent.status());
		await windows.endProcess(status.pid);
		await running.ended;
		await agent.web.disconnected();
		agent.web.states.clear();
		await startAgent();
		for (const { accountId } of accounts)
			await agent.web.state(accountId, 'the EA', ({ algo }) => algo === 'running', 60_000);
		expect(await Promise.all(accounts.map(processOf))).toEqual(before);
	});

	it('brings back a terminal that was killed, and leaves the others alone', async () => {
		const before = await Promise.all(accounts.map(processOf));
		const killed = before[0];
		agent.web.states.delete(first.accountId);
		if (killed) await windows.kill(killed);
		await waitFor(
			'another process',
			async () => {
				const now = await processOf(first);
				return now !== null && now.pid !== killed?.pid;
			},
			{ timeoutMs: 60_000 }
		);
		await agent.web.state(first.accountId, 'the EA', ({ algo }) => algo === 'running', 120_000);
		expect(await Promise.all(others.map(processOf))).toEqual(before.slice(1));
	});

	it('stops every EA and closes what is open, proven', async () => {
		for (const result of await press('stop_ea', true)) expect(result).toMatchObject({ outcome: 'success' });
		for (const { accountId } of accounts)
			await agent.web.state(accountId, 'the Stop', ({ algo }) => algo === 'stopped', 60_000);
	});

	it('renews every stopped terminal onto a newer install, one after the other and without a password', async () => {
		const before = await Promise.all(accounts.map(processOf));
		await writeFile(join(session.path(GOLDEN), 'config', 'terminal.ini'), 'newer');
		await agent.command('golden', 'remove', first.broker, ...STATE_DIR);
		await agent.command('golden', 'add', GOLDEN, '--broker', first.broker, '--default', ...STATE_DIR);
		const said = await agent.command('golden', 'renew', first.broker, ...STATE_DIR);
		for (const account of accounts) {
			expect(said).toMatch(new RegExp(`ok +${account.accountNumber} +It is logged in again`));
			const dir = session.path(windowsDirOf(account));
			expect(await readFile(join(dir, 'config', 'terminal.ini'), 'utf8')).toBe('newer');
			expect(await processOf(account)).not.toBeNull();
		}
		const after = await Promise.all(accounts.map(processOf));
		for (const [index, process] of before.entries()) expect(after[index]).not.toEqual(process);
		expect((await readdir(agent.state.instances)).filter((name) => name.startsWith('.b'))).toEqual([]);
		for (const result of await press('start_ea')) expect(result).toMatchObject({ outcome: 'success' });
		for (const result of await press('stop_ea')) expect(result).toMatchObject({ outcome: 'success' });
	});

	it('walks through the acceptance with the double, and claims nothing that a double cannot show', async () => {
		const password = 'hunter2!A';
		const given = ['--login', '80001', '--server', 'Acceptance-Demo', '--broker', first.broker];
		const env = { QUINTET_ACCEPTANCE_PASSWORD: password };
		const program = await agent.startWith(env, 'acceptance', '--demo', '--brief', ...given, ...STATE_DIR);
		const exit = await program.ended;
		const said = await program.output();
		const text = await readFile(join(agent.state.root, 'acceptance-5830.json'), 'utf8').catch(() => said);
		expect(text).not.toContain(password);
		const report = JSON.parse(text) as AcceptanceReport;
		expect(report.brokenOff).toBeNull();
		const by = Object.groupBy(report.results, ({ verdict }) => verdict);
		// The double begins every EA, also during the first login: harmless.
		expect(by.contradicted?.map(({ fact }) => fact)).toEqual(['first_login_ea']);
		expect(exit).toBe(EXIT.ok);
		expect(by.not_observed?.map(({ fact }) => fact)).toEqual(OUT_OF_SIGHT);
		expect(report.isBrief).toBe(true);
		const markdown = await readFile(join(agent.state.root, 'acceptance-5830.md'), 'utf8');
		expect(markdown).toContain('Brief run');
		expect(await readdir(join(agent.state.root, 'acceptance'))).toEqual([]);
	});
});
