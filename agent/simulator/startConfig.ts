/**
 * What a terminal knows when it starts: the switches of its command line, the INI that `/config:` names, and
 * its own `config/common.ini`, which it rewrites at a clean exit. As in the real one, the INI of `/config:`
 * stands in place of common.ini and is never written to, and a wrong value falls back to the default.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIni, parseIni } from '../src/terminal/iniText.ts';
import { replaceFileSync } from '../src/terminal/replaceFile.ts';
import { decodeText, encodeUtf16 } from '../src/terminal/utf16.ts';
import { findSymbol } from './symbols.ts';

/** As ini.ts has it, which is too large to be loaded here. */
const BRIDGE_EXPERT = 'Quintet\\QuintetBridge';

export interface StartConfig {
	login: string | null;
	server: string | null;
	/** Null: the saved one. */
	password: string | null;
	keepsPrivate: boolean;
	isAlgoTradingOn: boolean;
	isLiveTradingAllowed: boolean;
	/** Algo Trading goes off when the account changes, which the first login is too. Default of the real one. */
	offOnAccountChange: boolean;
	/** Our bridge is to be attached to the first chart, and it is no first login, at which it would not begin. */
	startsBridge: boolean;
	/** `launched with …` or `cannot load config …`; null without `/config:`. */
	configLine: string | null;
}

const commonIniPath = (instanceDir: string): string => join(instanceDir, 'config', 'common.ini');
const accountsPath = (instanceDir: string): string => join(instanceDir, 'config', 'accounts.dat');

function readIni(path: string): Map<string, Map<string, string>> | null {
	return existsSync(path) ? parseIni(decodeText(readFileSync(path))) : null;
}

export function readStartConfig(instanceDir: string, args: readonly string[]): StartConfig {
	const valueOf = (name: string): string | undefined =>
		args.find((arg) => arg.startsWith(`/${name}:`))?.slice(name.length + 2);
	const configPath = valueOf('config');
	const given = configPath === undefined ? null : readIni(configPath);
	const ini = given ?? readIni(commonIniPath(instanceDir)) ?? new Map<string, Map<string, string>>();
	const key = (section: string, name: string): string | null => ini.get(section)?.get(name) || null;
	const flag = (section: string, name: string, whenAbsent: boolean): boolean => {
		const value = key(section, name);
		return value === '1' || (value !== '0' && whenAbsent);
	};
	return {
		login: valueOf('login') ?? key('Common', 'Login'),
		server: key('Common', 'Server'),
		password: key('Common', 'Password'),
		keepsPrivate: flag('Common', 'KeepPrivate', true),
		isAlgoTradingOn: flag('Experts', 'Enabled', false),
		isLiveTradingAllowed: flag('Experts', 'AllowLiveTrading', false),
		offOnAccountChange: flag('Experts', 'Account', true),
		startsBridge:
			key('StartUp', 'Expert') === BRIDGE_EXPERT &&
			key('Common', 'Password') === null &&
			(key('StartUp', 'Symbol') === null || Boolean(findSymbol(key('StartUp', 'Symbol') ?? ''))),
		configLine:
			configPath === undefined
				? null
				: given
					? `launched with ${configPath}`
					: `cannot load config "${configPath}" at start`
	};
}

/** What the terminal saves at a clean exit. */
export function saveCommonIni(instanceDir: string, config: StartConfig, isAlgoTradingOn: boolean): void {
	const bit = (value: boolean): string => (value ? '1' : '0');
	const text = formatIni([
		[
			'Common',
			[
				...(config.login === null ? [] : [['Login', config.login] as const]),
				['Server', config.server ?? ''],
				['KeepPrivate', bit(config.keepsPrivate)]
			]
		],
		[
			'Experts',
			[
				['Enabled', bit(isAlgoTradingOn)],
				['AllowLiveTrading', bit(config.isLiveTradingAllowed)],
				['AllowDllImport', '0'],
				['Account', bit(config.offOnAccountChange)],
				['Profile', '0'],
				['Chart', '0']
			]
		]
	]);
	mkdirSync(join(instanceDir, 'config'), { recursive: true });
	replaceFileSync(commonIniPath(instanceDir), encodeUtf16(text));
}

/** The broker's check needs only this, so that the simulator leaves no password on any disk. */
export function passwordDigest(server: string, login: string, password: string): string {
	return createHash('sha256').update(`${server}\n${login}\n${password}`).digest('hex');
}

export interface SavedAccount {
	server: string;
	digest: string;
}

/** The account base of KeepPrivate=1; lines of `login server digest`, tab separated. */
export function findSavedAccount(instanceDir: string, login: string): SavedAccount | null {
	if (!existsSync(accountsPath(instanceDir))) return null;
	for (const line of readFileSync(accountsPath(instanceDir), 'utf8').split('\n')) {
		const [savedLogin, server, digest] = line.split('\t');
		if (savedLogin === login && server !== undefined && digest !== undefined) return { server, digest };
	}
	return null;
}

export function saveAccount(instanceDir: string, login: string, { server, digest }: SavedAccount): void {
	const path = accountsPath(instanceDir);
	const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
	const others = lines.filter((line) => line !== '' && !line.startsWith(`${login}\t`));
	mkdirSync(join(instanceDir, 'config'), { recursive: true });
	replaceFileSync(path, [...others, `${login}\t${server}\t${digest}`, ''].join('\n'));
}
