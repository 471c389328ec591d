import { describe, expect, it } from 'vitest';
import type { CommandView } from '#lib/domain/views.ts';
import { aResult, anAccount } from '../testing/accountFactory.ts';
import { retryOf } from './retry.ts';

const command = (parts: Partial<CommandView>): CommandView => ({
	success: false,
	message: '',
	commandId: '01',
	command: 'stop_ea',
	closePositions: true,
	createdAt: '2026-11-21T14:00:00.000Z',
	readAt: null,
	issuedBy: null,
	totalAccounts: 2,
	successfulAccounts: 1,
	failedAccounts: 1,
	pendingAccounts: 0,
	accounts: [
		aResult({ accountId: 'a', status: 'success' }),
		aResult({ accountId: 'b', status: 'failed', canRetry: true })
	],
	...parts
});
const accounts = (closePositionsOnStop: boolean) => {
	const account = anAccount({ id: 'b' });
	return [{ ...account, settings: { ...account.settings, closePositionsOnStop } }];
};

describe('retryOf', () => {
	it('reaches only the accounts that ask for it', () => {
		expect(retryOf(command({ command: 'start_ea' }), undefined, [])).toEqual({
			accountIds: ['b'],
			mustAsk: false
		});
	});

	it('is nothing when no account asks for it', () => {
		expect(retryOf(command({ accounts: [aResult({ status: 'success' })] }), undefined, [])).toBeNull();
	});

	it('repeats the choice of closing that was made on this page', () => {
		const press = { command: 'stop_ea' as const, closePositions: false };
		expect(retryOf(command({}), press, accounts(true))).toMatchObject({
			closePositions: false,
			mustAsk: false
		});
	});

	it('asks rather than guesses when command and account settings differ', () => {
		expect(retryOf(command({}), undefined, accounts(false))).toEqual({ accountIds: ['b'], mustAsk: true });
	});
});
