/** What an agent obeys: only what the server it pinned has signed, on this line, field by field. */
import { afterEach, describe, expect, it } from 'vitest';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { commandMessage, lineMessage } from '#lib/protocol/signed.ts';
import { AgentRig } from '../support/agentRig.ts';
import { assignedAccount, SETTINGS } from '../support/fakeWeb.ts';
import { waitFor } from '../support/waitFor.ts';

let rig: AgentRig;
afterEach(() => rig.dispose());

/** An agent with one account whose terminal is logged in. */
async function connected(): Promise<string> {
	rig = await AgentRig.create();
	const account = assignedAccount();
	rig.web.accounts.set(account.accountId, account);
	rig.startAgent();
	await rig.web.connected();
	await rig.web.state(account.accountId, 'logged in', ({ connection }) => connection === 'connected');
	return account.accountId;
}

const startFrame = (accountId: string) => ({
	type: 'command' as const,
	commandId: randomUUID(),
	accountId,
	generation: 1,
	epoch: 1,
	kind: 'start_ea' as 'start_ea' | 'pause_ea' | 'stop_ea',
	closePositions: false,
	settings: SETTINGS,
	notAfterMs: rig.web.nowMs() + 15_000
});
const securityEvents = () =>
	rig.web.framesOf('event').filter(({ code }) => code === 'forged_command' || code === 'forged_frame');

