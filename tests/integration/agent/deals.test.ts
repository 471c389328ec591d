/** D4: deals as a real agent reads them from real (simulated) terminals and tells them: until they are stored. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type AgentFrames } from '#lib/protocol/frames.ts';
import { BridgeRefusal } from '../../../agent/src/bridge/errors.ts';
import { type Timings } from '../../../agent/src/supervisor/timings.ts';
import { simulatedTerminal } from '../../../agent/src/terminal/simulated.ts';
import { type TerminalKind } from '../../../agent/src/terminal/ports.ts';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount, type FakeAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Often enough that a test sees what is not read again; what is acknowledged late is not told again for that. */
const OFTEN: Partial<Timings> = { dealsMs: 1_000, dealsSoonMs: 100, dealsStoredMs: 600_000 };
/** What is not acknowledged is told again soon. */
const AGAIN: AgentRigOptions = { timings: { ...OFTEN, dealsStoredMs: 1_000 } };
const SEED = { symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 770_001, hasStopLoss: true };
const BROKER = { eaOpenEveryMs: 0, deposit: '500.00', commission: '1.00', seedPositions: [SEED, SEED] };

let rig: AgentRig;
afterEach(() => rig.dispose());

async function arrange(
	count: number,
	broker: Record<string, unknown> = BROKER,
	options: AgentRigOptions = {}
): Promise<FakeAccount[]> {
	rig = await AgentRig.create({ timings: OFTEN, brokers: { '*': { '*': broker } }, ...options });
	rig.web.capabilities = ['deals'];
	rig.startAgent();
	await rig.web.connected();
	const accounts = Array.from({ length: count }, () => assignedAccount());
	for (const account of accounts) rig.web.assign(account);
	return accounts;
}
const framesOf = ({ accountId }: FakeAccount): AgentFrames['deals'][] =>
	rig.web.framesOf('deals').filter((frame) => frame.accountId === accountId);
const ticketsOf = (frames: AgentFrames['deals'][]): string[] =>
	frames.flatMap(({ deals, operations }) => [...deals, ...operations].map(({ ticket }) => ticket));
const told = (account: FakeAccount, count: number): Promise<unknown> =>
	waitFor(`${count} deals to be told`, () => new Set(ticketsOf(framesOf(account))).size === count, {
		timeoutMs: 60_000
	});
/** Has its positions closed by a Stop. */
async function stop({ accountId }: FakeAccount): Promise<void> {
	const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
	expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
}

