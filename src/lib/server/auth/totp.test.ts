import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { decodeBase32, encodeBase32, matchTotp, newTotpSecret, totpCode, totpUri } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');

describe('totp', () => {
	// RFC 6238, appendix B, SHA-1, eight digits.
	it.each([
		[59, '94287082'],
		[1111111109, '07081804'],
		[1111111111, '14050471'],
		[1234567890, '89005924'],
		[2000000000, '69279037'],
		[20000000000, '65353130']
	])('gives the code of RFC 6238 at %i s', (seconds, code) => {
		expect(totpCode(SECRET, BigInt(Math.floor(seconds / 30)), 8)).toBe(code);
	});

	// RFC 4226, appendix D.
	it('gives the codes of RFC 4226', () => {
		const codes = Array.from({ length: 10 }, (_, i) => totpCode(SECRET, BigInt(i)));
		expect(codes).toEqual([
			'755224',
			'287082',
			'359152',
			'969429',
			'338314',
			'254676',
			'287922',
			'162583',
			'399871',
			'520489'
		]);
	});

	it('takes the code of the present step and its neighbours, and says which step it was', () => {
		const secret = encodeBase32(SECRET);
		const code = totpCode(SECRET, 100n);
		for (const atStep of [99, 100, 101]) expect(matchTotp(secret, code, atStep * 30_000 + 7)).toBe(100n);
		for (const atStep of [98, 102]) expect(matchTotp(secret, code, atStep * 30_000)).toBeNull();
	});

	it('refuses what is not six digits', () => {
		for (const code of ['', '12345', '1234567', '12345a', ' 12345', '１２３４５６'])
			expect(matchTotp(encodeBase32(SECRET), code, 0)).toBeNull();
	});

	it('reads back every base32 it writes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
				expect(Uint8Array.from(decodeBase32(encodeBase32(bytes)))).toEqual(bytes);
			})
		);
	});

	it('makes secrets of 160 bits, and an address that apps read', () => {
		expect(decodeBase32(newTotpSecret())).toHaveLength(20);
		const uri = new URL(totpUri('ABC', 'a+b@example.test'));
		expect(uri.protocol).toBe('otpauth:');
		expect(uri.searchParams.get('secret')).toBe('ABC');
		expect(decodeURIComponent(uri.pathname)).toContain('Quintet:a+b@example.test');
	});
});
