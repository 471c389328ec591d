/**
 * The conformance suite's terminal as a real process, with real files in a new folder: the simulated one, or
 * another program that stands in for terminal64.exe.
 */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as faults from '../../agent/simulator/faults.ts';
import { writeLaunchIni, writeStartIni } from '../../agent/src/terminal/ini.ts';
import { openJournalTail, type JournalEvent } from '../../agent/src/terminal/journalTail.ts';
import { type ProcessIdentity } from '../../agent/src/terminal/ports.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { writeEaTemplate } from '../../agent/src/terminal/template.ts';
import { waitFor } from '../support/waitFor.ts';
import { SETTINGS, type BridgeRig, type RigSetup } from './rig.ts';

const SERVER = 'Conformance-Demo';
const LOGIN = '70001';
const STATUS_MS = 100;

/**
 * A terminal that is installed but not started yet.
 * @param executable the program; the simulator when left out
 */
export async function simulatedRig(setup: RigSetup = {}, executable?: string): Promise<BridgeRig> {
	const root = await mkdtemp(join(tmpdir(), 'quintet-conformance-'));
	const instanceDir = join(root, 'a1');
	const brokerDir = join(root, 'brokers');
	const kind = simulatedTerminal({
		brokerDir,
		statusMs: STATUS_MS,
		pollMs: 20,
		...(executable === undefined ? {} : { executable })
	});
	const progress = { onStage: () => {}, signal: new AbortController().signal };
	await kind.install(instanceDir, { broker: 'Simulated', server: SERVER }, progress);
	await mkdir(brokerDir);
	let broker: Record<string, unknown> = { eaOpenEveryMs: 0, ...setup.broker };
	const writeBroker = (): Promise<void> =>
		writeFile(join(brokerDir, 'brokers.json'), JSON.stringify({ [SERVER]: { [LOGIN]: broker } }));
	await writeBroker();
	const events: JournalEvent[] = [];
	const journal = openJournalTail(instanceDir, { pollMs: 20, onEvent: (event) => events.push(event) });
	const channel = kind.openChannel(instanceDir);
	const started: ProcessIdentity[] = [];
	const launch = async (args: string[], prepare = (): void => {}): Promise<ProcessIdentity> => {
		await channel.reset();
		prepare();
		const identity = await kind.launcher.launch(instanceDir, args);
		started.push(identity);
		return identity;
	};

	const firstStart = async (
		password: string,
		isAlgoTradingOn: boolean,
		prepare?: () => void
	): Promise<ProcessIdentity> => {
		const account = { login: LOGIN, server: SERVER, isAlgoTradingOn };
		const path = await writeStartIni(instanceDir, { ...account, password });
		const heard = events.length;
		const first = await launch(['/portable', `/config:${path}`]);
		// The first login is a start of its own, as the agent does it: a refused one stays there.
		const answer = await waitFor('the answer to the login', () =>
			events.slice(heard).find(({ kind: what }) => what === 'authorised' || what === 'refused')
		);
		if (answer.kind === 'refused') return first;
		await waitFor('the end of the first start', async () => {
			// One whose window is not there yet does not hear it.
			await kind.window.requestClose(first);
			return !(await kind.launcher.isAlive(first));
		});
		const later = await writeLaunchIni(instanceDir, account);
		return launch(['/portable', `/config:${later}`, `/login:${LOGIN}`], prepare);
	};

	return {
		kind,
		instanceDir,
		channel,
		events,
		account: { login: LOGIN, server: SERVER },
		start: (password = 'secret', isAlgoTradingOn = true) => firstStart(password, isAlgoTradingOn),
		startWith: (prepare) => firstStart('secret', true, prepare),
		async startAgain(isAlgoTradingOn = false) {
			const path = await writeLaunchIni(instanceDir, { login: LOGIN, server: SERVER, isAlgoTradingOn });
			return launch(['/portable', `/config:${path}`, `/login:${LOGIN}`]);
		},
		startSecondCopy: () => kind.launcher.launch(instanceDir, ['/portable', `/login:${LOGIN}`]),
		async status(description, isWanted) {
			return waitFor(description, () => {
				const status = channel.newest?.status;
				return status && isWanted(status) ? status : null;
			});
		},
		async loadEa(generation, settings = SETTINGS) {
			const template = `g${generation}.tpl`;
			await writeEaTemplate(instanceDir, template, settings, generation);
			const { symbol, timeframe } = settings.expert;
			await channel.request('load_ea', { template, symbol, timeframe }, { timeoutMs: 30_000 });
		},
		async changeBroker(changes) {
			broker = { ...broker, ...changes };
			await writeBroker();
		},
		faults: {
			crash: () => faults.crash(instanceDir),
			hang: () => faults.hang(instanceDir),
			silenceBridge: (ms) => faults.silenceBridge(instanceDir, ms),
			dropBroker: (ms) => faults.dropBroker(instanceDir, ms),
			logOut: () => faults.logOut(instanceDir)
		},
		savedConfig: () => readFile(join(instanceDir, 'config', 'common.ini')),
		async end() {
			channel.close();
			journal.close();
			for (const identity of started) await kind.launcher.kill(identity);
			await rm(root, { recursive: true, force: true, maxRetries: 5 });
		}
	};
}