describe('D4: the deals of an account', () => {
	it('D4: are told after the login and soon after they are made, once, with raw time and offset', async () => {
		const [account = assignedAccount()] = await arrange(1);
		await told(account, 3);
		const [first] = framesOf(account);
		expect(first?.operations).toMatchObject([{ type: 2, amount: '500.00', gmtOffsetMin: 120 }]);
		expect(first?.deals).toMatchObject([
			{ entry: 'in', side: 'buy', lots: '0.10', commission: '-1.00', gmtOffsetMin: 120 },
			{ entry: 'in' }
		]);
		for (const { serverTimeMs, gmtOffsetMin } of first?.deals ?? [])
			expect(Math.abs(serverTimeMs - gmtOffsetMin * 60_000 - Date.now())).toBeLessThan(120_000);
		await stop(account);
		await told(account, 5);
		const tickets = ticketsOf(framesOf(account));
		expect(new Set(tickets).size).toBe(tickets.length);
	});

	it('D4: are told again until they are stored, also by the next agent, and then no more', async () => {
		const [account = assignedAccount()] = await arrange(1, BROKER, AGAIN);
		rig.web.storesDeals = false;
		await waitFor('them to be told twice', () => framesOf(account).length >= 2, { timeoutMs: 60_000 });
		await rig.stopAgent();
		const before = ticketsOf(framesOf(account).slice(0, 1));
		rig.web.received.length = 0;
		rig.startAgent();
		await told(account, 3);
		expect(ticketsOf(framesOf(account).slice(0, 1))).toEqual(before);
		rig.web.storesDeals = true;
		await waitFor('them to be stored', () => rig.web.sent.some((text) => text.includes('deals_stored')), {
			timeoutMs: 60_000
		});
		// What is made now is told alone, also by the agent after that: the rest is noted as stored.
		rig.web.storesDeals = false;
		await stop(account);
		await waitFor('the closing deals', () => framesOf(account).at(-1)?.deals[0]?.entry === 'out', {
			timeoutMs: 60_000
		});
		await rig.stopAgent();
		rig.web.received.length = 0;
		rig.startAgent();
		await waitFor('the closing deals once more', () => framesOf(account).length > 0, { timeoutMs: 60_000 });
		await rig.stopAgent();
		expect(ticketsOf(framesOf(account)).filter((ticket) => before.includes(ticket))).toEqual([]);
	});

	it('D4: under way when the line broke are told again when it is there, before any time limit', async () => {
		const never: Partial<Timings> = { dealsMs: 600_000, dealsSoonMs: 100, dealsStoredMs: 600_000 };
		const [account = assignedAccount()] = await arrange(1, BROKER, { timings: never });
		rig.web.storesDeals = false;
		await told(account, 3);
		rig.web.storesDeals = true;
		rig.web.cut();
		await waitFor('them to be stored', () => rig.web.sent.some((text) => text.includes('deals_stored')), {
			timeoutMs: 60_000
		});
		expect(new Set(framesOf(account).map(({ batch }) => batch)).size).toBe(2);
	});

	it('D4: an account whose deals are not stored keeps neither its own commands nor other accounts waiting', async () => {
		const [held = assignedAccount(), other = assignedAccount()] = await arrange(2, BROKER, AGAIN);
		rig.web.storesDeals = (frame) => frame.accountId !== held.accountId;
		await told(other, 3);
		await waitFor('a repetition', () => framesOf(held).length >= 2, { timeoutMs: 60_000 });
		await stop(held);
		await stop(other);
		await told(other, 5);
		expect(new Set(ticketsOf(framesOf(held))).size).toBe(3);
	});

	it('D4: of more than one page are told in frames of a bounded size, and all of them', async () => {
		const seedPositions = Array.from({ length: 230 }, () => ({ ...SEED, lots: '0.01' }));
		const [account = assignedAccount()] = await arrange(1, { ...BROKER, seedPositions, deposit: null });
		await told(account, 230);
		for (const { deals } of framesOf(account)) expect(deals.length).toBeLessThanOrEqual(100);
		expect(ticketsOf(framesOf(account))).toHaveLength(230);
	});

	it('D4: under another epoch are told from the beginning', async () => {
		const [account = assignedAccount()] = await arrange(1);
		await told(account, 3);
		rig.web.assign({ ...account, epoch: 2 });
		await waitFor(
			'all of them under the new epoch',
			() => ticketsOf(framesOf(account).filter(({ epoch }) => epoch === 2)).length === 3,
			{ timeoutMs: 60_000 }
		);
	});

	it('D4: added by the broker to a past that was read long ago are told', async () => {
		const [account = assignedAccount()] = await arrange(1);
		await told(account, 3);
		await rig.stopAgent();
		const { accountNumber, serverName, accountId } = account;
		const process = await rig.processOf(accountId);
		if (process) await rig.terminal.launcher.kill(process);
		const path = join(rig.brokerDir, serverName, `${accountNumber}.json`);
		const books = JSON.parse(await readFile(path, 'utf8'));
		const [deposit] = books.deals;
		books.deals.unshift({ ...deposit, ticket: 77, atMs: Date.now() - 90 * 86_400_000 });
		await writeFile(path, JSON.stringify(books));
		rig.startAgent();
		await told(account, 4);
		expect(ticketsOf(framesOf(account))).toContain('77');
	});

	it('D4: are not asked for where the server does not take them', async () => {
		const [account = assignedAccount()] = await arrange(1);
		await told(account, 3);
		rig.web.capabilities = [];
		rig.web.cut();
		await rig.web.connected();
		await stop(account);
		const reports = rig.web.framesOf('telemetry').length;
		await waitFor(
			'some more of them not to be told',
			() => rig.web.framesOf('telemetry').length > reports + 1
		);
		expect(new Set(ticketsOf(framesOf(account))).size).toBe(3);
	});

	it('D4: a bridge that cannot tell them is asked once, and its account goes on', async () => {
		let asked = 0;
		const terminal = (brokerDir: string): TerminalKind => {
			const kind = simulatedTerminal({ brokerDir, statusMs: 150, pollMs: 30 });
			return {
				...kind,
				openChannel(dir) {
					const channel = kind.openChannel(dir);
					const request = channel.request.bind(channel);
					channel.request = (verb, args, options) => {
						if (verb !== 'deals') return request(verb, args, options);
						asked += 1;
						return Promise.reject(new BridgeRefusal(verb, 'bad_request', 'the request is not known'));
					};
					return channel;
				}
			};
		};
		const [account = assignedAccount()] = await arrange(1, BROKER, { terminal });
		await waitFor('the bridge to be asked', () => asked > 0, { timeoutMs: 60_000 });
		await stop(account);
		expect(framesOf(account)).toEqual([]);
		expect(asked).toBe(1);
		expect(rig.web.states.get(account.accountId)?.fault).toBeNull();
	});
});
