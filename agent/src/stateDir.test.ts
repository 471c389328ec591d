import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instanceDirOf } from './stateDir.ts';

/** Quicker than an expectation on the error of every try. */
function isRefused(name: string): boolean {
	try {
		instanceDirOf(ROOT, name);
		return false;
	} catch {
		return true;
	}
}

const ROOT = resolve('/srv/quintet/instances');

describe('X10: the directory of an account', () => {
	it('is made of a UUID and of nothing else', () => {
		fc.assert(
			fc.property(fc.uuid(), (id) => {
				expect(instanceDirOf(ROOT, id.toUpperCase())).toBe(join(ROOT, id));
			})
		);
	});

	it('refuses every name that is none: ways up, devices, streams, look-alikes, blanks and dots at the end', () => {
		const nasty = fc.oneof(
			fc.string(),
			fc.constantFrom(
				...[
					'..',
					'../x',
					'..\\x',
					'..\\..\\Windows',
					'CON',
					'NUL',
					'COM1',
					'LPT1.txt',
					'a:b',
					'a::$DATA',
					'C:',
					'/etc'
				],
				...[
					'',
					'.',
					' ',
					'x.',
					'x ',
					'\u2024\u2024/x',
					'\uff0e\uff0e\uff0fx',
					'x\u0000',
					'\u202e',
					'~',
					'%2e%2e%2f'
				]
			)
		);
		fc.assert(
			fc.property(nasty, fc.uuid(), fc.integer({ min: 0, max: 2 }), (name, id, where) => {
				const tried = where === 0 ? name : where === 1 ? `${id}${name}` : `${name}${id}`;
				expect(tried === id || isRefused(tried)).toBe(true);
			}),
			{ numRuns: 200 }
		);
	}, 30_000);
});
