import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	accountNumberSchema,
	brokerSchema,
	expertPathSchema,
	mt5PasswordSchema,
	serverNameSchema,
	symbolSchema
} from './accountInput.ts';
import { lotsSchema, moneySchema } from './eaSettings.ts';

const breaking = fc.constantFrom('\r', '\n', '\0', '\u0085', '\u2028', '\u2029', '\u001b', '\u007f');

describe('X11: nothing typed can end a line of an INI or template file', () => {
	const schemas = {
		mt5PasswordSchema,
		brokerSchema,
		serverNameSchema,
		accountNumberSchema,
		symbolSchema,
		expertPathSchema
	};
	it.each(Object.entries(schemas))('%s', (_name, schema) => {
		fc.assert(
			fc.property(fc.string(), breaking, fc.string(), (before, character, after) => {
				expect(schema.safeParse(`${before}${character}${after}`).success).toBe(false);
			})
		);
	});
});

describe('X10: no way out of a folder', () => {
	it.each([
		'..\\..\\x',
		'..',
		'a\\..\\b',
		'C:\\x',
		'\\x',
		'x\\',
		'a/b',
		'a:b',
		'x.ex5',
		'',
		'CON',
		'a\\nul',
		'com1\\x',
		'x ',
		'a \\b',
		'a.'
	])('refuses the EA %j', (path) => {
		expect(expertPathSchema.safeParse(path).success).toBe(false);
	});

	it.each(['Quintet\\EATemplate', 'My EA', 'a\\b\\c_1'])('takes the EA %j', (path) => {
		expect(expertPathSchema.safeParse(path).success).toBe(true);
	});
});

describe('numbers', () => {
	it.each(['0', '007', '1234567890123', '12a', '-5', '1.5'])('refuses the account number %j', (text) => {
		expect(accountNumberSchema.safeParse(text).success).toBe(false);
	});

	it.each(['0', '0.00', '-1', '1.234', '1e3', 'abc', '10000'])('refuses %j lots', (text) => {
		expect(lotsSchema.safeParse(text).success).toBe(false);
	});

	it.each(['500', '0', '99.95'])('takes a loss of %j', (text) => {
		expect(moneySchema.safeParse(text).success).toBe(true);
	});
});
