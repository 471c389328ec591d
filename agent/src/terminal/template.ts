/**
 * The chart template that loads the EA with its inputs. The values are checked to hold nothing that could
 * end a line, so nothing has to be escaped; the finished file is read back and compared all the same.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type TIMEFRAMES } from '#lib/domain/accountInput.ts';
import { eaSettingsSchema, type EaSettings } from '#lib/domain/eaSettings.ts';
import { inputsText, parseInputsText, type EaInput } from '#lib/domain/setFile.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { DEFAULT_FACTS } from './provision/buildFacts.ts';
import { errorCode, replaceFile } from './replaceFile.ts';
import { parseTemplate } from './templateText.ts';
import { encodeUtf16 } from './utf16.ts';

/** MetaTrader's unit of a chart period (0 minutes, 1 hours, 2 weeks, 3 months) and how many of it. */
const PERIODS: Record<(typeof TIMEFRAMES)[number], readonly [type: number, size: number]> = {
	M1: [0, 1],
	M5: [0, 5],
	M15: [0, 15],
	M30: [0, 30],
	H1: [1, 1],
	H4: [1, 4],
	D1: [1, 24],
	W1: [2, 1],
	MN1: [3, 1]
};

const templateNameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,60}\.tpl$/);

const twoDigits = (decimal: string): string => Number(decimal).toFixed(2);

/**
 * Fingerprint of the settings as the EA gets them: what it reports back must be this. Left out is what the
 * EA does not see (closing on Stop); 0.5 and 0.50 are the same.
 */
export function settingsHash(settings: EaSettings): string {
	const known = hashes.get(settings) ?? hashOf(settings);
	hashes.set(settings, known);
	return known;
}

/** Asked for every second of every account, while settings change a few times a day; nobody writes into them. */
const hashes = new WeakMap<EaSettings, string>();

function hashOf(settings: EaSettings): string {
	const { maxLotSize, maxLoss, safetyMode, expert } = settings;
	const { path, symbol, timeframe, magic, file } = expert;
	const seen = [twoDigits(maxLotSize), twoDigits(maxLoss), safetyMode, path, symbol, timeframe, magic];
	// Only where there is one: what ran before there were any still has the hash that it reports.
	if (file) seen.push(file.sha256, file.inputs?.sha256 ?? '');
	return createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 32);
}

/** The EA's inputs by name; the MQL5 template declares the same ones. */
function inputsOf(settings: EaSettings, generation: number): Array<[string, string]> {
	return [
		['QuintetGeneration', generation.toString()],
		['QuintetSettingsHash', settingsHash(settings)],
		['QuintetMaxLotSize', twoDigits(settings.maxLotSize)],
		['QuintetMaxLoss', twoDigits(settings.maxLoss)],
		['QuintetSafetyMode', settings.safetyMode],
		['QuintetMagic', settings.expert.magic.toString()]
	];
}

/** The EA's own inputs that are set beside ours. MetaTrader compares names as MQL5 does; we leave no doubt. */
function ownInputs(inputs: readonly EaInput[], ours: ReadonlyArray<[string, string]>): EaInput[] {
	const taken = new Set(ours.map(([name]) => name.toLowerCase()));
	return parseInputsText(inputsText(inputs)).filter(([name]) => !taken.has(name.toLowerCase()));
}

/** What differs between templates of the same settings. */
export interface TemplateChoices {
	/** What lets the EA trade in the terminal's build (buildFacts.ts). */
	expertMode?: number;
	/** For the EA's own inputs. One with the name of ours is left out: ours win. */
	inputs?: readonly EaInput[];
}

const lines = (pairs: ReadonlyArray<readonly [string, string]>): string[] =>
	pairs.map(([key, value]) => `${key}=${value}`);

/**
 * The .tpl file: UTF-16LE with byte order mark, without which the terminal ignores it silently.
 * @throws ZodError when a setting or an input is not what it must be
 */
export function eaTemplate(
	settings: EaSettings,
	generation: number,
	{ expertMode = DEFAULT_FACTS.expertMode, inputs: given = [] }: TemplateChoices = {}
): Buffer {
	const checked = eaSettingsSchema.parse(settings);
	const { path, symbol, timeframe } = checked.expert;
	const [type, size] = PERIODS[timeframe];
	const chart: Array<[string, string]> = [
		['symbol', symbol],
		['period_type', type.toString()],
		['period_size', size.toString()]
	];
	const expert: Array<[string, string]> = [
		['name', path.split('\\').at(-1) ?? path],
		['path', `Experts\\${path}.ex5`],
		['expertmode', z.int().min(0).parse(expertMode).toString()]
	];
	const ours = inputsOf(checked, z.int().min(0).parse(generation));
	const inputs = [...ours, ...ownInputs(given, ours)];
	const window = [
		'<window>',
		'height=100.000000',
		'objects=0',
		'<indicator>',
		'name=Main',
		'path=',
		'apply=1',
		'show_data=1',
		'</indicator>',
		'</window>'
	];
	const text = [
		'<chart>',
		...lines(chart),
		'<expert>',
		...lines(expert),
		'<inputs>',
		...lines(inputs),
		'</inputs>',
		'</expert>',
		...window,
		'</chart>',
		''
	];
	const file = encodeUtf16(text.join('\r\n'));
	const read = parseTemplate(file);
	const isSame =
		JSON.stringify([...(read?.chart ?? [])]) === JSON.stringify(chart) &&
		JSON.stringify([...(read?.expert ?? [])]) === JSON.stringify(expert) &&
		JSON.stringify([...(read?.inputs ?? [])]) === JSON.stringify(inputs);
	if (!isSame) throw new Error('The settings cannot be written into a chart template.');
	return file;
}

/** Writes the template to where `load_ea` looks for it. @param name file name with the ending `.tpl` */
export async function writeEaTemplate(
	instanceDir: string,
	name: string,
	settings: EaSettings,
	generation: number,
	choices?: TemplateChoices
): Promise<void> {
	const folder = join(instanceDir, ...BRIDGE_FOLDER, 'tpl');
	const path = join(folder, templateNameSchema.parse(name));
	const template = eaTemplate(settings, generation, choices);
	try {
		await replaceFile(path, template);
	} catch (error) {
		// The first one of this terminal.
		if (errorCode(error) !== 'ENOENT') throw error;
		await mkdir(folder, { recursive: true });
		await replaceFile(path, template);
	}
}
