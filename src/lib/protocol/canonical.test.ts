import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalFrame, canonicalJson } from './canonical.ts';

const reversed = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(reversed);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, field]) => [key, reversed(field)])
	);
};

describe('X8: canonicalJson', () => {
	it('is the same whatever the order of the keys, and survives the way over the wire', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const text = canonicalJson(value);
				expect(canonicalJson(reversed(value))).toBe(text);
				expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
			})
		);
	});

	it('is another text for another value', () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
				const isSame =
					JSON.stringify(JSON.parse(canonicalJson(a))) === JSON.stringify(JSON.parse(canonicalJson(b)));
				expect(canonicalJson(a) === canonicalJson(b)).toBe(isSame);
			})
		);
	});

	it('leaves out what is undefined, as the wire does', () => {
		expect(canonicalJson({ b: undefined, a: [undefined] })).toBe('{"a":[null]}');
	});

	it('covers every field of a frame but its envelope', () => {
		const frame = {
			v: 1,
			id: 'x',
			type: 'command',
			signature: 's',
			later: { b: 1, a: null },
			kind: 'stop_ea'
		};
		expect(canonicalFrame(frame)).toBe('{"kind":"stop_ea","later":{"a":null,"b":1}}');
	});
});
