/**
 * MetaTrader's INI form: sections of `key=value` lines. A value is everything after the first `=`, to the
 * end of the line. Without zod, because the simulated terminal reads it too and is kept small.
 */

/** Sections in order, each with its keys in order. */
export type IniSections = ReadonlyArray<
	readonly [section: string, keys: ReadonlyArray<readonly [string, string]>]
>;

export function formatIni(sections: IniSections): string {
	return sections
		.map(([section, keys]) =>
			[`[${section}]`, ...keys.map(([key, value]) => `${key}=${value}`)].map((line) => `${line}\r\n`).join('')
		)
		.join('');
}

/** Reads any INI text. Of a key given twice the first counts; text before the first section is ignored. */
export function parseIni(text: string): Map<string, Map<string, string>> {
	const sections = new Map<string, Map<string, string>>();
	let current: Map<string, string> | undefined;
	// Every character that any reader might take for the end of a line ends one here too, so that our reading
	// back sees an injected key before a terminal does.
	for (const line of text.split(/[\r\n\u0085\u2028\u2029\v\f]/)) {
		if (line === '' || line.startsWith(';')) continue;
		const section = /^\[([^\]]*)\]$/.exec(line)?.[1];
		if (section !== undefined) {
			current = sections.get(section) ?? new Map();
			sections.set(section, current);
			continue;
		}
		const equals = line.indexOf('=');
		const key = equals < 0 ? line : line.slice(0, equals);
		if (current && !current.has(key)) current.set(key, equals < 0 ? '' : line.slice(equals + 1));
	}
	return sections;
}
