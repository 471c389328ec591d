import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from './commandLine.ts';

/** How Microsoft's C runtime splits a command line (docs: "Parsing C command-line arguments"), independent of ours. */
function split(line: string): string[] {
	const args: string[] = [];
	const end = line.indexOf('"', 1);
	args.push(line.slice(1, end));
	let at = end + 1;
	while (at < line.length) {
		while (line[at] === ' ' || line[at] === '\t') at += 1;
		if (at >= line.length) break;
		let argument = '';
		let isQuoted = false;
		for (; at < line.length && (isQuoted || (line[at] !== ' ' && line[at] !== '\t')); at += 1) {
			let slashes = 0;
			while (line[at] === '\\') {
				slashes += 1;
				at += 1;
			}
			if (line[at] === '"') {
				argument += '\\'.repeat(Math.floor(slashes / 2));
				if (slashes % 2 === 1) argument += '"';
				else isQuoted = !isQuoted;
			} else {
				argument += '\\'.repeat(slashes);
				if (at >= line.length || (!isQuoted && (line[at] === ' ' || line[at] === '\t'))) break;
				argument += line[at];
			}
		}
		args.push(argument);
	}
	return args;
}

describe('a command line for CreateProcess', () => {
	const NODE = 'C:\\Program Files\\Quintet\\node.exe';

	it('quotes what needs it and nothing else', () => {
		expect(commandLine(NODE, ['agent.mjs', 'a b', 'C:\\x y\\', '', '"'])).toBe(
			`"${NODE}" agent.mjs "a b" "C:\\x y\\\\" "" "\\""`
		);
	});

	it('arrives as it was given, whatever stands in it', () => {
		const nasty = fc.string({ unit: fc.constantFrom('\\', '"', ' ', '\t', 'a', 'é', '&', '%', '^', '\n') });
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						nasty,
						fc.string().filter((text) => !text.includes('\0'))
					)
				),
				(args) => {
					expect(split(commandLine(NODE, args))).toEqual([NODE, ...args]);
				}
			),
			{ numRuns: 2_000 }
		);
	});

	it('refuses what cannot be carried', () => {
		expect(() => commandLine(NODE, ['a\0b'])).toThrow();
		expect(() => commandLine('C:\\a"b.exe', [])).toThrow();
	});
});
