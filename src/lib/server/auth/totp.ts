/**
 * Time-based one-time passwords, RFC 6238 with HMAC-SHA-1, six digits and 30 s, the values every
 * authenticator app supports; base32 is RFC 4648. No I/O.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const TOTP_STEP_SECONDS = 30;
const DIGITS = 6;
/** 160 bits, the length RFC 4226 recommends. */
const SECRET_BYTES = 20;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const newTotpSecret = (): string => encodeBase32(randomBytes(SECRET_BYTES));

/** @returns the code of one time step; `step` is the Unix time in seconds divided by 30 */
export function totpCode(secret: Uint8Array, step: bigint, digits = DIGITS): string {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(step);
	const mac = createHmac('sha1', secret).update(counter).digest();
	const offset = (mac.at(-1) ?? 0) & 0x0f;
	const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
	return String(number).padStart(digits, '0');
}

/**
 * @param secret base32
 * @returns the time step the code belongs to: the present one or its two neighbours (clocks differ); else null
 */
export function matchTotp(secret: string, code: string, nowMs: number): bigint | null {
	if (!/^\d{6}$/.test(code)) return null;
	const key = decodeBase32(secret);
	const present = BigInt(Math.floor(nowMs / 1000 / TOTP_STEP_SECONDS));
	let found: bigint | null = null;
	// All three are compared, each in constant time.
	for (const step of [present - 1n, present, present + 1n])
		if (step >= 0n && timingSafeEqual(Buffer.from(totpCode(key, step)), Buffer.from(code))) found = step;
	return found;
}

/** What the QR code says: Google's `otpauth` form, which every authenticator app reads. */
export function totpUri(secret: string, email: string): string {
	const label = `${encodeURIComponent('Quintet')}:${encodeURIComponent(email)}`;
	return `otpauth://totp/${label}?secret=${secret}&issuer=Quintet&algorithm=SHA1&digits=${DIGITS}&period=${TOTP_STEP_SECONDS}`;
}

export function encodeBase32(bytes: Uint8Array): string {
	let bits = 0;
	let value = 0;
	let text = '';
	for (const byte of bytes) {
		value = ((value << 8) | byte) & 0xffff;
		for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31];
	}
	return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** @throws Error for anything that is not base32 */
export function decodeBase32(text: string): Buffer {
	let bits = 0;
	let value = 0;
	const bytes: number[] = [];
	for (const letter of text) {
		const five = BASE32.indexOf(letter);
		if (five < 0) throw new Error('This is not base32.');
		value = ((value << 5) | five) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes.push((value >> bits) & 0xff);
		}
	}
	return Buffer.from(bytes);
}
