/** X12: what starts a terminal is a list of arguments, whatever folders and values are called. */
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ProcessIdentity } from '../../agent/src/terminal/ports.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { AgentRig } from '../support/agentRig.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { waitFor } from '../support/waitFor.ts';

const NASTY = `a b"c'd&e<f>;g|h$(touch hit)\`touch hit\``;
const isLinux = process.platform === 'linux';
const argumentsOf = async (pid: number) =>
	(await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);

let cleanUp: () => Promise<void> = async () => undefined;
afterEach(() => cleanUp());

it.skipIf(!isLinux)(
	'X12: quotes, blanks and & in folders and arguments start no shell and no second program',
	async () => {
		const root = await mkdtemp(join(tmpdir(), 'quintet-args-'));
		const dir = join(root, NASTY);
		const kind = simulatedTerminal({ brokerDir: join(root, 'brokers') });
		let started: ProcessIdentity | null = null;
		cleanUp = async () => {
			if (started) await kind.launcher.kill(started);
			await rm(root, { recursive: true, force: true, maxRetries: 5 });
		};
		await mkdir(join(root, 'brokers'));
		const progress = { onStage: () => {}, signal: new AbortController().signal };
		await kind.install(dir, { broker: NASTY, server: NASTY }, progress);
		const given = ['/portable', `/config:${join(dir, NASTY)}.ini`];
		started = await kind.launcher.launch(dir, given);
		const found = await waitFor('the terminal', () => kind.launcher.find(dir));
		expect((await argumentsOf(found.pid)).slice(-2)).toEqual(given);
		expect([...(await readdir(root)), ...(await readdir(dir)), ...(await readdir('.'))]).not.toContain('hit');
	}
);

it.skipIf(!isLinux)('X12: nothing that a trader typed is an argument of the terminal', async () => {
	const rig = await AgentRig.create();
	cleanUp = () => rig.dispose();
	const account = assignedAccount({ broker: NASTY });
	rig.web.accounts.set(account.accountId, account);
	rig.startAgent();
	await rig.web.connected();
	await rig.web.state(account.accountId, 'logged in', ({ connection }) => connection === 'connected');
	const running = await rig.processOf(account.accountId);
	const [, ...given] = await argumentsOf(running?.pid ?? 0);
	const own = given.slice(given.findIndex((argument) => argument.endsWith('terminal64.mjs')) + 1);
	expect(own[0]).toBe('/portable');
	for (const argument of own.slice(1)) expect(argument).toMatch(/^\/(config:\/|login:[0-9]+$)/);
	expect(given.join(' ')).not.toContain(NASTY);
	expect(given.join(' ')).not.toContain('right-password');
});
