import { inspect } from 'node:util';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { Secret } from './secret.ts';

describe('Secret', () => {
	it('X14: shows itself to nobody who does not ask on purpose', () => {
		const secret = new Secret('canary');
		expect(secret.reveal()).toBe('canary');
		const shown = [
			String(secret),
			`${secret}`,
			JSON.stringify({ secret }),
			inspect({ secret }, { depth: 9, showHidden: true })
		];
		for (const text of shown) expect(text).not.toContain('canary');
	});

	it('X14: is not logged, nor is a password in clear', () => {
		let log = '';
		const lines = new Writable({
			write(chunk, _encoding, done) {
				log += String(chunk);
				done();
			}
		});
		const logger = createLogger('info', lines);
		logger.info({ account: { password: new Secret('canary') } }, 'wrapped');
		logger.info({ account: { password: 'canary' }, password: 'canary' }, 'in clear');
		expect(log).toContain('in clear');
		expect(log).not.toContain('canary');
	});
});
