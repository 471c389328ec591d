import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Who may import whom: docs/architecture.md draws it, these rules hold it. */
const forbid = (...patterns) => ({
	'no-restricted-imports': ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }]
});
const SERVER = ['(^#|/)lib/server/', 'This side must not import the server.'];
const ROUTES = ['/routes/', 'Routes are imported by nobody.'];
const AGENT = ['/agent/(src|simulator)/', 'The agent is a program of its own.'];
const COMPONENTS = ['(^#|/)lib/components/', 'Only pages import components.'];
const DOLLAR_LIB = ['^\\$lib(/|$)', 'Write #lib/… : that path works in Vite, Vitest and plain Node.'];
const OURS = ['^#lib/|^\\.\\./', 'domain imports nothing of ours but its own folder.'];

export default ts.config(
	{
		ignores: [
			'.svelte-kit/',
			'build/',
			'dist/',
			'node_modules/',
			'.data/',
			'**/generated/',
			'test-results/',
			'playwright-report/'
		]
	},
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			eqeqeq: 'error',
			'no-undef': 'off',
			...forbid(DOLLAR_LIB, ROUTES)
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }
		},
		rules: { 'svelte/no-at-html-tags': 'error', 'svelte/no-navigation-without-resolve': 'off' }
	},
	{ files: ['src/lib/domain/**'], rules: forbid(OURS, AGENT, DOLLAR_LIB) },
	{ files: ['src/lib/protocol/**'], rules: forbid(SERVER, COMPONENTS, AGENT, ROUTES, DOLLAR_LIB) },
	{ files: ['src/lib/components/**'], rules: forbid(SERVER, AGENT, ROUTES, DOLLAR_LIB) },
	{ files: ['src/lib/server/**'], rules: forbid(COMPONENTS, AGENT, ROUTES, DOLLAR_LIB) },
	{ files: ['src/routes/**', 'src/*.ts'], rules: forbid(AGENT, DOLLAR_LIB) },
	{ files: ['agent/**'], rules: forbid(SERVER, COMPONENTS, ROUTES, DOLLAR_LIB) }
);
