/** The agent as one file: Node runs it without node_modules. */
import { join } from 'node:path';
import { build } from 'vite';

const TREE = join(import.meta.dirname, '..', '..');

/** @returns the text of agent.mjs */
export async function bundleAgent(): Promise<string> {
	const built = await build({
		configFile: false,
		root: TREE,
		logLevel: 'error',
		build: {
			ssr: join(TREE, 'agent', 'src', 'cli.ts'),
			write: false,
			target: 'node24',
			minify: false,
			rolldownOptions: { output: { entryFileNames: 'agent.mjs', codeSplitting: false } }
		},
		ssr: { noExternal: true, target: 'node' }
	});
	const outputs = Array.isArray(built) ? built : [built];
	const chunks = outputs.flatMap((output) => ('output' in output ? output.output : []));
	const [chunk] = chunks;
	if (chunks.length !== 1 || chunk?.type !== 'chunk')
		throw new Error(
			`the agent became ${chunks.length} files: ${chunks.map(({ fileName }) => fileName).join(', ')}`
		);
	return chunk.code;
}
