import { describe, expect, it } from 'vitest';
import { localTarget } from './localTarget.ts';

describe('where to go after signing in', () => {
	it('is a page of this site', () => {
		expect(localTarget('/activity')).toBe('/activity');
	});

	it.each([
		null,
		'',
		'//evil.example',
		'/\\evil.example',
		'https://evil.example',
		'javascript:alert(1)',
		'/api/stream',
		'/a?b'
	])('is the dashboard for %j', (next) => {
		expect(localTarget(next)).toBe('/dashboard');
	});
});
