/** The line to the server under faults; the fake web is at the other end of real sockets. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

/** A wire between agent and web that can be frozen: both ends stay open, nothing passes. */
class Wire {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	isFrozen = false;

	constructor(targetPort: () => number) {
		this.#server = createServer((from) => {
			const to = connect(targetPort(), '127.0.0.1');
			const join = (a: Socket, b: Socket): void => {
				this.#sockets.add(a);
				a.on('data', (bytes) => void (this.isFrozen || b.write(bytes)));
				a.on('close', () => b.destroy());
				a.on('error', () => {});
			};
			join(from, to);
			join(to, from);
		});
	}

	async listen(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	close(): void {
		for (const socket of this.#sockets) socket.destroy();
		this.#server.close();
	}
}

describe('link', () => {
	let rig: AgentRig;
	let wire: Wire | null = null;
	afterEach(async () => {
		await rig.dispose();
		wire?.close();
		wire = null;
	});

	async function connected(options: AgentRigOptions = {}) {
		rig = await AgentRig.create(options);
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.state(account.accountId, 'connected', ({ connection }) => connection === 'connected');
		return account.accountId;
	}

	it('reconnects after a cut, tells everything anew, and counts its connections', async () => {
		const accountId = await connected();
		rig.web.states.clear();
		rig.web.cut();
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		expect(rig.web.framesOf('hello').map(({ connSeqSeen }) => connSeqSeen)).toEqual([0, 1]);
	});

	it('N3: an outcome that the line could not carry is repeated until acknowledged, without a second effect', async () => {
		const accountId = await connected();
		rig.web.acknowledges = false;
		const { commandId } = rig.web.command(accountId, 'start_ea');
		await rig.web.result(commandId);
		rig.web.cut();
		await waitFor('the result on the new line', () => rig.web.resultsOf(commandId).length >= 3);
		expect(new Set(rig.web.resultsOf(commandId).map(({ outcome }) => outcome))).toEqual(new Set(['success']));
		expect(await rig.loadsOf(accountId)).toBe(1);
		rig.web.acknowledges = true;
		await rig.acknowledged(commandId);
		// Acknowledged now: several rounds of repeating, which bring another outcome, do not bring this one.
		rig.web.acknowledges = false;
		rig.web.received.length = 0;
		rig.web.cut();
		await rig.web.connected();
		const pause = rig.web.command(accountId, 'pause_ea');
		await waitFor('the other one to be repeated', () => rig.web.resultsOf(pause.commandId).length >= 3);
		expect(rig.web.resultsOf(commandId)).toEqual([]);
	});

	it('N8: a half-open line is noticed by its silence and dialled anew', async () => {
		rig = await AgentRig.create({ pace: { handshakeMs: 5_000 }, rhythm: { lineDeadMs: 3_000 } });
		wire = new Wire(() => rig.web.port);
		const url = await wire.listen();
		rig.startAgent({ server: url });
		await rig.web.connected();
		// A process that was held up may have given lines up before.
		const cuts = () => rig.log.filter((line) => line.includes('the line is dead')).length;
		const before = { cuts: cuts(), lines: rig.web.connSeq };
		wire.isFrozen = true;
		const frozenAt = performance.now();
		await waitFor('the agent to give the line up', () => cuts() > before.cuts);
		expect(performance.now() - frozenAt).toBeLessThan(15_000);
		expect(rig.web.connSeq).toBe(before.lines);
		wire.isFrozen = false;
		await waitFor('a new line', () => rig.web.connSeq > before.lines);
	});

	it('P2: closes the line on garbage and comes back; a frame of a newer server is ignored', async () => {
		const accountId = await connected();
		rig.web.socket?.send(JSON.stringify({ v: 1, id: 'x', type: 'from_the_future' }));
		const { commandId } = rig.web.command(accountId, 'pause_ea');
		await rig.web.result(commandId);
		expect(rig.web.connSeq).toBe(1);
		for (const garbage of ['{', '[]', '{"type":"command"}', '"\u0000"']) {
			const before = rig.web.connSeq;
			rig.web.socket?.send(garbage);
			await waitFor('a new line', () => rig.web.connSeq > before);
		}
		rig.web.socket?.send(Buffer.from([1, 2, 3]));
		await waitFor('a new line', () => rig.web.connSeq === 6);
	});

	it('P1: a frame beyond the limit ends the line, not the agent', async () => {
		await connected();
		rig.web.socket?.send('x'.repeat(65 * 1024 + 1));
		await waitFor('a new line', () => rig.web.connSeq === 2);
	});

	it('X6: an agent that is not let in asks again slowly', async () => {
		rig = await AgentRig.create({ pace: { unauthorisedMs: 60_000 } });
		rig.web.authorises = false;
		rig.startAgent();
		const refused = await waitFor('the refusal', () =>
			rig.log.find((line) => line.includes('enrol it again'))
		);
		expect(JSON.parse(refused)).toMatchObject({ code: 4003, waitMs: 60_000 });
		expect(rig.web.dialled).toBe(1);
	});

	it('N1: a Stop that came while the line was down applies by the sync alone', async () => {
		const accountId = await connected();
		await rig.web.result(rig.web.command(accountId, 'start_ea').commandId);
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		rig.web.cut();
		const account = rig.web.accounts.get(accountId);
		if (account)
			rig.web.accounts.set(accountId, { ...account, wanted: 'STOPPED', generation: account.generation + 1 });
		await rig.web.state(accountId, 'stopped', ({ algo }) => algo === 'stopped');
	});

	it('F8: a sync alone never starts an EA', async () => {
		const accountId = await connected();
		const account = rig.web.accounts.get(accountId);
		if (account) rig.web.assign({ ...account, wanted: 'RUNNING', generation: 5 });
		// The account answers a later command, so the sync was taken in; nothing was loaded meanwhile.
		await rig.web.result(rig.web.command(accountId, 'pause_ea').commandId);
		expect(rig.log.some((line) => line.includes('bringing the EA back'))).toBe(false);
		expect(rig.agent?.reports()[0]?.state.ladder.ea_attached).toBe('no');
	});

	it('N6: a lower generation is superseded, whatever the order of arrival', async () => {
		const accountId = await connected();
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		const stop = rig.web.command(accountId, 'stop_ea');
		const start = randomUUID();
		rig.web.send({
			type: 'command',
			commandId: start,
			accountId,
			generation: 0,
			epoch: 1,
			kind: 'start_ea',
			closePositions: false,
			settings: account.settings,
			notAfterMs: Date.now() + 15_000
		});
		expect(await rig.web.result(start)).toMatchObject({ outcome: 'superseded' });
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success' });
	});

	it('N2: a Start that never came is settled so, and must not run when it comes after all', async () => {
		const accountId = await connected();
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		const commandId = randomUUID();
		const ref = { commandId, accountId, generation: 1, kind: 'start_ea' as const };
		rig.web.send({ type: 'settle', commands: [ref] });
		const settled = await waitFor('the answer', () => rig.web.framesOf('settled')[0]);
		expect(settled.answers).toMatchObject([{ commandId, verdict: 'never_received' }]);
		const { settings } = account;
		rig.web.send({
			type: 'command',
			...ref,
			epoch: 1,
			closePositions: false,
			settings,
			notAfterMs: Date.now() + 15_000
		});
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'expired' });
		expect(rig.web.framesOf('progress')).toEqual([]);
	});

	it('O1: a command of another epoch, or for a stranger, is refused', async () => {
		const accountId = await connected();
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		const send = (change: { accountId?: string; epoch?: number }): string => {
			const commandId = randomUUID();
			const rest = {
				kind: 'start_ea' as const,
				closePositions: false,
				settings: account.settings,
				notAfterMs: Date.now() + 15_000
			};
			rig.web.send({ type: 'command', commandId, accountId, generation: 9, epoch: 1, ...rest, ...change });
			return commandId;
		};
		expect(await rig.web.result(send({ epoch: 2 }))).toMatchObject({
			outcome: 'failed',
			errorCode: 'not_owner'
		});
		expect(await rig.web.result(send({ accountId: randomUUID() }))).toMatchObject({
			errorCode: 'unknown_account'
		});
	});

	it('A4: with a journal that cannot be written, Start is refused and Stop is carried out', async () => {
		const accountId = await connected();
		await rig.web.result(rig.web.command(accountId, 'start_ea').commandId);
		const other = new DatabaseSync(rig.state.journal);
		other.exec('BEGIN IMMEDIATE');
		try {
			const stop = rig.web.command(accountId, 'stop_ea');
			expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success', eaStatus: 'stopped' });
			const start = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(start.commandId)).toMatchObject({
				outcome: 'failed',
				errorCode: 'journal'
			});
		} finally {
			other.exec('ROLLBACK');
			other.close();
		}
		const start = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'success' });
	});

	it('A5: a Stop that is at work without a journal says so when it is asked, and does not run twice', async () => {
		const seedPositions = [
			{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 770_001, hasStopLoss: true }
		];
		const behaviour = (isMarketClosed: boolean) => ({
			'*': { '*': { eaOpenEveryMs: 0, seedPositions, isMarketClosed, marketOpensInMs: 3_600_000 } }
		});
		// Between its tries the Stop has nothing to say of itself: a newer stage would take the answer's place.
		const accountId = await connected({ brokers: behaviour(true), timings: { marketWaitMs: 6_000 } });
		const other = new DatabaseSync(rig.state.journal);
		other.exec('BEGIN IMMEDIATE');
		try {
			const stop = rig.web.command(accountId, 'stop_ea', { closePositions: true });
			const residuals = () => rig.web.framesOf('progress').filter(({ proof }) => proof?.residualCount === 1);
			await waitFor('the residual', () => residuals().length > 0);
			const account = rig.web.accounts.get(accountId);
			if (!account) throw new Error('no account');
			const { epoch, settings } = account;
			const ref = { ...stop, accountId, kind: 'stop_ea' as const };
			rig.web.send({ type: 'settle', commands: [ref] });
			await waitFor('the answer', () => rig.web.framesOf('settled').length > 0);
			expect(rig.web.framesOf('settled')[0]?.answers).toMatchObject([{ verdict: 'in_work' }]);
			rig.web.send({ type: 'command', ...ref, epoch, closePositions: true, settings, notAfterMs: null });
			await waitFor('the repeat is answered', () =>
				rig.web.framesOf('progress').some(({ stage }) => stage === 'at work')
			);
			await rig.brokers(behaviour(false));
			expect(await rig.web.result(stop.commandId)).toMatchObject({
				outcome: 'success',
				proof: { residualCount: 0, closedPositions: 1 }
			});
			expect(rig.web.framesOf('progress').filter(({ stage }) => stage === 'accepted')).toHaveLength(1);
		} finally {
			other.exec('ROLLBACK');
			other.close();
		}
	});

	it('A5: a Start that the server knows to be outdated does not come back while the journal cannot be written', async () => {
		const accountId = await connected();
		await rig.web.result(rig.web.command(accountId, 'start_ea').commandId);
		await rig.stopAgent();
		const terminal = await rig.processOf(accountId);
		if (terminal) await rig.terminal.launcher.kill(terminal);
		// A Pause that was obeyed without a journal came in between, and then a Start that never arrived.
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		rig.web.accounts.set(accountId, { ...account, generation: account.generation + 2, wanted: 'RUNNING' });
		const other = new DatabaseSync(rig.state.journal);
		other.exec('BEGIN IMMEDIATE');
		try {
			rig.web.states.clear();
			rig.startAgent();
			await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
			const backAt = performance.now();
			await waitFor('time for the EA to come back', () => performance.now() - backAt > 2_000);
			expect(rig.web.states.get(accountId)?.algo).toBe('stopped');
		} finally {
			other.exec('ROLLBACK');
			other.close();
		}
	});
});
