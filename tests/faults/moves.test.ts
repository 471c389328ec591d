/** O3, O4, O5: accounts that leave a machine, with two real agents and real terminal processes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { Plant, type PlantOptions } from './support/plant.ts';

const LONG = { timeoutMs: 60_000 };
const STILL_OPEN = `SELECT 1 FROM "AccountRelease" WHERE "accountId" = $1`;

let web: WebServer;
let operator: ApiClient;
/** Where the account is first. */
let old: Plant;
/** Another machine; the trader is the one of `old`. */
let other: Plant | null = null;

beforeAll(async () => {
	// A lost line is noticed soon; what is tested is not how long that takes.
	web = await startWebServer({ QUINTET_PING_INTERVAL_MS: '2000', QUINTET_LINE_DEAD_MS: '8000' });
	operator = new ApiClient(web.origin);
	// The first user of a server is its operator.
	await operator.register('operator@example.test');
	await operator.confirm();
});
afterAll(() => web.stop());
afterEach(async () => {
	await other?.dispose();
	other = null;
	await old.dispose();
});

/** An account whose EA runs on one machine, and a second machine that is connected. */
async function arrange(options: PlantOptions = {}): Promise<Plant> {
	old = await Plant.build(web, options);
	old.startAgent();
	await old.ready();
	expect(await old.carryOut('start_ea')).toMatchObject({ status: 'success' });
	await old.shows('running');
	const target = await Plant.build(web, { accounts: 0 });
	other = target;
	target.startAgent();
	await waitFor('the second agent to be connected', () => isConnected(target), LONG);
	return target;
}

async function isConnected({ agentId }: Plant): Promise<boolean> {
	const sql = `SELECT 1 FROM "Agent" WHERE id = $1 AND "nodeId" IS NOT NULL`;
	return (await query(web.databaseUrl, sql, [agentId])).length === 1;
}

/** The number of its newest line. */
async function lineOf({ agentId }: Plant): Promise<number> {
	const sql = `SELECT "connSeqConfirmed"::int AS number FROM "Agent" WHERE id = $1`;
	return (await query<{ number: number }>(web.databaseUrl, sql, [agentId]))[0]?.number ?? 0;
}

const away = (plant: Plant) => waitFor('the agent to be away', async () => !(await isConnected(plant)), LONG);

async function move(to: Plant, more: Record<string, unknown> = {}): Promise<void> {
	const path = `/api/operator/accounts/${old.account}/move`;
	const { status, body } = await operator.send('POST', path, { toAgentId: to.agentId, ...more });
	expect(status, JSON.stringify(body)).toBe(202);
}

async function isOn(plant: Plant): Promise<boolean> {
	const sql = `SELECT "agentId" FROM "Mt5AccountAssignment" WHERE "accountId" = $1`;
	const [row] = await query<{ agentId: string }>(web.databaseUrl, sql, [old.account]);
	return row?.agentId === plant.agentId;
}

/** Passwords are sealed to one agent; another one needs it anew. */
async function giveThePassword(): Promise<void> {
	const { accountNumber } = await old.view();
	await old.trader.confirm();
	const change = { password: `secret-${accountNumber}` };
	const { status } = await old.trader.send('PATCH', `/api/user/mt5-accounts/${old.account}`, change);
	expect(status).toBe(200);
}

/** Until the EA runs on the machine that has the account now. */
async function startThere(): Promise<void> {
	await giveThePassword();
	await old.ready();
	await waitFor('a Start to go through', async () => (await old.carryOut('start_ea')).status === 'success', {
		timeoutMs: 90_000
	});
	await old.shows('running');
}

/** Looks all the time whether an EA was ever put on a chart of the new terminal while the old one lived. */
function watchForTwo(target: Plant): () => Promise<number> {
	let seen = 0;
	let isOver = false;
	const watching = (async () => {
		for (; !isOver; await sleep(25))
			// In this order: a terminal that trades goes on while one looks for the other.
			if ((await target.loads(old.account)) > 0 && (await old.terminalOf())) seen += 1;
	})();
	return async () => {
		isOver = true;
		await watching;
		return seen;
	};
}

