/**
 * Reading a chart template (.tpl), as far as Quintet writes one. The terminal ignores a file without byte
 * order mark, silently; so does this. Without zod, because the simulated terminal reads it too.
 */
import { decodeText, hasUtf16Bom } from './utf16.ts';

export interface ReadTemplate {
	/** Keys of `<chart>` itself. */
	chart: Map<string, string>;
	/** Keys of `<expert>`; null when the template loads no EA. */
	expert: Map<string, string> | null;
	/** The EA's inputs. */
	inputs: Map<string, string>;
}

/** Null when the terminal would ignore the file. */
export function parseTemplate(file: Buffer): ReadTemplate | null {
	if (!hasUtf16Bom(file)) return null;
	const open: string[] = [];
	const chart = new Map<string, string>();
	const inputs = new Map<string, string>();
	let expert: Map<string, string> | null = null;
	for (const line of decodeText(file).split(/[\r\n\u0085\u2028\u2029\v\f]/)) {
		const tag = /^<(\/?)([a-z]+)>$/.exec(line);
		if (tag?.[1] === '/') {
			if (open.pop() !== tag[2]) return null;
		} else if (tag?.[2] !== undefined) {
			open.push(tag[2]);
			if (open.join('/') === 'chart/expert') expert = new Map();
		} else if (line !== '') {
			const equals = line.indexOf('=');
			if (equals < 1) return null;
			const place = open.join('/');
			const target =
				place === 'chart'
					? chart
					: place === 'chart/expert'
						? expert
						: place === 'chart/expert/inputs'
							? inputs
							: null;
			if (target?.has(line.slice(0, equals))) return null;
			target?.set(line.slice(0, equals), line.slice(equals + 1));
		}
	}
	return open.length === 0 && chart.size > 0 ? { chart, expert, inputs } : null;
}
