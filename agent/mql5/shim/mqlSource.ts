/** MQL5 source as tokens: what the translation to C++ and the checks of the source share. */

export type TokenKind = 'comment' | 'directive' | 'text' | 'character' | 'name' | 'number' | 'sign' | 'blank';

export interface Token {
	kind: TokenKind;
	text: string;
	/** From 1. */
	line: number;
}

const FORMS: ReadonlyArray<readonly [TokenKind, RegExp]> = [
	['blank', /[ \t\r\n]+/y],
	['comment', /\/\/[^\n]*|\/\*[^]*?\*\//y],
	['directive', /#[^\n]*/y],
	['text', /"(?:[^"\\\n]|\\.)*"/y],
	['character', /'(?:[^'\\\n]|\\.[0-9a-fA-F]*)'/y],
	['name', /[A-Za-z_]\w*/y],
	['number', /(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)[a-zA-Z]*/y],
	['sign', /[-+*/%=<>!&|^~?:;,.(){}[\]]/y]
];

/** @throws Error naming file and line where the source is not MQL5 */
export function tokenize(source: string, path: string): Token[] {
	const tokens: Token[] = [];
	let line = 1;
	for (let at = 0; at < source.length;) {
		let token: Token | null = null;
		for (const [kind, form] of FORMS) {
			form.lastIndex = at;
			const text = form.exec(source)?.[0];
			if (text === undefined) continue;
			token = { kind, text, line };
			break;
		}
		if (!token) throw new Error(`${path}:${line}: this is no MQL5: ${source.slice(at, at + 20)}`);
		tokens.push(token);
		at += token.text.length;
		line += token.text.split('\n').length - 1;
	}
	return tokens;
}

/** The words that can stand before a name without being its type. */
const NO_TYPES = new Set(['return', 'case', 'else', 'delete', 'new', 'do', 'goto', 'const']);

/** True for a token that means something. */
export const isMeaning = ({ kind }: Token): boolean => kind !== 'blank' && kind !== 'comment';

export interface ArrayDeclarator {
	type: string;
	isReference: boolean;
	name: string;
	/** Tokens between the brackets, e.g. `5`. */
	size: string;
	/** How many tokens it takes, from its type on. */
	length: number;
}

/** `double prices[]`, `const uchar &bytes[]` (from `uchar` on), `int table[5]`; null when there is none at `at`. */
export function arrayDeclaratorAt(tokens: readonly Token[], at: number): ArrayDeclarator | null {
	const type = tokens[at];
	if (type?.kind !== 'name' || NO_TYPES.has(type.text)) return null;
	let next = at + 1;
	const skipBlanks = (): void => {
		while (tokens[next] && tokens[next]?.kind === 'blank') next++;
	};
	skipBlanks();
	const isReference = tokens[next]?.text === '&';
	if (isReference) next++;
	skipBlanks();
	const name = tokens[next];
	if (name?.kind !== 'name' || next === at + 1 || NO_TYPES.has(name.text)) return null;
	next++;
	if (tokens[next]?.text !== '[') return null;
	const end = tokens.findIndex((token, index) => index > next && token.text === ']');
	if (end < 0) return null;
	const size = tokens
		.slice(next + 1, end)
		.map(({ text }) => text)
		.join('')
		.trim();
	return { type: type.text, isReference, name: name.text, size, length: end + 1 - at };
}
