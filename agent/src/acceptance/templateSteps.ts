/** What chart templates do: with which `expertmode` an EA may trade, and whether the byte order mark is needed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { eaTemplate, writeEaTemplate } from '../terminal/template.ts';
import { type AcceptanceLimits, type AcceptanceOptions, type AcceptanceRun, type Note } from './run.ts';
import { type Session } from './session.ts';

/** Opens nothing: safety mode RED. */
const settingsFor = (symbol: string): EaSettings => ({
	maxLotSize: '0.01',
	maxLoss: '0',
	safetyMode: 'RED',
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol, timeframe: 'M1', magic: 7_700_077 }
});
const REQUEST = { timeoutMs: 15_000 };
/** The symbol of the first chart that can be opened. */
const SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD'];
/** Seen to let an EA trade by others; the first that does here is used. Without DLLs. */
const CANDIDATES = [5, 33];
/** Documented to forbid it: without a difference to this one, the EA's word tells nothing. */
const FORBIDS = 0;
/** How long the EA gets to say whether it may trade, once it is ready. */
const WORD_MS = 5_000;

interface Tried {
	mode: number;
	/** The EA's own MQL_TRADE_ALLOWED; null: it did not say. */
	mayTrade: boolean | null;
	errors: readonly string[];
}

export async function templates(
	session: Session,
	{ limits }: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<void> {
	// Said with Algo Trading on, so that nothing else stands between the EA and its permission.
	const isOn = await switchAlgo(session, true, limits);
	const tried: Tried[] = [];
	let symbol: string | null = null;
	for (const mode of [...CANDIDATES, FORBIDS]) {
		symbol = await load(session, mode, tried.length + 1);
		if (symbol === null) break;
		tried.push(await tryMode(session, mode, tried.length + 1, limits));
	}
	await switchAlgo(session, false, limits);
	if (symbol === null) return note('expert_mode', false, 'no symbol could be opened');
	noteModes(tried, isOn, note, run);
	const off = session.channel.newest?.status;
	note(
		'ea_survives_pause',
		off ? !off.isTerminalTradeAllowed && off.ea !== null : null,
		'the EA is on its chart while Algo Trading is off'
	);
	await withoutMark(session, symbol, tried.length + 1, { limits, note });
}

async function tryMode(
	session: Session,
	mode: number,
	generation: number,
	limits: AcceptanceLimits
): Promise<Tried> {
	const isReady = await session.status(
		limits.bridgeMs,
		({ ea }) => ea?.generation === generation && ea.readyAgeMs !== null
	);
	const word =
		isReady && (await session.status(WORD_MS, ({ ea }) => typeof ea?.mayTrade === 'boolean'))?.value.ea;
	return {
		mode,
		mayTrade: word?.mayTrade ?? null,
		errors: session.channel.newest?.status.ea?.errors ?? []
	};
}

function noteModes(tried: readonly Tried[], isOn: boolean, note: Note, run: AcceptanceRun): void {
	const words = tried.map(({ mode, mayTrade, errors }) => {
		const says = mayTrade === null ? 'did not say' : mayTrade ? 'may trade' : 'may not trade';
		return `expertmode=${mode}: ${says}${errors.length > 0 ? ` (${errors.at(-1)})` : ''}`;
	});
	const candidates = tried.filter(({ mode }) => mode !== FORBIDS);
	const works = candidates.find(({ mayTrade }) => mayTrade === true);
	if (!isOn) words.push('Algo Trading could not be switched on');
	if (tried.some(({ mode, mayTrade }) => mode === FORBIDS && mayTrade === true)) {
		words.push('since that is said of 0 too, it tells nothing');
		return note('expert_mode', null, words.join('; '));
	}
	if (works) run.facts.expertMode = works.mode;
	const isUnknown = !isOn || candidates.some(({ mayTrade }) => mayTrade === null);
	note('expert_mode', works ? true : isUnknown ? null : false, words.join('; '));
}

async function load(session: Session, mode: number, generation: number): Promise<string | null> {
	for (const symbol of SYMBOLS) {
		const template = `acceptance-${mode}.tpl`;
		await writeEaTemplate(session.dir, template, settingsFor(symbol), generation, { expertMode: mode });
		const request = { template, symbol, timeframe: 'M1' };
		const isLoaded = await session.channel.request('load_ea', request, REQUEST).then(
			() => true,
			() => false
		);
		if (isLoaded) return symbol;
	}
	return null;
}

/** @returns whether it is seen as wanted */
async function switchAlgo(session: Session, isWanted: boolean, limits: AcceptanceLimits): Promise<boolean> {
	const { process } = session;
	if (!process) return false;
	if (session.channel.newest?.status.isTerminalTradeAllowed !== isWanted)
		await session.kind.window.toggleAlgoTrading(process);
	const seen = await session.status(
		limits.toggleMs,
		({ isTerminalTradeAllowed }) => isTerminalTradeAllowed === isWanted
	);
	return seen !== null;
}

async function withoutMark(
	session: Session,
	symbol: string,
	generation: number,
	{ limits, note }: { limits: AcceptanceLimits; note: Note }
): Promise<void> {
	await session.channel.request('unload_ea', {}, REQUEST).catch(() => {});
	await session.status(limits.bridgeMs, (status) => status.ea === null);
	const path = join(session.dir, ...BRIDGE_FOLDER, 'tpl', 'no-bom.tpl');
	await writeFile(path, eaTemplate(settingsFor(symbol), generation).subarray(2));
	const request = { template: 'no-bom.tpl', symbol, timeframe: 'M1' };
	await session.channel.request('load_ea', request, REQUEST).catch(() => {});
	const came = await session.status(limits.neverMs / 3, (status) => status.ea?.generation === generation);
	note('template_needs_bom', came === null, came ? 'it was applied all the same' : 'it was not applied');
	await session.channel.request('unload_ea', {}, REQUEST).catch(() => {});
}
