import { describe, expect, it } from 'vitest';
import { anAccount, anAccountList } from '../testing/accountFactory.ts';
import { extendPatch, overlayAccounts } from './overlay.ts';

const LIST_AT = '2026-11-21T14:00:00.000Z';
const listMs = Date.parse(LIST_AT);
const list = anAccountList([anAccount({ id: 'a', balance: '100.00', state: 'paused' })], LIST_AT);

describe('overlayAccounts', () => {
	it('lays newer telemetry over the loaded account', () => {
		const patch = extendPatch(undefined, { id: 'a', state: 'running' }, listMs + 1, listMs);
		expect(overlayAccounts(list, new Map([['a', patch]]))[0]).toMatchObject({
			state: 'running',
			balance: '100.00'
		});
	});

	it('lets a list win that was made after the patch', () => {
		const patch = extendPatch(undefined, { id: 'a', state: 'running' }, listMs, listMs);
		expect(overlayAccounts(list, new Map([['a', patch]]))[0]?.state).toBe('paused');
	});
});

describe('extendPatch', () => {
	it('gathers what moved since the list was made', () => {
		const first = extendPatch(undefined, { id: 'a', state: 'running' }, listMs + 1, listMs);
		const second = extendPatch(first, { id: 'a', balance: '101.00' }, listMs + 2, listMs);
		expect(second.moved).toEqual({ id: 'a', state: 'running', balance: '101.00' });
	});

	it('does not carry older parts over a newer list', () => {
		const first = extendPatch(undefined, { id: 'a', state: 'running' }, listMs - 1, listMs - 5);
		const second = extendPatch(first, { id: 'a', balance: '101.00' }, listMs + 2, listMs);
		expect(second.moved).toEqual({ id: 'a', balance: '101.00' });
	});
});
