/** What can be seen while the bridge speaks: the button, templates, files, resources. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { eaTemplate, writeEaTemplate } from '../terminal/template.ts';
import { type AcceptanceOptions, type AcceptanceRun, type Note, readWildly } from './run.ts';
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
const REQUESTS = 20;
const MOST_HANDLES = 1_300;

export async function lookAtBridge(
	session: Session,
	options: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<void> {
	await button(session, options, note);
	await templates(session, options, note, run);
	await closingWhileOff(session, note);
	await files(session, options, note);
	await resources(session, note);
	await secondCopy(session, note);
	const update = session.events.find((event) => event.kind === 'line' && event.source === 'LiveUpdate');
	const told = update?.kind === 'line' ? update.message : 'nothing in the journal about updates';
	const now = session.channel.newest?.status.build;
	note('live_update_kept_out', run.build === null || now === undefined ? null : now === run.build, told);
	const mcp = session.line(/MCP started on/);
	note('mcp_listener', mcp === null && (run.build ?? 0) < 6036 ? null : mcp !== null, mcp ?? 'no such line');
}

async function button(session: Session, { limits }: AcceptanceOptions, note: Note): Promise<void> {
	const { process } = session;
	const before = session.channel.newest?.status.isTerminalTradeAllowed;
	if (!process || before === undefined) return;
	const press = async (wanted: boolean) => {
		await session.kind.window.toggleAlgoTrading(process);
		return session.status(limits.toggleMs * 4, (status) => status.isTerminalTradeAllowed === wanted);
	};
	const there = await press(!before);
	const mayTrade = there?.value.isTerminalTradeAllowed === true ? there.value.isMqlTradeAllowed : null;
	const back = there && (await press(before));
	const seen = `${there ? `changed after ${there.tookMs} ms` : 'no change'}, ${back ? `back after ${back.tookMs} ms` : 'not back'}`;
	note('toggle_command', there !== null && back !== null, seen);
	note('toggle_time', there && back && Math.max(there.tookMs, back.tookMs) <= limits.toggleMs, seen);
	note(
		'bridge_may_trade',
		mayTrade,
		mayTrade === null ? 'Algo Trading was not seen on' : `MQL_TRADE_ALLOWED is ${mayTrade}`
	);
}

/** The symbol of the first chart that can be opened. */
const SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD'];

async function load(session: Session, template: string): Promise<string | null> {
	for (const symbol of SYMBOLS) {
		await writeEaTemplate(session.dir, template, settingsFor(symbol), 1);
		const request = { template, symbol, timeframe: 'M1' };
		const isLoaded = await session.channel.request('load_ea', request, REQUEST).then(
			() => true,
			() => false
		);
		if (isLoaded) return symbol;
	}
	return null;
}

