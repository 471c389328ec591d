/**
 * What may stand on a terminal's command line. MetaTrader reads that line in its own way, so nothing is quoted:
 * what would need quoting is refused.
 */

/** `/name` or `/name:value`; the value has no blank, no quotation mark, and none of the shell's own signs. */
const ARGUMENT = /^\/[a-z]+(?::[^\s"'`^&|<>%!;\p{C}]+)?$/iu;
const LONGEST_ARGUMENT = 1_024;

/** @throws Error when one is no plain switch; it does not say which value, since that could be a secret */
export function checkArguments(args: readonly string[]): string[] {
	return args.map((argument, index) => {
		if (argument.length <= LONGEST_ARGUMENT && ARGUMENT.test(argument)) return argument;
		throw new Error(`argument ${index + 1} of the terminal is not a plain switch`);
	});
}

/** Of the agent's environment a terminal gets what Windows put there, and nothing of the agent's own. */
export function terminalEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(environment).filter(([name]) => !/^(QUINTET_|NODE_|npm_)/i.test(name))
	);
}
