/** What INI files bring about at a start, beyond what the agent's own do. */
import { join } from 'node:path';
import { BRIDGE_EXPERT, checkedIni, startIniPath, writeLaunchIni } from '../terminal/ini.ts';
import { type IniSections } from '../terminal/iniText.ts';
import { replaceFile } from '../terminal/replaceFile.ts';
import { type AcceptanceOptions, type AcceptanceRun, type Note } from './run.ts';
import { isAuthorised, type Session } from './session.ts';

const NO_SUCH_SYMBOL = 'QNOSUCHSYM';
const DIALOG_CLOSES_MS = 10_000;

const experts: IniSections[number] = ['Experts', [['Enabled', '0']]];

export async function tryUnknownSymbol(
	session: Session,
	{ account: { login, server }, limits }: AcceptanceOptions,
	note: Note
): Promise<void> {
	const path = join(session.dir, 'unknown-symbol.ini');
	const file = checkedIni(
		[
			[
				'Common',
				[
					['Login', login],
					['Server', server],
					['KeepPrivate', '1']
				]
			],
			experts,
			[
				'StartUp',
				[
					['Expert', BRIDGE_EXPERT],
					['Symbol', NO_SUCH_SYMBOL]
				]
			]
		],
		'utf16'
	);
	await replaceFile(path, file);
	await session.launch(['/portable', `/config:${path}`, `/login:${login}`]);
	await session.wait(limits.loginMs, () => session.events.find(({ kind }) => kind === 'authorised'));
	const bridge = await session.status(limits.neverMs);
	const line = session.line(new RegExp(NO_SUCH_SYMBOL));
	const seen = bridge ? 'the bridge came all the same' : `no bridge within ${limits.neverMs / 1000} s`;
	note('startup_unknown_symbol', bridge === null && line === null, `${seen}; journal: ${line ?? 'nothing'}`);
	await session.close(limits.closeMs);
}

/** @param wasOff what the start with Enabled=0 brought; null: it was not seen */
export async function tryEnabled(
	session: Session,
	{ account: { login, server }, limits }: AcceptanceOptions,
	note: Note,
	{ wasOff, facts }: { wasOff: boolean | null; facts: AcceptanceRun['facts'] }
): Promise<void> {
	const values = { login, server, isAlgoTradingOn: true };
	const path = await writeLaunchIni(session.dir, values, facts.iniEncoding);
	await session.launch(['/portable', `/config:${path}`, `/login:${login}`]);
	const first = await session.status(limits.bridgeMs, (status) => status.login === login);
	const isOn = first?.value.isTerminalTradeAllowed ?? null;
	const [off, on] = [wasOff ? 'off' : 'not off', isOn ? 'on' : 'not on'];
	note(
		'enabled_at_start',
		wasOff === null || isOn === null ? null : wasOff && isOn,
		isOn === null ? 'the bridge did not come' : `with Enabled=0 it is ${off}, with Enabled=1 ${on}`
	);
	const went = isOn
		? await session.status(limits.neverMs / 3, (status) => !status.isTerminalTradeAllowed)
		: null;
	const line = session.line(/automated trading is disabled because/);
	note(
		'stays_off',
		isOn === null ? null : isOn && went === null && line === null,
		line ?? (went ? `it went off after ${went.tookMs} ms` : `it was ${on} after the login`)
	);
	await session.close(limits.closeMs);
}

/** On a copy that knows no account. */
export async function tryWithoutAccount(
	session: Session,
	{ limits }: AcceptanceOptions,
	note: Note
): Promise<void> {
	const process = await session.launch(['/portable']);
	await session.wait(limits.startMs, () => session.line(/\bbuild \d+ started for\b/));
	const close = () => session.kind.window.closeDialogs(process);
	const shown = await session.wait(limits.neverMs, async () => {
		const titles = await close();
		return titles.length > 0 && titles;
	});
	const gone = shown && (await session.wait(DIALOG_CLOSES_MS, async () => (await close()).length === 0));
	const seen = shown
		? `“${shown.value.join('”, “')}” after ${shown.tookMs} ms, ${gone ? 'closed' : 'not to be closed'}`
		: `no dialog within ${limits.neverMs / 1000} s`;
	note('account_less_dialog', shown && gone !== null, seen);
	await session.close(limits.closeMs);
}

/** On a copy that has not logged in yet: the EA stands in the INI that has the password, too. */
export async function tryFirstLoginEa(
	session: Session,
	{ account, limits }: AcceptanceOptions,
	note: Note
): Promise<void> {
	const answer = await logInWith(session, account.server, { account, limits }, [
		['StartUp', [['Expert', BRIDGE_EXPERT]]]
	]);
	if (answer !== 'authorised') note('first_login_ea', null, 'the login did not come about');
	else {
		const bridge = await session.status(limits.neverMs);
		const loaded = session.line(/expert QuintetBridge .* loaded/);
		const seen = bridge
			? `it began after ${bridge.tookMs} ms`
			: `no word of it within ${limits.neverMs / 1000} s`;
		note('first_login_ea', bridge === null, `${seen}; journal: ${loaded ?? 'nothing'}`);
	}
	await endFirstLogin(session, limits.closeMs);
}

/** Only when an address was given: nothing tells it from here. */
export async function tryAddress(
	session: Session,
	{ account, limits, address }: AcceptanceOptions,
	note: Note
): Promise<void> {
	if (address === null)
		return note('server_by_address', null, 'no address was given (--address <host>:<port>)');
	const answer = await logInWith(session, address, { account, limits }, []);
	note('server_by_address', answer === 'authorised', answer ?? 'no answer');
	await endFirstLogin(session, limits.closeMs);
}

async function logInWith(
	session: Session,
	server: string,
	{ account: { login, password }, limits }: Pick<AcceptanceOptions, 'account' | 'limits'>,
	more: IniSections
): Promise<'authorised' | 'refused' | null> {
	const common: Array<[string, string]> = [
		['Login', login],
		['Password', password.reveal()],
		['Server', server],
		['KeepPrivate', '1'],
		['NewsEnable', '0']
	];
	// Under the name that is wiped whatever comes.
	const path = startIniPath(session.dir);
	await replaceFile(path, checkedIni([['Common', common], experts, ...more], 'utf16'), 0o600);
	await session.launch(['/portable', `/config:${path}`]);
	const answer = (await session.wait(limits.loginMs, isAuthorised(session)))?.value.kind;
	return answer === 'authorised' || answer === 'refused' ? answer : null;
}

async function endFirstLogin(session: Session, closeMs: number): Promise<void> {
	await session.close(closeMs);
	await session.kind.files.wipeStartIni(session.dir);
}
