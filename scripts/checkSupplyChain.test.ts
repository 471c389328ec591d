import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { supplyChainProblems, type Lockfile } from './checkSupplyChain.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const lock = (name: string, locked: Lockfile['packages'][string]): Lockfile => ({
	packages: { '': {}, [`node_modules/${name}`]: { version: '1.0.0', integrity, ...locked } }
});

describe('X23: the supply chain', () => {
	it('is in order in this repository', () => {
		const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
		expect(supplyChainProblems(JSON.parse(text) as Lockfile)).toEqual([]);
	});

	it.each([
		['a package without a hash', lock('a', { integrity: '' }), 'no sha512 integrity'],
		['a weak hash', lock('a', { integrity: 'sha1-AAAA' }), 'no sha512 integrity'],
		['another source', lock('a', { resolved: 'git+ssh://git@example.test/a.git' }), 'comes from'],
		['a link', lock('a', { link: true }), 'is a link'],
		['an install script', lock('left-pad', { hasInstallScript: true }), 'nobody said why'],
		[
			'an install script that hides below another',
			lock('a/node_modules/b', { hasInstallScript: true }),
			'b 1.0.0 runs'
		],
		['an old ws', lock('ws', { version: '8.20.1' }), 'below 8.21.0'],
		['an old ws below another package', lock('a/node_modules/ws', { version: '7.5.10' }), 'below 8.21.0'],
		['a prerelease of the floor', lock('ws', { version: '8.21.0-rc.1' }), 'below 8.21.0'],
		['a version that is none', lock('ws', { version: 'latest' }), 'below 8.21.0']
	])('refuses %s', (_what, lockfile, sentence) => {
		expect(supplyChainProblems(lockfile)).toEqual([expect.stringContaining(sentence)]);
	});

	it.each(['8.21.0', '8.23.0', '9.0.0', '10.1.2'])('takes ws %s', (version) => {
		expect(supplyChainProblems(lock('ws', { version }))).toEqual([]);
	});

	it('takes what lies in its parent’s archive, and the scripts we know', () => {
		expect(supplyChainProblems(lock('a', { integrity: '', inBundle: true }))).toEqual([]);
		expect(supplyChainProblems(lock('node', { hasInstallScript: true }))).toEqual([]);
	});
});
