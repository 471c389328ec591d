import { describe, expect, it } from 'vitest';
import { distinctTags, hasTag, splitTags } from './tags.ts';
import { tagsSchema } from './tagsSchema.ts';

describe('tags', () => {
	it('C6: are stored each once, without superfluous blanks, in order', () => {
		expect(tagsSchema.parse(['  Swing   trades ', 'aggressive', 'swing trades', 'Aggressive'])).toEqual([
			'aggressive',
			'Swing trades'
		]);
		// The same letter, written as one character and as two.
		expect(tagsSchema.parse(['Caf\u00e9', 'Cafe\u0301'])).toEqual(['Café']);
	});

	it.each([
		['no name', ['  ']],
		['too long', ['x'.repeat(31)]],
		['a control character', ['a\u0000b']],
		['markup', ['<b>']],
		['a comma, which divides them', ['a,b']],
		['too many', Array.from({ length: 11 }, (_, i) => `tag ${i}`)]
	])('C6: refuses %s', (_what, tags) => {
		expect(tagsSchema.safeParse(tags).success).toBe(false);
	});

	it('C6: are compared without regard to capitals', () => {
		expect(hasTag({ tags: ['Conservative'] }, 'conservative')).toBe(true);
		expect(hasTag({ tags: ['Conservative'] }, 'conserv')).toBe(false);
		expect(distinctTags(['b', 'A', 'B'])).toEqual(['A', 'b']);
	});

	it('C6: are typed into one field with commas between', () => {
		expect(splitTags(' Swing  trades, Aggressive,, ')).toEqual(['Swing trades', 'Aggressive']);
		expect(splitTags(' ')).toEqual([]);
	});
});