async function templates(
	session: Session,
	{ limits }: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<void> {
	const symbol = await load(session, 'acceptance.tpl');
	const ea = symbol === null ? null : await session.status(limits.bridgeMs, (status) => status.ea !== null);
	if (symbol === null || !ea) {
		note('expert_mode', false, symbol === null ? 'no symbol could be opened' : 'the EA did not come');
		return;
	}
	const beats = await session.status(limits.bridgeMs, (status) => status.ea?.readyAgeMs !== null);
	const errors = session.channel.newest?.status.ea?.errors ?? [];
	const seen = `${beats ? 'loaded and ready' : 'loaded, not ready'}; ${errors.at(-1) ?? 'no errors'}; ask “may it trade” of its own journal`;
	note('expert_mode', beats !== null && errors.length === 0, `expertmode=${run.facts.expertMode}: ${seen}`);
	const off = session.channel.newest?.status;
	note(
		'ea_survives_pause',
		off ? !off.isTerminalTradeAllowed && off.ea !== null : null,
		'the EA is on its chart while Algo Trading is off'
	);
	await session.channel.request('unload_ea', {}, REQUEST).catch(() => {});
	await session.status(limits.bridgeMs, (status) => status.ea === null);
	const path = join(session.dir, ...BRIDGE_FOLDER, 'tpl', 'no-bom.tpl');
	await writeFile(path, eaTemplate(settingsFor(symbol), 2).subarray(2));
	const request = { template: 'no-bom.tpl', symbol, timeframe: 'M1' };
	await session.channel.request('load_ea', request, REQUEST).catch(() => {});
	const came = await session.status(limits.neverMs / 3, (status) => status.ea?.generation === 2);
	note('template_needs_bom', came === null, came ? 'it was applied all the same' : 'it was not applied');
	await session.channel.request('unload_ea', {}, REQUEST).catch(() => {});
}

async function closingWhileOff(session: Session, note: Note): Promise<void> {
	const status = session.channel.newest?.status;
	if (!status || status.isTerminalTradeAllowed) return note('closing_while_off', null, 'Algo Trading is on');
	if (status.openPositions === 0)
		return note('closing_while_off', null, 'the account has no position; open one by hand and run it again');
	const answer = await session.channel
		.request('close_pass', { magic: null, deviationPoints: 20 }, REQUEST)
		.catch(() => null);
	const codes = [...new Set(answer?.residuals.map(({ brokerCode }) => brokerCode))];
	const isRefused = answer !== null && answer.closedPositions === 0 && codes.includes(10_027);
	note(
		'closing_while_off',
		answer && isRefused,
		`closed ${answer?.closedPositions ?? '?'}, codes ${codes.join(', ')}`
	);
}

async function files(session: Session, { limits }: AcceptanceOptions, note: Note): Promise<void> {
	const { reads, broken } = await readWildly(session, limits.readingMs);
	note('file_replace', broken === 0, `${broken} of ${reads} readings were broken or missing`);
	const took: number[] = [];
	for (let count = 0; count < REQUESTS; count++) {
		const beganMs = performance.now();
		const answer = await session.channel.request('list_open', { magic: null }, REQUEST).catch(() => null);
		if (answer) took.push(performance.now() - beganMs);
	}
	took.sort((a, b) => a - b);
	const [median, worst] = [took[Math.floor(took.length / 2)] ?? 0, took.at(-1) ?? 0];
	const seen = `${took.length} of ${REQUESTS} answered, median ${Math.round(median)} ms, longest ${Math.round(worst)} ms`;
	note('ipc_time', took.length === REQUESTS && worst <= limits.answerMs, seen);
}

async function resources(session: Session, note: Note): Promise<void> {
	const found = session.process && (await session.kind.launcher.resources(session.process));
	if (!found) {
		for (const fact of ['memory', 'handles'] as const) note(fact, null, 'cannot be seen on this system');
		return;
	}
	const { workingSetMb, privateMb, gdiHandles, userHandles } = found;
	note(
		'memory',
		workingSetMb >= 80 && workingSetMb <= 250,
		`${workingSetMb} MB, of them ${privateMb} private`
	);
	note(
		'handles',
		gdiHandles < MOST_HANDLES && userHandles < MOST_HANDLES,
		`${gdiHandles} GDI, ${userHandles} USER`
	);
}

async function secondCopy(session: Session, note: Note): Promise<void> {
	const { process, kind, dir } = session;
	if (!process) return;
	const second = await kind.launcher.launch(dir, ['/portable']);
	const ended = await session.wait(15_000, async () => !(await kind.launcher.isAlive(second)));
	const isFirstAlive = await kind.launcher.isAlive(process);
	if (!ended && second.pid !== process.pid) await kind.launcher.kill(second);
	const seen = `${ended ? `the second ended after ${ended.tookMs} ms` : 'the second went on'}; the first ${isFirstAlive ? 'runs on' : 'is gone'}`;
	note('second_copy', ended !== null && isFirstAlive, seen);
}
