import { describe, expect, it } from 'vitest';
import { anAccount } from '../testing/accountFactory.ts';
import { entriesOf, matching } from './entries.ts';

const accounts = [anAccount({ id: 'a', name: 'Stop hunter', accountNumber: '5001' })];
const found = (typed: string) => matching(entriesOf(accounts, 'TRADER'), typed).map(({ label }) => label);

describe('the command palette', () => {
	it('finds by the beginning of any word, the label’s own first', () => {
		expect(found('stop')).toEqual(['Stop hunter', 'Stop Algo']);
		expect(found('5001')).toEqual(['Stop hunter']);
		expect(found('algo')).toEqual(['Start Algo', 'Pause Algo', 'Stop Algo']);
		expect(found('theme li')).toEqual(['Theme: Light']);
		expect(found('top')).toEqual([]);
		expect(found('alert')).toEqual(['Alerts']);
	});

	it('shows everything while nothing is typed', () => {
		expect(found('')).toHaveLength(entriesOf(accounts, 'TRADER').length);
	});

	it('has nothing to press without an account, and the machines for operators alone', () => {
		const labels = (role: 'TRADER' | 'OPERATOR') => entriesOf([], role).map(({ label }) => label);
		expect(labels('TRADER')).not.toContain('Start Algo');
		expect(labels('TRADER')).not.toContain('Agents');
		expect(labels('OPERATOR')).toContain('Agents');
	});
});
