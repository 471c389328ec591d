/** The doctor's whole report, made on the machine it is about: by `agent doctor`, or when the server asks. */
import { mkdir, stat } from 'node:fs/promises';
import { hostname, platform, release } from 'node:os';
import { join } from 'node:path';
import { doctorReportSchema, type DoctorFinding, type DoctorReport } from '#lib/protocol/doctorReport.ts';
import { readConfig, type AgentConfig } from '../config.ts';
import { lockStateDir } from '../lock.ts';
import { type StateDir } from '../stateDir.ts';
import { GoldenStore } from '../terminal/provision/goldenStore.ts';
import { AGENT_VERSION } from '../version.ts';
import { fine, trouble } from './finding.ts';
import { directory, diskFree, goldenInstalls, key, terminalKind, versions } from './machineChecks.ts';
import { readWindowsFacts } from './readWindowsFacts.ts';
import { encryption, server } from './serverChecks.ts';
import { type WindowsFacts } from './windowsFacts.ts';
import { judgeWindows } from './windowsRules.ts';

export interface DoctorOptions {
	/** The report is made by the running agent itself. */
	isAgent: boolean;
	/** Null: this is not Windows. For tests to replace. */
	windowsFacts?: () => Promise<WindowsFacts | null>;
}

const MOST_FINDINGS = 60;

const readFactsHere = async (): Promise<WindowsFacts | null> =>
	process.platform === 'win32' ? readWindowsFacts(process.env) : null;

export async function doctorReport(state: StateDir, options: DoctorOptions): Promise<DoctorReport> {
	const config = await readConfig(state.config).catch((error: Error) => error);
	const findings: DoctorFinding[] = [versions(), await directory(state), await diskFree(state)];
	if (config instanceof Error) {
		const about = { check: 'enrolment', label: 'Enrolment' };
		findings.push(trouble(about, 'bad', config.message, 'Run “agent enrol”.'));
	} else findings.push(await key(state), terminalKind(config), encryption(config), ...(await server(config)));
	findings.push(...(await realTerminals(state, config, options)));
	findings.push(running(state, options));
	return doctorReportSchema.parse({
		madeAt: new Date().toISOString(),
		agentVersion: AGENT_VERSION,
		machine: hostname().slice(0, 100),
		platform: `${platform()} ${release()}`.slice(0, 140),
		findings: findings.slice(0, MOST_FINDINGS)
	});
}

/** What only MetaTrader itself needs. */
async function realTerminals(
	state: StateDir,
	config: AgentConfig | Error,
	{ windowsFacts = readFactsHere }: DoctorOptions
): Promise<DoctorFinding[]> {
	const facts = await windowsFacts();
	const isReal = !(config instanceof Error) && config.terminal === 'mt5';
	if (!facts && !isReal) return [];
	await mkdir(state.golden, { recursive: true }).catch(() => {});
	const hasFacts = (build: number): Promise<boolean> =>
		stat(join(state.facts, `${build}.json`)).then(
			() => true,
			() => false
		);
	const capacity = config instanceof Error ? 1 : config.capacity;
	return [
		...(facts ? judgeWindows(facts, { capacity, stateDir: state.root }) : []),
		...(await goldenInstalls(new GoldenStore(state.golden), hasFacts))
	];
}

function running({ lock }: StateDir, { isAgent }: DoctorOptions): DoctorFinding {
	const about = { check: 'running', label: 'Running' };
	if (isAgent) return fine(about, 'this report is the running agent’s own');
	const held = lockStateDir(lock);
	held?.release();
	return fine(about, held ? 'no agent runs from this directory' : 'an agent runs');
}
