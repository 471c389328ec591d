/** Command lines for CreateProcess, which takes one text; the program at the other end splits it again. Pure. */

/**
 * Quotes by the rules of Microsoft's C runtime, which node.exe follows: backslashes count only before a quotation
 * mark, and are doubled there.
 * @throws Error for a text that cannot be carried: one with a NUL
 */
export function commandLine(program: string, args: readonly string[]): string {
	// The program's own name is split by another rule, which knows no escapes.
	if (/["\0]/.test(program)) throw new Error('a program’s path holds no quotation mark');
	return [`"${program}"`, ...args.map(quote)].join(' ');
}

function quote(argument: string): string {
	if (argument.includes('\0')) throw new Error('an argument holds a NUL');
	if (argument !== '' && !/[\s"]/.test(argument)) return argument;
	const escaped = argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
	return `"${escaped}"`;
}
