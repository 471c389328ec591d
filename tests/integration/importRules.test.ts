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
