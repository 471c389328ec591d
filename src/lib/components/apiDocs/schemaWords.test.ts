import { describe, expect, it } from 'vitest';
import { exampleOf, fieldsOf, typeWords } from './schemaWords.ts';

const words = (schema: Parameters<typeof typeWords>[0]) =>
	typeWords(schema)
		.map(({ text }) => text)
		.join('');

describe('a schema in words', () => {
	it('names types, choices, lists and shapes', () => {
		expect(words({ type: 'string', format: 'uuid' })).toBe('string (uuid)');
		expect(words({ anyOf: [{ $ref: '#/components/schemas/Account' }, { type: 'null' }] })).toBe(
			'Account or null'
		);
		expect(words({ type: 'array', items: { enum: ['a', 'b'] } })).toBe('list of "a" or "b"');
		expect(words({ type: 'object', additionalProperties: { type: 'string' } })).toBe('object of string');
		expect(words({})).toBe('anything');
	});

	it('lists the fields of objects within lists and choices, one step further in', () => {
		const inner = { type: 'object', properties: { b: { type: 'integer' } }, required: ['b'] };
		const lines = fieldsOf({
			type: 'object',
			properties: { a: { anyOf: [{ type: 'array', items: inner }, { type: 'null' }], description: 'why' } }
		});
		expect(lines.map(({ name, depth, isOptional, words }) => [name, depth, isOptional, words])).toEqual([
			['a', 0, true, 'why'],
			['b', 1, false, '']
		]);
	});

	it('gives as an example what is required, or else the first field', () => {
		const properties = { command: { enum: ['start_ea'] }, tag: { type: 'string' } };
		expect(exampleOf({ type: 'object', properties, required: ['command'] })).toEqual({ command: 'start_ea' });
		expect(exampleOf({ type: 'object', properties: { on: { type: 'boolean' } } })).toEqual({ on: true });
	});
});