describe('X8: a command is obeyed only as the server signed it', () => {
	it('refuses a command with any field changed, reports it, and runs nothing', async () => {
		const accountId = await connected();
		const forgeries: [string, (frame: ReturnType<typeof startFrame>) => object][] = [
			['commandId', () => ({ commandId: randomUUID() })],
			['accountId', () => ({ accountId: randomUUID() })],
			['generation', () => ({ generation: 2 })],
			['epoch', () => ({ epoch: 2 })],
			['kind', () => ({ kind: 'pause_ea' })],
			['closePositions', () => ({ closePositions: true })],
			['notAfterMs', ({ notAfterMs }) => ({ notAfterMs: notAfterMs + 1 })],
			['notAfterMs taken away', () => ({ notAfterMs: null })],
			['a lot size', () => ({ settings: { ...SETTINGS, maxLotSize: '9.99' } })],
			['the EA', () => ({ settings: { ...SETTINGS, expert: { ...SETTINGS.expert, path: 'Evil' } } })],
			['a field that this version does not know', () => ({ addedLater: 1 })],
			['no signature that is one', () => ({ signature: 'AAAA' })],
			['an empty signature', () => ({ signature: '' })]
		];
		for (const [i, [, change]] of forgeries.entries()) {
			const frame = startFrame(accountId);
			rig.web.send({ ...rig.web.signed(frame), ...change(frame) } as never);
			await waitFor(`the security event of forgery ${i}`, () => securityEvents().length === i + 1);
		}
		// Nothing was taken in: no answer, nothing loaded, and the line still stands for the right command.
		expect(rig.web.framesOf('progress')).toEqual([]);
		expect(rig.web.framesOf('result')).toEqual([]);
		expect(rig.agent?.reports()[0]?.state.ladder.ea_attached).toBe('no');
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
	});

	it('refuses a command that is signed by another key, or for another agent', async () => {
		const accountId = await connected();
		const { session } = rig.web;
		if (!session) throw new Error('no line');
		const frame = startFrame(accountId);
		const stranger = generateKeyPairSync('ed25519').privateKey;
		const signature = sign(null, commandMessage(session.agentId, frame), stranger).toString('base64url');
		rig.web.send({ ...frame, signature });
		await waitFor('the first event', () => securityEvents().length === 1);
		rig.web.send(rig.web.signed(frame, { ...session, agentId: randomUUID() }) as never);
		await waitFor('the second event', () => securityEvents().length === 2);
		expect(rig.web.framesOf('progress')).toEqual([]);
	});

	it('obeys a signed command with a field that this version does not know', async () => {
		const accountId = await connected();
		const frame = { ...startFrame(accountId), addedLater: { deep: [1, null] } };
		rig.web.send(frame as never);
		expect(await rig.web.result(frame.commandId)).toMatchObject({ outcome: 'success' });
	});

	it('refuses a changed sync and gives the line up', async () => {
		const accountId = await connected();
		const sync = { type: 'sync' as const, isFull: false, isLast: true, accounts: [], removed: [] };
		const line = rig.web.socket;
		rig.web.send({ ...rig.web.signed(sync), isFull: true } as never);
		await waitFor('the agent to give the line up', () => rig.web.socket !== line);
		expect(rig.agent?.reports().map((report) => report.accountId)).toEqual([accountId]);
	});

	it('X24: refuses a sync that was recorded on an earlier line', async () => {
		const accountId = await connected();
		const recorded = rig.web.signed({ type: 'sync', isFull: true, isLast: true, accounts: [], removed: [] });
		rig.web.cut();
		await waitFor('a new line', () => rig.web.socket !== null && rig.agent?.isConnected);
		const line = rig.web.socket;
		rig.web.send(recorded as never);
		await waitFor('the agent to give the line up', () => rig.web.socket !== line);
		expect(rig.agent?.reports().map((report) => report.accountId)).toEqual([accountId]);
	});

	it('never starts anything because a sync says RUNNING, whatever its generation', async () => {
		const accountId = await connected();
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		for (const generation of [1, 7, 8]) rig.web.assign({ ...account, wanted: 'RUNNING', generation });
		// The last word is a Pause; by its answer, every sync before it was taken in.
		expect(await rig.web.result(rig.web.command(accountId, 'pause_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		expect(rig.log.some((line) => line.includes('bringing the EA back'))).toBe(false);
		expect(rig.agent?.reports()[0]?.state.ladder.ea_attached).toBe('no');
	});

	it('does not bring an EA back that was stopped, when a sync says RUNNING afterwards', async () => {
		const accountId = await connected();
		await rig.web.result(rig.web.command(accountId, 'start_ea').commandId);
		await rig.web.result(rig.web.command(accountId, 'stop_ea').commandId);
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('no account');
		for (const generation of [1, account.generation, account.generation + 1])
			rig.web.assign({ ...account, wanted: 'RUNNING', generation });
		await rig.stopAgent();
		rig.startAgent();
		await waitFor('the agent to be back', () => rig.agent?.isConnected);
		await rig.web.result(rig.web.command(accountId, 'pause_ea').commandId);
		expect(rig.log.some((line) => line.includes('bringing the EA back'))).toBe(false);
		expect(rig.agent?.reports()[0]?.state.ladder.ea_attached).toBe('no');
	});
});

describe('X9: the agent knows its server', () => {
	it('gives up a line whose welcome is signed with another key, and tells no account of it', async () => {
		rig = await AgentRig.create();
		rig.web.accounts.set('x', assignedAccount());
		rig.startAgent({ serverKey: generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '' });
		await waitFor('a refusal', () => rig.log.some((line) => line.includes('SECURITY')));
		await waitFor('the agent to give the line up', () => rig.web.socket === null);
		expect(rig.agent?.isConnected).toBe(false);
		expect(rig.agent?.reports()).toEqual([]);
	});

	it('gives up a line whose welcome was made for another line', async () => {
		const accountId = await connected();
		const { session } = rig.web;
		if (!session) throw new Error('no line');
		expect(lineMessage('welcome', session, {})).not.toEqual(
			lineMessage('welcome', { ...session, agentNonce: 'another' }, {})
		);
		rig.web.sessionOverride = { ...session };
		const before = rig.web.dialled;
		rig.web.cut();
		await waitFor('the next dial', () => rig.web.dialled > before);
		await waitFor('a refusal', () => rig.log.some((line) => line.includes('SECURITY')));
		expect(rig.agent?.isConnected).toBe(false);
		expect(rig.agent?.reports()[0]?.accountId).toBe(accountId);
	});
});

describe('enrolment: an agent that waits for approval', () => {
	it('stays on the line, runs nothing, and works as soon as it is approved', async () => {
		rig = await AgentRig.create();
		rig.web.standing = 'pending';
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await waitFor('the agent to wait', () => rig.log.some((line) => line.includes('waits for an operator')));
		rig.web.command(account.accountId, 'start_ea');
		rig.web.standing = 'approved';
		expect(rig.agent?.isConnected).toBe(false);
		rig.web.socket?.close(1012, 'your standing changed');
		await waitFor('the agent to work', () => rig.agent?.isConnected);
		expect(rig.web.framesOf('progress')).toEqual([]);
	});
});
