/**
 * The INI files that the agent writes for a terminal while that is down. Whatever a user typed, only the
 * fixed keys below come out: the values are checked, and the finished file is read back and compared.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { accountNumberSchema, mt5PasswordSchema, serverNameSchema } from '#lib/domain/accountInput.ts';
import { formatIni, parseIni, type IniSections } from './iniText.ts';
import { errorCode, replaceFile } from './replaceFile.ts';
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

function encodeChecked(sections: IniSections): Buffer {
	const file = encodeUtf16(formatIni(sections));
	const read = [...parseIni(decodeText(file))].map(([section, keys]) => [section, [...keys]]);
	if (JSON.stringify(read) !== JSON.stringify(sections)) throw new IniInjection();
	return file;
}

/** The file of the first start, with the password. @throws ZodError or IniInjection on a value that must not be */
export function startIni(values: StartIni): Buffer {
	const { login, password, server, isAlgoTradingOn } = startIniSchema.parse(values);
	const common: Array<[string, string]> = [
		['Login', login],
		['Password', password],
		['Server', server],
		['KeepPrivate', '1'],
		['NewsEnable', '0']
	];
	return encodeChecked([['Common', common], experts(isAlgoTradingOn)]);
}

/** `config/common.ini` of the later starts, without any secret. @throws as `startIni` */
export function commonIni(values: CommonIni): Buffer {
	const { login, server, isAlgoTradingOn } = commonIniSchema.parse(values);
	const common: Array<[string, string]> = [
		['Login', login],
		['Server', server],
		['KeepPrivate', '1'],
		['NewsEnable', '0']
	];
	return encodeChecked([['Common', common], experts(isAlgoTradingOn)]);
}

export const startIniPath = (instanceDir: string): string => join(instanceDir, 'start.ini');

/** Writes start.ini; the answer is its path, for `/config:<path>`. Wipe it as soon as the login is through. */
export async function writeStartIni(instanceDir: string, values: StartIni): Promise<string> {
	const path = startIniPath(instanceDir);
	await replaceFile(path, startIni(values), 0o600);
	return path;
}

/** Writes config/common.ini. Only while the terminal is down: it rewrites the file when it ends. */
export async function writeCommonIni(instanceDir: string, values: CommonIni): Promise<void> {
	await mkdir(join(instanceDir, 'config'), { recursive: true });
	await replaceFile(join(instanceDir, 'config', 'common.ini'), commonIni(values), 0o600);
}

/** Overwrites start.ini with zeros and removes it; fine when there is none. */
export async function wipeStartIni(instanceDir: string): Promise<void> {
	const path = startIniPath(instanceDir);
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
	}
}
