import { describe, expect, it } from 'vitest';
import type { CommandResultView, CommandView } from '#lib/domain/views.ts';
import { aResult } from '../testing/accountFactory.ts';
import { byNewest, countAtWork, mergeCommand, progressOf } from './mergeCommand.ts';

function aCommand(accounts: CommandResultView[], parts: Partial<CommandView> = {}): CommandView {
	return {
		success: false,
		message: 'as the server said',
		commandId: '01',
		command: 'stop_ea',
		closePositions: true,
		createdAt: '2026-11-21T14:00:00.000Z',
		readAt: null,
		issuedBy: null,
		totalAccounts: accounts.length,
		successfulAccounts: 0,
		failedAccounts: 0,
		pendingAccounts: accounts.length,
		accounts,
		...parts
	};
}

const a = aResult({ accountId: 'a' });
const b = aResult({ accountId: 'b' });
const aDone = aResult({ accountId: 'a', status: 'success', isFinal: true });

describe('mergeCommand', () => {
	it('takes over what changed and keeps the other accounts', () => {
		const merged = mergeCommand(aCommand([a, b]), aCommand([aDone]));
		expect(merged.accounts.map((result) => result.status)).toEqual(['success', 'pending']);
		expect(merged).toMatchObject({ totalAccounts: 2, successfulAccounts: 1, pendingAccounts: 1 });
		expect(merged.message).toBe('1 of 2 accounts stopped, 1 still at work.');
	});

	it('never unsettles a settled result, whatever comes late', () => {
		const merged = mergeCommand(aCommand([aDone, b]), aCommand([a, b]));
		expect(merged.accounts[0]?.status).toBe('success');
	});

	it('lets a later final word correct an unknown one', () => {
		const unknown = aResult({ accountId: 'a', status: 'timeout', canRetry: true });
		const merged = mergeCommand(aCommand([unknown]), aCommand([aDone]));
		expect(merged).toMatchObject({ success: true, message: 'The account is stopped.' });
	});

	it('says which accounts wait for their agent', () => {
		const waiting = aResult({ accountId: 'b', status: 'agent_offline', willApplyLater: true });
		const merged = mergeCommand(aCommand([a, b]), aCommand([aDone, waiting]));
		expect(merged.message).toBe('1 of 2 accounts stopped, 1 will apply when the agent is back.');
		expect(merged.failedAccounts).toBe(0);
	});

	it('keeps a command put away', () => {
		const read = aCommand([a], { readAt: '2026-11-21T14:01:00.000Z' });
		expect(mergeCommand(read, aCommand([aDone])).readAt).toBe(read.readAt);
	});
});

describe('progressOf', () => {
	it('does not count an account that waits for its agent as at work', () => {
		const waiting = aResult({ accountId: 'b', status: 'agent_offline', willApplyLater: true });
		const command = aCommand([a, waiting]);
		expect([countAtWork(command), progressOf(command)]).toEqual([1, '1 of 2']);
	});
});

describe('byNewest', () => {
	it('puts the newest first', () => {
		const old = aCommand([], { commandId: '01' });
		const young = aCommand([], { commandId: '02' });
		expect([old, young].sort(byNewest)[0]?.commandId).toBe('02');
	});
});
