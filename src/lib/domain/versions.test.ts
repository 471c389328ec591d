import { describe, expect, it } from 'vitest';
import { versionSkew } from './versions.ts';

describe('E8: the version of an agent', () => {
	it.each([
		['0.1.0', '0.1.0', 'same'],
		['0.1.0', '0.2.0', 'older'],
		['0.10.0', '0.9.9', 'newer'],
		['1.0.0', '0.99.99', 'newer'],
		['0.1.1', '0.1.10', 'older'],
		['0.1.0-test', '0.1.0', 'same'],
		['unknown', '0.1.0', null]
	] as const)('%s beside %s is %s', (version, than, skew) => {
		expect(versionSkew(version, than)).toBe(skew);
	});
});
