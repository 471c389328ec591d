/** What keys mean. Single keys send nothing to an account: Start, Pause and Stop are pressed, not typed. */

export interface Shortcut {
	/** Pressed one after the other. */
	keys: readonly [string] | readonly [string, string];
	meaning: string;
	/** Where it goes; without, it opens the list of shortcuts. */
	href?: string;
	isForOperators?: boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
	{ keys: ['?'], meaning: 'This list' },
	{ keys: ['g', 'd'], meaning: 'Dashboard', href: '/dashboard' },
	{ keys: ['g', 'p'], meaning: 'Positions', href: '/positions' },
	{ keys: ['g', 'c'], meaning: 'Accounts', href: '/accounts' },
	{ keys: ['g', 'n'], meaning: 'Analytics', href: '/analytics' },
	{ keys: ['g', 'a'], meaning: 'Activity', href: '/activity' },
	{ keys: ['g', 's'], meaning: 'Preferences', href: '/preferences' },
	{ keys: ['g', 'm'], meaning: 'Agents', href: '/agents', isForOperators: true }
];

/** The first key of two counts for so long. */
export const SEQUENCE_MS = 1_500;

export interface PressedKey {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
}

export const isPaletteKey = ({ key, ctrlKey, metaKey, altKey }: PressedKey): boolean =>
	key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey;

/**
 * @param before the first key of a sequence, while it counts; null: none
 * @returns the shortcut, or `waits` when another key may complete one
 */
export function shortcutOf(
	before: string | null,
	{ key, ctrlKey, metaKey, altKey }: PressedKey
): Shortcut | 'waits' | null {
	if (ctrlKey || metaKey || altKey) return null;
	if (before !== null) return SHORTCUTS.find(({ keys }) => keys[0] === before && keys[1] === key) ?? null;
	const single = SHORTCUTS.find(({ keys }) => keys.length === 1 && keys[0] === key);
	if (single) return single;
	return SHORTCUTS.some(({ keys }) => keys.length === 2 && keys[0] === key) ? 'waits' : null;
}
