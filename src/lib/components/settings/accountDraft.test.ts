import { describe, expect, it } from 'vitest';
import { anAccount } from '../testing/accountFactory.ts';
import { accountPatch, missingFields, tagsPatch, type AccountDraft } from './accountDraft.ts';

const draft = (parts: Partial<AccountDraft> = {}): AccountDraft => ({
	accountNumber: ' 5001001 ',
	password: 'p w',
	name: '',
	broker: 'Northwind',
	serverName: 'Northwind-Demo',
	kind: 'DEMO',
	currency: 'usd',
	tags: '',
	...parts
});

describe('accountPatch', () => {
	it('sends a new account whole, without an empty name', () => {
		expect(accountPatch(draft(), null)).toEqual({
			accountNumber: '5001001',
			password: 'p w',
			broker: 'Northwind',
			serverName: 'Northwind-Demo',
			kind: 'DEMO',
			currency: 'USD'
		});
	});

	it('sends only what was changed, and no empty password', () => {
		const account = anAccount({ name: 'Scalper' });
		expect(accountPatch(draft({ name: 'Swing', password: '' }), account)).toEqual({ name: 'Swing' });
	});
});

describe('missingFields', () => {
	it('names what a new account needs', () => {
		expect(missingFields(draft({ password: '', serverName: ' ' }), null)).toEqual({
			password: 'The password is missing.',
			serverName: 'The server is missing.'
		});
	});

	it('asks for the password again when editing only if the server changes', () => {
		const account = anAccount({ serverName: 'Northwind-Demo' });
		const edited = draft({ password: '', name: 'x' });
		expect(missingFields(edited, account)).toEqual({});
		expect(missingFields({ ...edited, serverName: 'Northwind-Live' }, account)).toEqual({
			password: 'The password is missing.'
		});
	});
});

describe('tagsPatch', () => {
	it('C6: sends tags only where they were changed', () => {
		const account = anAccount({ tags: ['Conservative', 'London'] });
		expect(tagsPatch(draft({ tags: 'Conservative,  London' }), account)).toEqual({});
		expect(tagsPatch(draft({ tags: 'London' }), account)).toEqual({ tags: ['London'] });
		expect(tagsPatch(draft({ tags: '' }), account)).toEqual({ tags: [] });
		expect(tagsPatch(draft(), null)).toEqual({});
	});
});