const isWiped = (plant: Plant, accountId: string) =>
	waitFor(
		'the terminal to be ended and its directory removed',
		async () =>
			(await plant.terminalOf(accountId)) === null &&
			!(await readdir(plant.state.instances)).some((name) => plant.dirOf(accountId).endsWith(name)),
		LONG
	);

describe('O3: an account is moved while its old agent cannot be reached', () => {
	it('it waits, says for what, and stays where it is; once back, the old machine proves, then it goes over', async () => {
		const target = await arrange();
		const ended = watchForTwo(target);
		const terminal = await old.terminalOf();
		await old.endAgent('SIGKILL');
		await away(old);
		await move(target);
		await waitFor(
			'the operator’s page to say what it waits for',
			async () => (await operator.get<string>('/agents')).body.includes(', which is not connected'),
			LONG
		);
		// A server that begins anew does not give it away either.
		const present = await lineOf(target);
		await web.restart('SIGKILL');
		await waitFor('the second agent to be back', async () => (await lineOf(target)) > present, LONG);
		expect(await isOn(old)).toBe(true);
		expect(await old.view()).toMatchObject({ state: 'unknown', move: { to: expect.any(String) } });
		expect(await old.terminalOf()).toEqual(terminal);
		expect(await target.terminalOf(old.account)).toBeNull();

		old.startAgent();
		await waitFor('the account to go over', () => isOn(target), LONG);
		// By then, not some time later.
		expect(await old.terminalOf()).toBeNull();
		await isWiped(old, old.account);
		await startThere();
		expect(await ended()).toBe(0);
		expect(await target.loads(old.account)).toBe(1);
	});

	it('of a machine that is gone it goes over at once, with the algo off until somebody starts it', async () => {
		const target = await arrange();
		// The power is off: nothing of it runs.
		await old.endAgent('SIGKILL');
		await old.killTerminal();
		await away(old);
		await move(target, { isMachineGone: true });
		expect(await isOn(target)).toBe(true);
		await giveThePassword();
		await old.shows('stopped');
		expect(await target.terminalOf(old.account)).not.toBeNull();
		expect(await target.loads(old.account)).toBe(0);
	});
});

describe('O4: the old agent of an account comes back', () => {
	it('with a terminal that still trades: that is ended before the agent is told anything else', async () => {
		const target = await arrange({ isBehindProxy: true });
		const ended = watchForTwo(target);
		await old.endAgent('SIGKILL');
		await away(old);
		await move(target, { isMachineGone: true });
		await giveThePassword();
		await old.shows('stopped');
		expect(await old.terminalOf()).not.toBeNull();

		// Its accounts it hears of only later.
		old.proxy.down.judge = ({ text }) => (text.includes('"type":"sync"') ? 'hold' : 'pass');
		old.startAgent();
		await isWiped(old, old.account);
		await waitFor('its accounts to be held back', () => old.proxy.down.isHeld);
		old.proxy.down.judge = null;
		old.proxy.down.release();
		await waitFor(
			'the server to hear of it',
			async () => (await query(web.databaseUrl, STILL_OPEN, [old.account])).length === 0,
			LONG
		);
		await startThere();
		expect(await ended()).toBe(0);
		expect(await target.loads(old.account)).toBe(1);
	});

	it('after the power was off: nothing of the account comes up there, also as long as no server answers', async () => {
		const target = await arrange({ isBehindProxy: true });
		await old.endAgent('SIGKILL');
		await old.killTerminal();
		await away(old);
		await move(target, { isMachineGone: true });
		await startThere();
		const terminal = await target.terminalOf(old.account);

		const ended = watchForTwo(target);
		old.proxy.accepts = false;
		const { length } = old.agentLog;
		old.startAgent();
		await waitFor(
			'the old agent to have dialled in vain for some time',
			() => old.agentLog.slice(length).split('the line to the server failed').length > 10,
			LONG
		);
		expect(await old.terminalOf()).toBeNull();
		old.proxy.accepts = true;
		await isWiped(old, old.account);
		await old.shows('running');
		expect(await ended()).toBe(0);
		expect(await target.terminalOf(old.account)).toEqual(terminal);
		expect(await target.loads(old.account)).toBe(1);
	});
});

