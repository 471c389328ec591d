import { Writable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function capture(log: (logger: ReturnType<typeof createLogger>) => void): string {
	let text = '';
	const destination = new Writable({
		write(chunk: Buffer, _encoding, done) {
			text += chunk.toString();
			done();
		}
	});
	log(createLogger('trace', destination));
	return text;
}

describe('the log', () => {
	it('X13: is one line per call, whatever is in it', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.string(), (message, value, key) => {
				const text = capture((logger) =>
					logger.warn({ [`k${key}`]: value, err: new Error(message) }, message)
				);
				expect(text.endsWith('\n')).toBe(true);
				expect(text.slice(0, -1)).not.toMatch(/[\r\n]/);
				expect(JSON.parse(text)).toMatchObject({ level: 40, program: 'web' });
			})
		);
	});

	it('X13: no forged line comes out of a line break in what a client sent', () => {
		const forged = 'x\n{"level":30,"msg":"all is well"}\r\n\u2028\u0085';
		const text = capture((logger) => logger.info({ path: forged, userAgent: forged }, forged));
		expect(text.split('\n')).toHaveLength(2);
	});

	it('X14: cuts out every field that could hold a secret', () => {
		const canary = 'canary-77';
		const text = capture((logger) =>
			logger.info(
				{
					password: canary,
					body: { password: canary, newPassword: canary, currentPassword: canary },
					headers: { cookie: canary, authorization: canary },
					request: { headers: { cookie: canary, 'set-cookie': canary } },
					totpSecret: canary,
					user: { totpSecret: canary, passwordHash: canary }
				},
				'asked'
			)
		);
		expect(text).not.toContain(canary);
	});
});
