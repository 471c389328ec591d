import { describe, expect, it } from 'vitest';
import { ticketSchema } from './seen.ts';

describe('a ticket', () => {
	it.each(['0', '1', '9007199254740993', '9223372036854775808', '18446744073709551615'])(
		'is taken as digits, whole: %s',
		(digits) => expect(ticketSchema.parse(digits)).toBe(digits)
	);

	it.each(['', '-1', '1.5', '0x10', ' 1', '1e5', '18446744073709551616', '9'.repeat(20), '1'.repeat(21)])(
		'is refused when no ulong reads so: %s',
		(text) => expect(ticketSchema.safeParse(text).success).toBe(false)
	);
});
