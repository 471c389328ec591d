import { describe, expect, it } from 'vitest';
import { pageTitle } from './pageTitle.ts';

describe('pageTitle', () => {
	it('begins with what runs', () => {
		expect(pageTitle('/dashboard', ['running', 'running', 'paused'])).toBe('2 running · Quintet');
	});

	it('counts faults and unknown accounts apart', () => {
		expect(pageTitle('/activity', ['running', 'degraded', 'unknown'])).toBe(
			'1 running, 1 faulty, 1 unknown · Activity · Quintet'
		);
	});

	it('says when nothing runs, and nothing at all without accounts', () => {
		expect(pageTitle('/dashboard', ['paused', 'stopped'])).toBe('None running · Quintet');
		expect(pageTitle('/dashboard', [])).toBe('Quintet');
	});
});
