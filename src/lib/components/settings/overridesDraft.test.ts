import { describe, expect, it } from 'vitest';
import { anAccount } from '../testing/accountFactory.ts';
import { fieldError, overridesDraft, overridesPatch } from './overridesDraft.ts';

describe('overridesPatch', () => {
	it('sends null for what follows the default', () => {
		expect(overridesPatch(overridesDraft(anAccount())).overrides).toEqual({
			maxLotSize: null,
			maxLoss: null,
			safetyMode: null,
			closePositionsOnStop: null
		});
	});

	it('keeps what the account has of its own', () => {
		const overrides = {
			maxLotSize: '0.10',
			maxLoss: null,
			safetyMode: 'RED' as const,
			closePositionsOnStop: false
		};
		expect(overridesPatch(overridesDraft(anAccount({ overrides }))).overrides).toEqual(overrides);
	});

	it('sends a magic number as a number, and nonsense as it was typed', () => {
		const draft = overridesDraft(anAccount());
		expect(overridesPatch(draft).expert.magic).toBe(505001);
		expect(overridesPatch({ ...draft, magic: '12x' }).expert.magic).toBe('12x');
	});
});

describe('fieldError', () => {
	it('finds an error under its nested name', () => {
		expect(fieldError({ 'overrides.maxLoss': 'no' }, 'maxLoss')).toBe('no');
	});
});
