import { describe, expect, it } from 'vitest';
import type { ExpertAccountView } from '#lib/domain/expertViews.ts';
import { expertNameOf, placeWords, sizeWords, summaryWords } from './expertWords.ts';

const account = (parts: Partial<ExpertAccountView> = {}): ExpertAccountView => ({
	id: 'a',
	name: 'Scalper',
	accountNumber: '1',
	broker: 'B',
	kind: 'DEMO',
	path: 'Quintet\\Uploads\\MyEA-0123456789ab',
	expertId: 'e',
	place: 'same',
	seenSha256: null,
	isLoaded: null,
	obstacle: null,
	...parts
});

describe('E7: what is said of a version on the accounts', () => {
	it('counts what was seen, and names what was not', () => {
		const four = Array.from({ length: 4 }, () => account());
		expect(summaryWords([...four, account({ place: 'unknown' })])).toBe(
			'Same file on 4 of 5 accounts, 1 unknown'
		);
		expect(summaryWords([account({ place: 'other' }), account({ place: 'missing' })])).toBe(
			'Same file on 0 of 2 accounts, 1 another file, 1 not there yet'
		);
		expect(summaryWords([account()])).toBe('Same file on 1 of 1 account');
		expect(summaryWords([])).toBe('On no account');
	});

	it('tells the file in the directory from the EA on the chart', () => {
		expect(placeWords(account({ isLoaded: false }))).toMatchObject({
			label: 'Same file',
			detail: 'The EA on the chart runs with another version or other settings until the next Start.'
		});
		expect(placeWords(account({ isLoaded: true }))?.detail).toBe('The EA on the chart is this version.');
		expect(placeWords(account())?.detail).toBe('');
	});

	it('says why nothing is known, and nothing of an EA that was not uploaded', () => {
		expect(placeWords(account({ place: 'unknown', obstacle: 'agent_too_old' }))).toMatchObject({
			label: 'Unknown',
			detail: expect.stringContaining('too old')
		});
		expect(placeWords(account({ place: 'other', seenSha256: 'f'.repeat(64) }))?.detail).toContain(
			'ffffffffffff was seen'
		);
		expect(placeWords(account({ place: null, expertId: null }))).toBeNull();
	});

	it.each([
		[812, '812 bytes'],
		[49_357, '48.2 KiB'],
		[1_363_149, '1.3 MiB']
	])('writes %d bytes as %s', (bytes, words) => expect(sizeWords(bytes)).toBe(words));

	it.each([
		['MyEA.ex5', 'MyEA'],
		['Grid (v2.1).EX5', 'Grid -v2-1'],
		['…', '']
	])('calls %s %s', (file, name) => expect(expertNameOf(file)).toBe(name));
});