/** Every file of the agent that holds this text, as a terminal or a program would write it. */
async function filesWith(plant: Plant, text: string): Promise<string[]> {
	const needles = [Buffer.from(text), Buffer.from(text, 'utf16le')];
	const found: string[] = [];
	for (const entry of await readdir(plant.state.root, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		const bytes = await readFile(path).catch(() => Buffer.alloc(0));
		if (needles.some((needle) => bytes.includes(needle))) found.push(path);
	}
	return found;
}

describe('O5: an account is deleted while its algo runs', () => {
	const remove = () => old.trader.refusal('DELETE', `/api/user/mt5-accounts/${old.account}`);
	const running = async () => {
		old = await Plant.build(web, { accounts: 2 });
		old.startAgent();
		await old.ready();
		await old.settled(await old.press('start_ea'));
		for (const id of old.accounts) await old.shows('running', id);
	};
	/** The login as the terminal saved it. */
	const savedLogin = async (): Promise<string> => {
		const saved = await readFile(join(old.dirOf(), 'config', 'accounts.dat'), 'utf8');
		const digest = saved.trim().split('\t').at(-1) ?? '';
		expect(digest).toMatch(/^[0-9a-f]{16,}/);
		expect(await filesWith(old, digest)).not.toEqual([]);
		return digest;
	};
	const gone = async (accountNumber: string, login: string) => {
		await isWiped(old, old.account);
		await waitFor(
			'the proof to be noted',
			async () => (await query(web.databaseUrl, STILL_OPEN, [old.account])).length === 0,
			LONG
		);
		for (const secret of [login, `secret-${accountNumber}`]) expect(await filesWith(old, secret)).toEqual([]);
	};

	it('that is refused until Stop is proven; then its terminal is ended, and everything of it wiped', async () => {
		await running();
		const [, neighbour = ''] = old.accounts;
		const { accountNumber } = await old.view();
		const login = await savedLogin();
		const [terminal, beside] = [await old.terminalOf(), await old.terminalOf(neighbour)];
		expect(await remove()).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
		expect(await old.terminalOf()).toEqual(terminal);
		await old.carryOut('stop_ea', { accountIds: [old.account] });
		await old.shows('stopped');
		expect((await remove()).status).toBe(204);
		await gone(accountNumber, login);
		expect(await old.terminalOf(neighbour)).toEqual(beside);
		await old.shows('running', neighbour);
		expect(await old.loads(neighbour)).toBe(1);
	});

	it('that is refused while nobody sees it, also when Stop was pressed; proven, an agent that is away wipes it later', async () => {
		await running();
		const { accountNumber } = await old.view();
		const login = await savedLogin();
		await old.endAgent('SIGKILL');
		await old.shows('unknown');
		expect(await remove()).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
		const stop = await old.press('stop_ea', { accountIds: [old.account] });
		expect(await remove()).toMatchObject({ status: 409, code: 'ALGO_RUNNING' });
		old.startAgent();
		expect(await old.settled(stop)).toMatchObject([{ status: 'success' }]);
		await old.shows('stopped');

		await old.endAgent('SIGTERM');
		expect(await old.terminalOf()).not.toBeNull();
		expect((await remove()).status).toBe(204);
		old.startAgent();
		await gone(accountNumber, login);
	});
});
