import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';

/** A reader of RFC 4180, as strict as the standard. */
function parseLine(line: string): string[] {
	const cells: string[] = [];
	let at = 0;
	while (at < line.length) {
		if (line[at] === '"') {
			let text = '';
			for (at++; ; at++) {
				if (line[at] === '"' && line[at + 1] === '"') text += line[at++];
				else if (line[at] === '"') break;
				else text += line[at];
			}
			cells.push(text);
			at += 1;
		} else {
			const end = /[,\r]/.exec(line.slice(at))?.index ?? line.length;
			cells.push(line.slice(at, at + end));
			at += end;
		}
		expect([',', '\r']).toContain(line[at]);
		if (line[at] === '\r') return cells;
		at++;
		if (line[at] === '\r') return [...cells, ''];
	}
	throw new Error('a line without an end');
}

describe('csvLine', () => {
	it('quotes what needs it, and leaves numbers and plain words alone', () => {
		expect(csvLine(['plain', 'a,b', 'say "so"', 'two\nlines', -12.5, '-3.50', null])).toBe(
			'plain,"a,b","say ""so""","two\nlines",-12.5,-3.50,\r\n'
		);
	});

	it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', ' =1', '\r\n=1', '＝1', '\u0000=1'])(
		'X13: %j does not begin a formula',
		(text) => {
			expect(parseLine(csvLine([text, 'x']))[0]).toBe(`'${text}`);
		}
	);

	it('X13: whatever the texts, the same come back, and none begins a formula', () => {
		const text = fc.oneof(
			fc.string({ unit: 'grapheme' }),
			fc.constantFrom('=', '"', ',', '\r\n', '-', '+1+1')
		);
		fc.assert(
			fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (texts) => {
				const cells = parseLine(csvLine(texts));
				expect(cells).toHaveLength(texts.length);
				cells.forEach((found, index) => {
					expect([texts[index], `'${texts[index]}`]).toContain(found);
					if (!/^-?\d+(\.\d+)?$/.test(found)) expect(found.trimStart()).not.toMatch(/^[=+\-@]/);
				});
			})
		);
	});
});
