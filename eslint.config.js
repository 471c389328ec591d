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

/**
 * The command core of web and agent: what the simulation runs in its own time and with its own randomness. Here
 * nothing may reach past the ports for either (docs/decisions/0017-simulation.md).
 */
const COMMAND_CORE = [
	'src/lib/domain/**',
	'src/lib/protocol/**',
	'src/lib/server/commandCore.ts',
	'src/lib/server/loop.ts',
	'src/lib/server/commands/**',
	'src/lib/server/agents/{agentDirectory,agentLine,agentMessages,batch,gateway,settlement}.ts',
	'src/lib/server/live/{eventHub,liveAccounts,reportStore}.ts',
	'src/lib/server/accounts/accountView.ts',
	'agent/src/{abort,agent,waker}.ts',
	'agent/src/link/**',
	'agent/src/supervisor/**'
];
/** The core's edges: PostgreSQL, the disk, the network, cryptography. */
const CORE_EDGES = [
	'**/*.test.ts',
	'src/lib/server/commands/storeCommand.ts',
	'src/lib/protocol/webSocket.ts',
	// Keys and nonces that could be replayed would be none.
	'src/lib/protocol/{seal,sealNode}.ts'
];
const PORT_FOR_TIME = 'Time comes from the injected clock (src/lib/domain/clock.ts).';
const PORT_FOR_CHANCE = 'Randomness and new ids are injected, so that a seed can be replayed.';
const noRawTimeOrChance = {
	'no-restricted-globals': [
		'error',
		...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
			name,
			message: PORT_FOR_TIME
		})),
		{ name: 'crypto', message: PORT_FOR_CHANCE }
	],
	'no-restricted-properties': [
		'error',
		{ object: 'Date', property: 'now', message: PORT_FOR_TIME },
		{ object: 'AbortSignal', property: 'timeout', message: PORT_FOR_TIME },
		{ object: 'Math', property: 'random', message: PORT_FOR_CHANCE }
	],
	'no-restricted-syntax': [
		'error',
		{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: PORT_FOR_TIME },
		{
			selector: 'ImportDeclaration[source.value=/^(node:)?timers/]',
			message: PORT_FOR_TIME
		},
		{
			selector: "ImportDeclaration[source.value='uuidv7']",
			message: PORT_FOR_CHANCE
		},
		{
			selector: 'ImportSpecifier[imported.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/]',
			message: PORT_FOR_CHANCE
		}
	]
};

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
	{ files: ['agent/**'], rules: forbid(SERVER, COMPONENTS, ROUTES, DOLLAR_LIB) },
	{ files: COMMAND_CORE, ignores: CORE_EDGES, rules: noRawTimeOrChance }
);
