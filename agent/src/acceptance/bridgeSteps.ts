/** What can be seen while the bridge speaks: the button, files, resources. */
import { type AcceptanceOptions, type AcceptanceRun, type Note, readWildly } from './run.ts';
import { type Session } from './session.ts';
import { templates } from './templateSteps.ts';

const REQUEST = { timeoutMs: 15_000 };
const REQUESTS = 20;
const MOST_HANDLES = 1_300;
const LEAST_MB = 80;
const MOST_MB = 250;

export async function lookAtBridge(
	session: Session,
	options: AcceptanceOptions,
	note: Note,
	run: AcceptanceRun
): Promise<void> {
	const dealsAtOnce = await countDeals(session);
	await button(session, options, note);
	await templates(session, options, note, run);
	await closingWhileOff(session, note);
	await files(session, options, note);
	await resources(session, note);
	await secondCopy(session, note);
	noteHistory(note, dealsAtOnce, await countDeals(session));
	const update = session.events.find((event) => event.kind === 'line' && event.source === 'LiveUpdate');
	const told = update?.kind === 'line' ? update.message : 'nothing in the journal about updates';
	const now = session.channel.newest?.status.build;
	// Without an update that was tried, nothing was kept out.
	const isSeen = update !== undefined && run.build !== null && now !== undefined;
	note('live_update_kept_out', isSeen ? now === run.build : null, told);
	const mcp = session.line(/MCP started on/);
	note('mcp_listener', mcp === null && (run.build ?? 0) < 6036 ? null : mcp !== null, mcp ?? 'no such line');
}

async function countDeals(session: Session): Promise<number | null> {
	const everything = { sinceMs: 0, afterTicket: '0' };
	const answer = await session.channel.request('deals', everything, REQUEST).catch(() => null);
	return answer?.historyDeals ?? null;
}

function noteHistory(note: Note, atOnce: number | null, later: number | null): void {
	const isSeen = atOnce !== null && later !== null && later > 0;
	const seen = `${atOnce ?? '?'} deals when the bridge first spoke, ${later ?? '?'} at the end`;
	note('history_at_once', isSeen ? atOnce === later : null, seen);
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
	// Whatever is that small is hardly MetaTrader with a chart, and shows nothing of what one takes.
	const isTooSmall = workingSetMb < LEAST_MB;
	const why = isTooSmall ? '; too small for a terminal with a chart' : '';
	const isWithin = workingSetMb <= MOST_MB;
	note('memory', isTooSmall ? null : isWithin, `${workingSetMb} MB, of them ${privateMb} private${why}`);
	const areFew = gdiHandles < MOST_HANDLES && userHandles < MOST_HANDLES;
	note('handles', isTooSmall && areFew ? null : areFew, `${gdiHandles} GDI, ${userHandles} USER${why}`);
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
