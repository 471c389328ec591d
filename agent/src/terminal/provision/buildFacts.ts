/**
 * What differs from build to build of MetaTrader 5 and is written down nowhere: found out on a real terminal by
 * `agent acceptance`, kept in `<state>/facts/<build>.json`, and read by whoever writes files for a terminal.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../replaceFile.ts';

export const INI_ENCODINGS = ['utf16', 'ascii'] as const;

export const buildFactsSchema = z.object({
	/** `expertmode` in a template that lets the EA trade, without DLLs. */
	expertMode: z.int().min(0).max(65_535).default(5),
	/** WM_COMMAND of the Algo Trading button. */
	toggleCommand: z.int().min(1).max(65_535).default(32_851),
	/** `ascii`: for content that is; anything else is written in UTF-16LE whatever stands here. */
	iniEncoding: z.enum(INI_ENCODINGS).default('utf16')
});
export type BuildFacts = z.infer<typeof buildFactsSchema>;

export const DEFAULT_FACTS: BuildFacts = buildFactsSchema.parse({});

const fileOf = (factsDir: string, build: number): string =>
	join(factsDir, `${z.int().min(1).max(99_999).parse(build)}.json`);

/** What is known of this build; where nothing was observed, what holds for most. */
export async function readBuildFacts(factsDir: string, build: number | null): Promise<BuildFacts> {
	if (build === null) return DEFAULT_FACTS;
	try {
		return buildFactsSchema.parse(JSON.parse(await readFile(fileOf(factsDir, build), 'utf8')));
	} catch {
		// No acceptance run on this build yet, or a file that nobody can read: the usual values.
		return DEFAULT_FACTS;
	}
}

export async function writeBuildFacts(factsDir: string, build: number, facts: BuildFacts): Promise<string> {
	await mkdir(factsDir, { recursive: true });
	const path = fileOf(factsDir, build);
	await replaceFile(path, Buffer.from(`${JSON.stringify(buildFactsSchema.parse(facts), null, '\t')}\n`));
	return path;
}
