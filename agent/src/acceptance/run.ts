/**
 * Walks through the facts on one demo account and, if asked, on further copies. Every step stands alone as far as it
 * can: what one cannot see, the next may.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeMessage } from '../bridge/message.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { type TerminalResources } from '#lib/domain/terminalResources.ts';
import { type Secret } from '../secret.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { DEFAULT_FACTS, type BuildFacts } from '../terminal/provision/buildFacts.ts';
import { writeLaunchIni, writeStartIni } from '../terminal/ini.ts';
import { hasUtf16Bom } from '../terminal/utf16.ts';
import { type FactId, type Observation } from './facts.ts';
import { bytesBelow } from './diskUse.ts';
import { isAuthorised, Session } from './session.ts';
import { lookAtBridge } from './bridgeSteps.ts';
import {
	tryAddress,
	tryEnabled,
	tryFirstLoginEa,
	tryUnknownSymbol,
	tryWithoutAccount
} from './startUpSteps.ts';

export interface AcceptanceAccount {
	login: string;
	server: string;
	broker: string;
	password: Secret;
}

export interface AcceptanceOptions {
	/** Where the copies are made; removed at the end. */
	root: string;
	account: AcceptanceAccount;
	/** `<host>:<port>` of the server, to be tried in place of its name; null: not tried. */
	address: string | null;
	/** How many copies to run at once in the end; 1: only the one. */
	terminals: number;
	limits: AcceptanceLimits;
	say: (line: string) => void;
}

export interface AcceptanceLimits {
	startMs: number;
	loginMs: number;
	bridgeMs: number;
	closeMs: number;
	toggleMs: number;
	/** The longest that an answer of the bridge may take. */
	answerMs: number;
	/** How long nothing may happen before it counts as never. */
	neverMs: number;
	/** How long the bridge's file is read again and again. */
	readingMs: number;
}

export const DEFAULT_LIMITS: AcceptanceLimits = {
	startMs: 180_000,
	loginMs: 60_000,
	bridgeMs: 60_000,
	closeMs: 30_000,
	toggleMs: 5_000,
	answerMs: 500,
	neverMs: 30_000,
	readingMs: 20_000
};

/** To try the command itself: what never happens is waited for for seconds only. The report says so. */
export const BRIEF_LIMITS: AcceptanceLimits = { ...DEFAULT_LIMITS, neverMs: 6_000, readingMs: 2_000 };

export interface AcceptanceRun {
	observations: Observation[];
	facts: BuildFacts;
	build: number | null;
	/** A sentence when it could not be finished. */
	brokenOff: string | null;
}

const LEAST_DISK_MB = 100;
const MOST_DISK_MB = 1_024;

/** Says what was seen of one fact. */
export type Note = (fact: FactId, isSo: boolean | null, observed: string) => void;

/** @throws only what is no matter of the terminal: everything else ends up in the answer */
export async function runAcceptance(kind: TerminalKind, options: AcceptanceOptions): Promise<AcceptanceRun> {
	const observations: Observation[] = [];
	const run: AcceptanceRun = { observations, facts: { ...DEFAULT_FACTS }, build: null, brokenOff: null };
	const note: Note = (fact, isSo, observed) => {
		const verdict = isSo === null ? 'not_observed' : isSo ? 'confirmed' : 'contradicted';
		observations.push({ fact, verdict, observed });
		options.say(`${verdict.replace('_', ' ').padEnd(13)} ${fact}: ${observed}`);
	};
	const dirs = Array.from({ length: options.terminals }, (_, index) => join(options.root, `t${index + 1}`));
	const sessions: Session[] = [];
	const open = async (dir: string): Promise<Session> => {
		await mkdir(dir, { recursive: true });
		const session = new Session(kind, dir);
		sessions.push(session);
		const { broker, server } = options.account;
		await kind.install(dir, { broker, server }, { onStage: () => {}, signal: new AbortController().signal });
		return session;
	};
	try {
		const [first, ...others] = dirs;
		if (first === undefined) return run;
		const session = await open(first);
		await firstStart(session, options, note, run);
		const wasOff = await laterStart(session, options, note, run);
		await lookAtBridge(session, options, note, run);
		await lookAtEnd(session, options, note);
		await tryEnabled(session, options, note, { wasOff, facts: run.facts });
		await tryUnknownSymbol(session, options, note);
		await tryWrongPassword(session, options, note);
		const fresh = await open(join(options.root, 'fresh'));
		await tryWithoutAccount(fresh, options, note);
		await tryFirstLoginEa(fresh, options, note);
		await tryAddress(fresh, options, note);
		await fillSlots(session, others, { open, options, note, run });
	} catch (error) {
		run.brokenOff = error instanceof Error ? error.message : String(error);
		options.say(`broken off: ${run.brokenOff}`);
	} finally {
		for (const session of sessions) await session.end().catch(() => {});
		for (const { dir } of sessions) await kind.files.wipeStartIni(dir).catch(() => {});
		await rm(options.root, { recursive: true, force: true, maxRetries: 10 });
	}
	return run;
}

