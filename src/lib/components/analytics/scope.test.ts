import { describe, expect, it } from 'vitest';
import {
	accountsInScope,
	addressOfAccounts,
	addressOfDays,
	chosenAccounts,
	scopeOfAccounts,
	scopeQuery
} from './scope.ts';

const url = new URL('http://localhost/analytics?days=90&tag=Swing&settings=ea');

describe('the scope in an address', () => {
	it('says which accounts', () => {
		expect(chosenAccounts(url.searchParams)).toBe('tag:Swing');
		expect(chosenAccounts(new URLSearchParams('account_ids=a'))).toBe('id:a');
		expect(chosenAccounts(new URLSearchParams('account_ids='))).toBe('all');
	});

	it('picks the accounts it is about', () => {
		const accounts = [
			{ id: 'a', tags: ['swing'] },
			{ id: 'b', tags: [] }
		];
		const ids = (search: string) =>
			accountsInScope(accounts, new URLSearchParams(search)).map(({ id }) => id);
		expect([ids(''), ids('tag=Swing'), ids('account_ids=b'), ids('account_ids=a,b')]).toEqual([
			['a', 'b'],
			['a'],
			['b'],
			['a', 'b']
		]);
	});

	it('changes the accounts and keeps the rest', () => {
		expect(addressOfAccounts(url, 'id:a')).toBe('/analytics?days=90&settings=ea&account_ids=a');
		expect(addressOfAccounts(url, 'tag:a: b')).toBe('/analytics?days=90&settings=ea&tag=a%3A+b');
		expect(addressOfAccounts(new URL('http://localhost/dashboard?tag=x'), 'all')).toBe('/dashboard');
	});

	it('gives a form for other days the accounts alone', () => {
		expect(scopeOfAccounts(new URLSearchParams('days=7&tag=Swing&settings=ea'))).toEqual([['tag', 'Swing']]);
		expect(scopeOfAccounts(new URLSearchParams('account_ids=&from=2026-01-01'))).toEqual([]);
	});

	it('changes the days and keeps the accounts', () => {
		const own = new URL('http://localhost/analytics?from=2026-01-01&to=2026-01-02&tag=Swing');
		expect(addressOfDays(own, '7')).toBe('/analytics?tag=Swing&days=7');
	});

	it('gives the API what it takes, with days where the address has none', () => {
		expect(scopeQuery(url.searchParams, { days: '30' })).toBe('tag=Swing&days=90');
		expect(scopeQuery(new URLSearchParams('settings=ea'), { days: '30' })).toBe('days=30');
	});
});
