import { describe, expect, it } from 'vitest';
import { isPaletteKey, shortcutOf, SHORTCUTS } from './keys.ts';

const key = (name: string, held: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) => ({
	key: name,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	...held
});

describe('shortcuts', () => {
	it('are one key, or two after each other', () => {
		expect(shortcutOf(null, key('?'))).toMatchObject({ meaning: 'This list' });
		expect(shortcutOf(null, key('g'))).toBe('waits');
		expect(shortcutOf('g', key('p'))).toMatchObject({ href: '/positions' });
		expect(shortcutOf('g', key('z'))).toBeNull();
		expect(shortcutOf(null, key('p'))).toBeNull();
	});

	it('leave the browser’s own combinations alone', () => {
		for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }])
			expect(shortcutOf(null, key('g', held))).toBeNull();
		expect(isPaletteKey(key('k', { ctrlKey: true }))).toBe(true);
		expect(isPaletteKey(key('K', { metaKey: true }))).toBe(true);
		for (const other of [key('k'), key('k', { ctrlKey: true, altKey: true }), key('j', { ctrlKey: true })])
			expect(isPaletteKey(other)).toBe(false);
	});

	it('send no command, and no two are the same', () => {
		expect(SHORTCUTS.every(({ href, keys }) => href !== undefined || keys[0] === '?')).toBe(true);
		expect(new Set(SHORTCUTS.map(({ keys }) => keys.join(' '))).size).toBe(SHORTCUTS.length);
	});
});
