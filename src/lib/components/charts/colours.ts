/** The design tokens of src/app.css as a canvas understands them, and a word when they change. */

const NAMES = ['ink', 'muted', 'faint', 'line', 'line-strong', 'surface', 'accent', 'fault', 'demo'] as const;
/** Lines of accounts beside each other: `--series-1` and so on. */
export const SERIES_COLOURS = 6;

export type Colours = Record<(typeof NAMES)[number], string> & { series: string[] };

/** As they are for this element now: `light-dark()` is settled by the browser. */
export function readColours(host: HTMLElement): Colours {
	const probe = host.ownerDocument.createElement('span');
	host.append(probe);
	const read = (name: string): string => {
		probe.style.color = `var(--${name})`;
		return getComputedStyle(probe).color;
	};
	const tokens = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Record<
		(typeof NAMES)[number],
		string
	>;
	const series = Array.from({ length: SERIES_COLOURS }, (_, n) => read(`series-${n + 1}`));
	probe.remove();
	return { ...tokens, series };
}

/** `rgb(1, 2, 3)` → `rgba(1, 2, 3, 0.2)` */
export const withAlpha = (colour: string, alpha: number): string =>
	colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

/** Calls after the theme changed, by the switch or by the system. @returns stop */
export function onThemeChange(changed: () => void): () => void {
	const system = matchMedia('(prefers-color-scheme: dark)');
	const root = new MutationObserver(changed);
	root.observe(document.documentElement, { attributeFilter: ['data-theme'] });
	system.addEventListener('change', changed);
	return () => {
		root.disconnect();
		system.removeEventListener('change', changed);
	};
}