/** With the password, and without any EA. */
async function firstStart(
	session: Session,
	{ account, limits }: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<void> {
	const { login, server, password } = account;
	const values = { login, server, password: password.reveal(), isAlgoTradingOn: false };
	const path = await writeStartIni(session.dir, values, 'utf16');
	const written = await readFile(path);
	await session.launch(['/portable', `/config:${path}`]);
	const started = await session.wait(limits.startMs, () => session.line(/\bbuild \d+ started for\b/));
	const build = /\bbuild (\d+)/.exec(started?.value ?? '')?.[1];
	run.build = build === undefined ? null : Number(build);
	note('log_started', started !== null, started?.value ?? `no such line within ${limits.startMs / 1000} s`);
	note('start_time', started && started.tookMs < 60_000, started ? `${started.tookMs} ms` : 'it never said');
	const login1 = await session.wait(limits.loginMs, isAuthorised(session));
	note('ini_utf16', login1 !== null, login1 ? 'the login of the INI was used' : 'no login came of it');
	note('log_authorized', login1?.value.kind === 'authorised', login1 ? login1.value.kind : 'no such line');
	if (login1?.value.kind !== 'authorised')
		throw new Error(
			login1?.value.kind === 'refused'
				? `the broker refused the login (${login1.value.reason}); check login, password and server`
				: 'the first login got no answer; is the server in the install’s servers.dat?'
		);
	note('clone', true, 'the copy started and logged in');
	const isOdd = /[^ -~]/.test(password.reveal());
	note('password_beyond_ascii', isOdd || null, isOdd ? 'it was taken' : 'the password has none');
	const now = await session.kind.launcher.find(session.dir);
	const isSame = now?.pid === session.process?.pid;
	note('launch_pid', isSame, isSame ? 'it is the one that was started' : 'another process runs in its place');
	const saved = await session.wait(5_000, () => session.kind.files.hasSavedLogin(session.dir));
	note('saved_before_end', saved !== null, saved ? `after ${saved.tookMs} ms` : 'not within 5 s');
	const synchronized = await session.wait(10_000, () => session.line(/terminal synchronized with/));
	note('log_synchronized', synchronized !== null, synchronized?.value ?? 'no such line');
	const enabled = await session.wait(2_000, () => session.line(/trading has been (enabled|disabled)/));
	note('log_trading_enabled', enabled !== null, enabled?.value ?? 'no such line');
	await session.close(limits.closeMs);
	const left = await readFile(path).catch(() => Buffer.alloc(0));
	note(
		'config_unchanged',
		left.equals(written),
		left.equals(written) ? 'it is as written' : 'it was changed'
	);
	await session.kind.files.wipeStartIni(session.dir);
}

/**
 * With the saved login and the bridge, from an INI in ASCII; if that is not taken, from one in UTF-16.
 * @returns whether Algo Trading was off, as the INI says
 */
async function laterStart(
	session: Session,
	{ account, limits }: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<boolean | null> {
	const { login, server } = account;
	for (const encoding of ['ascii', 'utf16'] as const) {
		const path = await writeLaunchIni(session.dir, { login, server, isAlgoTradingOn: false }, encoding);
		await session.launch(['/portable', `/config:${path}`, `/login:${login}`]);
		const answer = await session.wait(limits.loginMs, isAuthorised(session));
		const refusedFile = session.line(/cannot load config/);
		const bridge = refusedFile
			? null
			: await session.status(limits.bridgeMs, ({ login: on }) => on === login);
		if (encoding === 'ascii')
			note('ini_ascii', bridge !== null, refusedFile ?? (bridge ? 'it was used' : 'the bridge did not come'));
		if (bridge) {
			note('saved_login', true, `logged in after ${answer?.tookMs ?? 0} ms, without a password`);
			note('startup_first_chart', true, `the bridge spoke after ${bridge.tookMs} ms`);
			return !bridge.value.isTerminalTradeAllowed;
		}
		if (encoding === 'utf16') {
			note('saved_login', answer?.value.kind === 'authorised', answer?.value.kind ?? 'no answer');
			note('startup_first_chart', false, `no word of the bridge within ${limits.bridgeMs / 1000} s`);
			throw new Error('the bridge did not come, so nothing further can be seen');
		}
		run.facts.iniEncoding = 'utf16';
		await session.close(limits.closeMs);
	}
	return null;
}

async function lookAtEnd(session: Session, { limits }: AcceptanceOptions, note: Note): Promise<void> {
	const tookMs = await session.close(limits.closeMs);
	const line = await session.wait(2_000, () => session.line(/exit with code/));
	const seen = `${tookMs === null ? 'it had to be killed' : `${tookMs} ms`}; ${line?.value ?? 'no line about it'}`;
	note('clean_close', tookMs !== null && /code 0/.test(line?.value ?? ''), seen);
	const common = await readFile(join(session.dir, 'config', 'common.ini')).catch(() => null);
	note(
		'common_ini_utf16',
		common && hasUtf16Bom(common),
		common ? `it begins with ${common.subarray(0, 2).toString('hex')}` : 'there is none'
	);
	const megabytes = Math.round((await bytesBelow(session.dir)) / 1024 ** 2);
	const isTooSmall = megabytes < LEAST_DISK_MB;
	const why = isTooSmall ? '; too small for MetaTrader' : '';
	note('disk', isTooSmall ? null : megabytes <= MOST_DISK_MB, `${megabytes} MB${why}`);
}

async function tryWrongPassword(session: Session, { account, limits }: AcceptanceOptions, note: Note) {
	const { login, server } = account;
	const values = { login, server, password: `wrong-${login}-Aa1!`, isAlgoTradingOn: false };
	const path = await writeStartIni(session.dir, values);
	await session.launch(['/portable', `/config:${path}`]);
	const answer = await session.wait(limits.loginMs, () =>
		session.events.find(({ kind }) => kind === 'refused')
	);
	const reason = answer?.value.kind === 'refused' ? answer.value.reason : null;
	note('log_refused', reason !== null, reason === null ? 'no such line' : `failed (${reason})`);
	await session.close(limits.closeMs);
	await session.kind.files.wipeStartIni(session.dir);
}

interface Slots {
	open: (dir: string) => Promise<Session>;
	options: AcceptanceOptions;
	note: Note;
	run: AcceptanceRun;
}

/** Starts copy after copy on the same account, until all run or one does not come up. */
async function fillSlots(first: Session, dirs: readonly string[], { open, options, note, run }: Slots) {
	if (dirs.length === 0) return note('slots', null, 'only one terminal was asked for (--terminals)');
	const { account, limits } = options;
	const { login, server, password } = account;
	const values = { login, server, isAlgoTradingOn: false };
	const up: Array<TerminalResources | null> = [];
	const bring = async (session: Session, isNew: boolean): Promise<boolean> => {
		if (isNew || !(await session.kind.files.hasSavedLogin(session.dir))) {
			const secret = await writeStartIni(session.dir, { ...values, password: password.reveal() });
			await session.launch(['/portable', `/config:${secret}`]);
			const answer = await session.wait(limits.loginMs, isAuthorised(session));
			await session.close(limits.closeMs);
			await session.kind.files.wipeStartIni(session.dir);
			if (answer?.value.kind !== 'authorised') return false;
		}
		const path = await writeLaunchIni(session.dir, values, run.facts.iniEncoding);
		const process = await session.launch(['/portable', `/config:${path}`, `/login:${login}`]);
		if (!(await session.status(limits.bridgeMs))) return false;
		up.push(await session.kind.launcher.resources(process));
		return true;
	};
	// The wrong password of the step before may have been saved by now.
	if (!(await bring(first, true))) return note('slots', false, 'the first terminal did not come up again');
	for (const dir of dirs)
		if (!(await bring(await open(dir), true)))
			return note('slots', false, `${up.length} came up (${together(up)}), the next one did not`);
	note('slots', up.length >= 50 ? true : null, `all ${up.length} came up, ${together(up)}`);
}

function together(terminals: ReadonlyArray<TerminalResources | null>): string {
	const sum = (of: (resources: TerminalResources) => number): number =>
		terminals.reduce((all, each) => all + (each ? of(each) : 0), 0);
	return `${sum((of) => of.workingSetMb)} MB, ${sum((of) => of.gdiHandles)} GDI and ${sum((of) => of.userHandles)} USER handles together`;
}

/** Reads the bridge's status file as fast as it can. @returns how often it was read, and how often it was broken */
export async function readWildly(
	session: Session,
	forMs: number
): Promise<{ reads: number; broken: number }> {
	const path = join(session.dir, ...BRIDGE_FOLDER, 'status.msg');
	let [reads, broken] = [0, 0];
	for (const endMs = performance.now() + forMs; performance.now() < endMs; reads++) {
		const content = await readFile(path).catch(() => null);
		if (content === null || decodeMessage(content) === null) broken += 1;
	}
	return { reads, broken };
}
