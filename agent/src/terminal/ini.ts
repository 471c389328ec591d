/**
 * The INI files that the agent writes for a terminal while that is down. Whatever a user typed, only the
 * fixed keys below come out: the values are checked, and the finished file is read back and compared.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { accountNumberSchema, mt5PasswordSchema, serverNameSchema } from '#lib/domain/accountInput.ts';
import { formatIni, parseIni, type IniSections } from './iniText.ts';
import { errorCode, replaceFile } from './replaceFile.ts';
import { type INI_ENCODINGS } from './provision/buildFacts.ts';
import { decodeText, encodeUtf16 } from './utf16.ts';

const startIniSchema = z.strictObject({
	login: accountNumberSchema,
	password: mt5PasswordSchema,
	server: serverNameSchema,
	/** The Algo Trading button at start. */
	isAlgoTradingOn: z.boolean()
});
export type StartIni = z.infer<typeof startIniSchema>;

const commonIniSchema = startIniSchema.omit({ password: true });
export type CommonIni = z.infer<typeof commonIniSchema>;

/** Of the terminal's build: both were seen to work, each somewhere the other was said not to. */
export type IniEncoding = (typeof INI_ENCODINGS)[number];

/** Our bridge, relative to `MQL5\\Experts`, without ending. */
export const BRIDGE_EXPERT = 'Quintet\\QuintetBridge';

/** Something in the values would have become another key. The message names no value. */
export class IniInjection extends Error {
	constructor() {
		super('The settings cannot be written to the terminal’s configuration without changing other keys.');
	}
}

// Account, Profile and Chart must be 0: by default the terminal switches Algo Trading off at every login.
const experts = (isAlgoTradingOn: boolean): IniSections[number] => [
	'Experts',
	[
		['Enabled', isAlgoTradingOn ? '1' : '0'],
		['AllowLiveTrading', '1'],
		['AllowDllImport', '0'],
		['Account', '0'],
		['Profile', '0'],
		['Chart', '0']
	]
];

const isAscii = (text: string): boolean => /^[\t\r\n -~]*$/.test(text);

/** The file with exactly these sections and keys. @throws IniInjection when it would read back as others */
export function checkedIni(sections: IniSections, encoding: IniEncoding): Buffer {
	const text = formatIni(sections);
	// Outside of ASCII a file without byte order mark would be read in the machine's own code page.
	const file = encoding === 'ascii' && isAscii(text) ? Buffer.from(text, 'latin1') : encodeUtf16(text);
	const read = [...parseIni(decodeText(file))].map(([section, keys]) => [section, [...keys]]);
	if (JSON.stringify(read) !== JSON.stringify(sections)) throw new IniInjection();
	return file;
}

/**
 * The file of the first start, with the password and without any EA: one that is attached while the terminal
 * changes its account is loaded and never initialised.
 * @throws ZodError or IniInjection on a value that must not be
 */
export function startIni(values: StartIni, encoding: IniEncoding = 'utf16'): Buffer {
	const { login, password, server, isAlgoTradingOn } = startIniSchema.parse(values);
	const common: Array<[string, string]> = [
		['Login', login],
		['Password', password],
		['Server', server],
		['KeepPrivate', '1'],
		['NewsEnable', '0']
	];
	return checkedIni([['Common', common], experts(isAlgoTradingOn)], encoding);
}

const withoutSecret = ({ login, server }: CommonIni): IniSections[number] => [
	'Common',
	[
		['Login', login],
		['Server', server],
		['KeepPrivate', '1'],
		['NewsEnable', '0']
	]
];

/** `config/common.ini`, without any secret. @throws as `startIni` */
export function commonIni(values: CommonIni, encoding: IniEncoding = 'utf16'): Buffer {
	const checked = commonIniSchema.parse(values);
	return checkedIni([withoutSecret(checked), experts(checked.isAlgoTradingOn)], encoding);
}

/**
 * The file of the later starts: the saved login, and the bridge on the first chart of the profile. Without a
 * symbol, since a chart of one that the broker does not have never opens, and nobody is told. @throws as `startIni`
 */
export function launchIni(values: CommonIni, encoding: IniEncoding = 'utf16'): Buffer {
	const checked = commonIniSchema.parse(values);
	const startUp: IniSections[number] = ['StartUp', [['Expert', BRIDGE_EXPERT]]];
	return checkedIni([withoutSecret(checked), experts(checked.isAlgoTradingOn), startUp], encoding);
}

export const startIniPath = (instanceDir: string): string => join(instanceDir, 'start.ini');

/** Writes start.ini; the answer is its path, for `/config:<path>`. Wipe it as soon as the login is through. */
export async function writeStartIni(
	instanceDir: string,
	values: StartIni,
	encoding?: IniEncoding
): Promise<string> {
	const path = startIniPath(instanceDir);
	await replaceFile(path, startIni(values, encoding), 0o600);
	return path;
}

/** Writes launch.ini; the answer is its path, for `/config:<path>`. It holds no secret and stays. */
export async function writeLaunchIni(
	instanceDir: string,
	values: CommonIni,
	encoding?: IniEncoding
): Promise<string> {
	const path = join(instanceDir, 'launch.ini');
	await replaceFile(path, launchIni(values, encoding), 0o600);
	return path;
}

/** Writes config/common.ini. Only while the terminal is down: it rewrites the file when it ends. */
export async function writeCommonIni(
	instanceDir: string,
	values: CommonIni,
	encoding?: IniEncoding
): Promise<void> {
	await mkdir(join(instanceDir, 'config'), { recursive: true });
	await replaceFile(join(instanceDir, 'config', 'common.ini'), commonIni(values, encoding), 0o600);
}

/** Overwrites start.ini with zeros and removes it. @returns whether there was one */
export async function wipeStartIni(instanceDir: string): Promise<boolean> {
	const path = startIniPath(instanceDir);
	let wasThere = false;
	for (const each of [path, `${path}.tmp`]) {
		try {
			const file = await open(each, 'r+');
			try {
				const { size } = await file.stat();
				await file.write(Buffer.alloc(size), 0, size, 0);
				await file.sync();
			} finally {
				await file.close();
			}
		} catch (error) {
			if (errorCode(error) === 'ENOENT') continue;
			throw error;
		}
		await rm(each, { force: true });
		wasThere = true;
	}
	return wasThere;
}

/** Whether the terminal has saved a login: accounts.dat, which it writes when it closes at the latest. */
export async function hasSavedLogin(instanceDir: string): Promise<boolean> {
	const found = await stat(join(instanceDir, 'config', 'accounts.dat')).catch(() => null);
	return found !== null && found.size > 0;
}
