import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';

type IsIn = (root: string) => boolean;

interface Chunk {
	name: string;
	/** Whether it holds a module, by what loads this module: files below `src/`. */
	holds: (isIn: IsIn) => boolean;
	/** Only what other pages need, too; the rest stays with the page. */
	isShared?: true;
}

const LAYOUT = 'routes/(app)/+layout.svelte';

/** Of several that could hold a module, the first does. What none of them holds, the bundler divides as it thinks best. */
const CHUNKS: readonly Chunk[] = [
	// Of the pages before the sign-in and those after it: above all Svelte and SvelteKit, which loads the error page at once.
	{
		name: 'base',
		holds: (isIn) =>
			isIn('routes/+error.svelte') || (isIn(LAYOUT) && isIn('routes/(auth)/login/+page.svelte'))
	},
	{ name: 'shell', holds: (isIn) => isIn(LAYOUT) },
	{
		name: 'charts',
		holds: (isIn) =>
			isIn('lib/components/charts/equityChart.ts') || isIn('lib/components/charts/comparisonChart.ts')
	},
	{ name: 'figures', holds: (isIn) => isIn('routes/(app)/dashboard/+page.svelte'), isShared: true }
];

/**
 * Few large files of JavaScript for the pages instead of dozens of small ones, which are each compressed without knowing
 * the others: together they were 12 kB more.
 */
export function pageChunks(): Plugin {
	return {
		name: 'quintet-page-chunks',
		// After SvelteKit, which says whether it builds for the browser.
		enforce: 'post',
		config({ build }) {
			if (build?.ssr) return;
			return { build: { rolldownOptions: { output: { codeSplitting: { groups: groups() } } } } };
		}
	};
}

function groups(): Rolldown.CodeSplittingGroup[] {
	const partsOf = new Map<string, Set<string>>();
	return CHUNKS.map(({ name, holds, isShared }, index) => ({
		name(id, context) {
			const isIn: IsIn = (root) => {
				const parts = partsOf.get(root) ?? loadedWith(root, context);
				partsOf.set(root, parts);
				return parts.has(id);
			};
			return holds(isIn) ? name : null;
		},
		priority: CHUNKS.length - index,
		...(isShared ? { minShareCount: 2 } : {})
	}));
}

/**
 * All that a file imports, and what those import; not what they load at its first use.
 * @throws Error when the file is in no page: it was moved, and its modules would be scattered in silence
 */
function loadedWith(file: string, context: Rolldown.ChunkingContext): Set<string> {
	const root = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
	if (context.getModuleInfo(root) === null)
		throw new Error(`pageChunks.ts names ${file}, which no page loads`);
	const all = new Set([root]);
	for (const id of all) for (const next of context.getModuleInfo(id)?.importedIds ?? []) all.add(next);
	return all;
}
