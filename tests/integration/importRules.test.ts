import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint();

async function problems(filePath: string, code: string): Promise<string[]> {
	const [result] = await eslint.lintText(code, { filePath });
	return (result?.messages ?? []).map((message) => message.ruleId ?? '');
}

describe('the import rules of docs/architecture.md', () => {
	it.each([
		['a component that imports the server', 'src/lib/components/x.ts', '#lib/server/db.ts'],
		['the agent that imports the server', 'agent/src/x.ts', '#lib/server/db.ts'],
		['the agent that imports the server by path', 'agent/src/x.ts', '../../src/lib/server/db.ts'],
		['the domain that imports the protocol', 'src/lib/domain/x.ts', '../protocol/frames.ts'],
		['the protocol that imports the server', 'src/lib/protocol/x.ts', '#lib/server/db.ts'],
		['the server that imports a component', 'src/lib/server/x.ts', '#lib/components/ui/money.ts'],
		['a route that imports the agent', 'src/routes/x.ts', '../../agent/src/clock.ts'],
		['a second name for the library', 'src/routes/x.ts', '$lib/domain/limits.ts']
	])('refuse %s', async (_name, filePath, specifier) => {
		const code = `import { x } from '${specifier}';\nconsole.log(x);\n`;
		expect(await problems(filePath, code)).toEqual(['no-restricted-imports']);
	});

	it.each([
		['src/routes/x.ts', '#lib/server/db.ts'],
		['src/lib/server/x.ts', '#lib/protocol/frames.ts'],
		['agent/src/x.ts', '#lib/domain/limits.ts'],
		['src/lib/protocol/x.ts', '../domain/limits.ts']
	])('let %s import %s', async (filePath, specifier) => {
		const code = `import { x } from '${specifier}';\nconsole.log(x);\n`;
		expect(await problems(filePath, code)).toEqual([]);
	});
});

describe('the command core of web and agent', () => {
	const CORE = [
		'src/lib/domain/x.ts',
		'src/lib/server/commands/x.ts',
		'src/lib/server/agents/settlement.ts',
		'src/lib/server/commandCore.ts',
		'agent/src/link/x.ts',
		'agent/src/supervisor/x.ts'
	];
	it.each([
		['Date.now()', 'no-restricted-properties'],
		['new Date()', 'no-restricted-syntax'],
		['performance.now()', 'no-restricted-globals'],
		['Math.random()', 'no-restricted-properties'],
		['setTimeout(() => {}, 1)', 'no-restricted-globals'],
		['setInterval(() => {}, 1)', 'no-restricted-globals'],
		['setImmediate(() => {})', 'no-restricted-globals'],
		['AbortSignal.timeout(1)', 'no-restricted-properties'],
		['crypto.randomUUID()', 'no-restricted-globals']
	])('may not reach past its ports with %s', async (expression, rule) => {
		for (const file of CORE)
			expect(await problems(file, `console.log(${expression});\n`), file).toEqual([rule]);
	});

	it.each(["{ randomUUID } from 'node:crypto'", "{ setTimeout as x } from 'node:timers/promises'"])(
		'may not import %s',
		async (imported) => {
			const name = /(\w+) }/.exec(imported)?.[1] ?? '';
			const code = `import ${imported};\nconsole.log(${name});\n`;
			expect(await problems('agent/src/link/x.ts', code)).toEqual(['no-restricted-syntax']);
		}
	);

	it('may make a date of a time it was given', async () => {
		expect(await problems('agent/src/link/x.ts', 'console.log(new Date(0));\n')).toEqual([]);
	});

	it('has its edges, where time comes from', async () => {
		expect(await problems('src/lib/server/clock.ts', 'console.log(Date.now());\n')).toEqual([]);
	});
});
