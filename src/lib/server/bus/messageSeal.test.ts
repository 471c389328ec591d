import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMessageSeal } from './messageSeal.ts';

const [older, newer] = [randomBytes(32), randomBytes(32)];

describe('messages between nodes', () => {
	it('open for a node with the same keys, and with the key of before', () => {
		const sealed = createMessageSeal(new Map([['k1', older]])).seal('{"a":1}');
		expect(createMessageSeal(new Map([['k1', older]])).open(sealed)).toBe('{"a":1}');
		const rotated = new Map([
			['k2', newer],
			['k1', older]
		]);
		expect(createMessageSeal(rotated).open(sealed)).toBe('{"a":1}');
	});

	it('do not open when they are another installation’s, changed by a letter, or none at all', () => {
		const seal = createMessageSeal(new Map([['k1', older]]));
		expect(seal.open(createMessageSeal(new Map([['k1', newer]])).seal('{}'))).toBeNull();
		expect(seal.open(seal.seal('{"a":1}').replace('1', '2'))).toBeNull();
		expect(seal.open('{"a":1}')).toBeNull();
		expect(seal.open('')).toBeNull();
	});
});
