/** Runs of `agent acceptance` against terminal doubles, each in a directory of its own. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type FactId } from '../../agent/src/acceptance/facts.ts';
import { type AcceptanceReport } from '../../agent/src/acceptance/report.ts';
import { DEFAULT_LIMITS } from '../../agent/src/acceptance/run.ts';
import { acceptance } from '../../agent/src/commands/acceptance.ts';
import { stateDir, type StateDir } from '../../agent/src/stateDir.ts';
import { type TerminalKind } from '../../agent/src/terminal/ports.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';

export const GIVEN = {
	login: '80001',
	server: 'Acceptance-Demo',
	broker: 'Simulated',
	password: 'hunter2!A',
	terminals: 1,
	isDemo: true,
	limits: { ...DEFAULT_LIMITS, neverMs: 1_500, readingMs: 500, answerMs: 10_000 }
};
/** A login with what a run can look at: its password counts, and a position is open. */
export const WHOLE = {
	eaOpenEveryMs: 0,
	password: GIVEN.password,
	seedPositions: [{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 1, hasStopLoss: true }]
};
/** Call inside `describe`. @param executable the double; the simulator when left out */
export function useAcceptance(executable?: string) {
	let state: StateDir;
	let brokerDir: string;
	beforeEach(async () => {
		state = stateDir(await mkdtemp(join(tmpdir(), 'quintet-acceptance-')), {});
		brokerDir = join(state.root, 'brokers');
		await mkdir(brokerDir);
	});
	afterEach(() => rm(state.root, { recursive: true, force: true, maxRetries: 5 }));
	return {
		state: () => state,
		simulated: (): TerminalKind =>
			simulatedTerminal({
				brokerDir,
				statusMs: 100,
				pollMs: 20,
				...(executable === undefined ? {} : { executable })
			}),
		broker: (behaviour: Record<string, unknown>) =>
			writeFile(join(brokerDir, 'brokers.json'), JSON.stringify({ '*': { '*': behaviour } })),
		async run(kind: TerminalKind, given: Partial<typeof GIVEN> & { address?: string } = {}) {
			const lines: string[] = [];
			const exit = await acceptance(state, kind, { ...GIVEN, ...given }, (line) => lines.push(line));
			const name = (await readdir(state.root)).find((each) => /^acceptance-.*\.json$/.test(each));
			const report: AcceptanceReport | null =
				name === undefined ? null : JSON.parse(await readFile(join(state.root, name), 'utf8'));
			const verdict = (fact: FactId) => report?.results.find((each) => each.fact === fact)?.verdict;
			return { exit, report, verdict, lines };
		}
	};
}
