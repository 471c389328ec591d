import { describe, expect, it } from 'vitest';
import { actionWords, detailWords } from './actionWords.ts';

describe('S3: a line of the audit log in words', () => {
	it('names what was done, and shows what it does not know as it is', () => {
		expect(actionWords('command.stop_ea')).toBe('Stop Algo');
		expect(actionWords('thing.new')).toBe('thing.new');
	});

	it('says a result as a person would, and counts accounts instead of naming their ids', () => {
		expect(
			detailWords({ commandId: 'x', kind: 'STOP_EA', status: 'success', errorCode: null, durationMs: 258 })
		).toBe('Stop Algo · status: success · duration: 0.3 s');
		expect(detailWords({ accountIds: ['a', 'b'], closePositions: false })).toBe(
			'2 accounts · close positions: no'
		);
	});

	it('writes what is within a detail without brackets', () => {
		expect(detailWords({ totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '0.92' }] })).toBe(
			'total currency: EUR · rates: from USD rate 0.92'
		);
		expect(detailWords({ fields: ['name', 'password'], serverName: 'Aurora-Demo' })).toBe(
			'fields: name, password · server name: Aurora-Demo'
		);
	});
});
