/**
 * MQL5 to C++: one .mq5 with all its .mqh becomes one C++ file, in which the program is a class. Its global
 * variables are members, so that loading it anew begins with fresh ones, as in the terminal; and a function may
 * be called before it is written, as in MQL5. The source is taken as it is: what the terminal compiles is what
 * is run here. The functions of MQL5 come from mql/api.h.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { arrayDeclaratorAt, tokenize, type Token } from './mqlSource.ts';

/** Types that C++ knows by the same name with another size. */
const TYPES: ReadonlyMap<string, string> = new Map([
	['long', 'mlong'],
	['ulong', 'mulong']
]);

const EVENTS: ReadonlyArray<readonly [form: RegExp, override: string]> = [
	[/\bint\s+OnInit\s*\(/, 'int callInit() override { return OnInit(); }'],
	[/\bvoid\s+OnInit\s*\(/, 'int callInit() override { OnInit(); return 0; }'],
	[/\bvoid\s+OnDeinit\s*\(/, 'void callDeinit(int reason) override { OnDeinit(reason); }'],
	[/\bvoid\s+OnTimer\s*\(/, 'void callTimer() override { OnTimer(); }'],
	[/\bvoid\s+OnTick\s*\(/, 'void callTick() override { OnTick(); }']
];

const typeName = (name: string): string => TYPES.get(name) ?? name;

export interface SourceRoots {
	/** MQL5/Include. */
	include: string;
	/** Paths in `#line` are relative to it, so that the result does not depend on the place of the checkout. */
	base: string;
}

/** Every file that a program is made of, in the order of their reading. */
export function sourceFiles(path: string, roots: SourceRoots, seen = new Set<string>()): string[] {
	seen.add(path);
	for (const included of includesOf(readFileSync(path, 'utf8'), roots))
		if (!seen.has(included)) sourceFiles(included, roots, seen);
	return [...seen];
}

function includePath(directive: string, roots: SourceRoots): string | null {
	const name = /^#include\s+<([^>]+)>/.exec(directive)?.[1];
	return name === undefined ? null : join(roots.include, ...name.split(/[\\/]/));
}

function includesOf(source: string, roots: SourceRoots): string[] {
	return [...source.matchAll(/^#include[^\n]*/gm)].flatMap(([line]) => includePath(line, roots) ?? []);
}

interface Translation {
	inputs: string[];
	seen: Set<string>;
	roots: SourceRoots;
}

function translateTokens(tokens: readonly Token[], translation: Translation): string {
	let result = '';
	for (let at = 0; at < tokens.length; at++) {
		const token = tokens[at];
		if (!token) break;
		const declarator = arrayDeclaratorAt(tokens, at);
		if (declarator) {
			const type = `array<${typeName(declarator.type)}>`;
			result += `${type} ${declarator.isReference ? '&' : ''}${declarator.name}`;
			if (declarator.size !== '') result += ` = ${type}(${declarator.size})`;
			at += declarator.length - 1;
		} else if (token.kind === 'text') {
			result += `u${token.text}_s`;
		} else if (token.kind === 'character') {
			result += `u${token.text}`;
		} else if (token.kind === 'name' && (token.text === 'input' || token.text === 'sinput')) {
			const statement = tokens.slice(at + 1, at + 12).filter(({ kind }) => kind !== 'blank');
			if (statement[0]?.text === 'group') at = tokens.findIndex((each, i) => i > at && each.kind === 'text');
			else if (statement[1]) translation.inputs.push(statement[1].text);
		} else {
			result += token.kind === 'name' ? typeName(token.text) : token.text;
		}
	}
	return result;
}

function translateDirective(token: Token, path: string, translation: Translation): string {
	const { roots } = translation;
	if (token.text.startsWith('#property')) return '';
	if (token.text.startsWith('#include')) {
		const included = includePath(token.text, roots);
		if (included === null)
			throw new Error(`${path}:${token.line}: only #include <…> of our own folder is known`);
		if (translation.seen.has(included)) return '';
		return `\n${translateFile(included, translation)}\n#line ${token.line + 1} "${relative(roots.base, path)}"`;
	}
	const [, head, rest] = /^(#define\s+\w+)(.*)$/.exec(token.text) ?? [];
	if (head === undefined || rest === undefined) return token.text;
	return head + translateTokens(tokenize(rest, path), translation);
}

function translateFile(path: string, translation: Translation): string {
	translation.seen.add(path);
	let result = `#line 1 "${relative(translation.roots.base, path)}"\n`;
	let plain: Token[] = [];
	for (const token of tokenize(readFileSync(path, 'utf8'), path)) {
		if (token.kind !== 'directive') {
			plain.push(token);
			continue;
		}
		result += translateTokens(plain, translation) + translateDirective(token, path, translation);
		plain = [];
	}
	return result + translateTokens(plain, translation);
}

/**
 * @param name of the program as the terminal knows it, e.g. `Quintet\QuintetBridge`
 * @returns the C++ file
 */
export function translateProgram(name: string, path: string, roots: SourceRoots): string {
	const translation: Translation = { inputs: [], seen: new Set(), roots };
	const body = translateFile(path, translation);
	const events = EVENTS.flatMap(([form, override]) => (form.test(body) ? [`\t${override}`] : []));
	const inputs = translation.inputs.map((input) => `\t\tinputs.take("${input}", ${input});`);
	return [
		'// Made by translate.ts.',
		'#include "mql/api.h"',
		'namespace mql {',
		'namespace {',
		'struct Translated : Program {',
		body,
		'#line 1 "translated"',
		'\tvoid bindInputs(const Inputs &inputs) override {',
		'\t\t(void)inputs;',
		...inputs,
		'\t}',
		...events,
		'};',
		`const Registration registration(R"(${name})", [] { return std::unique_ptr<Program>(new Translated()); });`,
		'} // namespace',
		'} // namespace mql',
		''
	].join('\n');
}
