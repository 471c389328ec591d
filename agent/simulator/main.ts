/**
 * The simulated terminal, a program that stands in for terminal64.exe: same switches, same folders, same
 * journal. It owns one instance directory for as long as it runs, and no one's life is tied to its parent's.
 * Environment: QUINTET_SIM_BROKER_DIR (the brokers' books), QUINTET_SIM_STATUS_MS (rhythm of the status).
 */
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { assertNever } from '#lib/domain/assertNever.ts';
import { Bridge } from './bridge.ts';
import { Journal } from './journal.ts';
import { Rhythm } from './rhythm.ts';
import { claimDirectory } from './singleCopy.ts';
import { readStartConfig } from './startConfig.ts';
import { BUILD, Terminal } from './terminal.ts';
import { WindowFolder } from './windowFolder.ts';
import { type WindowVerb } from './windowVerbs.ts';

const STATUS_MS = 1_000;
/** Longest delay of a timer; what a hung terminal waits for. */
const FOREVER_MS = 2_147_483_647;
const EXIT = { clean: 0, failed: 1, crashed: 3, directoryGone: 4 } as const;

/** Runs until closed, crashed or killed. @param args MetaTrader's switches */
export async function main(instanceDir: string, args: readonly string[]): Promise<void> {
	// The real one hands over to the running copy: nothing is read, nothing is journalled.
	if (!(await claimDirectory(instanceDir))) process.exit(EXIT.clean);
	const rhythm = new Rhythm();
	const journal = new Journal(instanceDir, Date.now);
	const fail = (error: unknown): never => {
		if (!existsSync(instanceDir)) process.exit(EXIT.directoryGone);
		journal.terminal('Terminal', `failed: ${error instanceof Error ? error.stack : String(error)}`, 2);
		process.exit(EXIT.failed);
	};
	process.on('uncaughtException', fail);

	const brokerDir = process.env.QUINTET_SIM_BROKER_DIR || join(instanceDir, '..', '.sim-brokers');
	const config = readStartConfig(instanceDir, args);
	const terminal = new Terminal({ instanceDir, brokerDir, config, journal, rhythm, now: Date.now });
	const bridge = new Bridge(terminal, instanceDir);
	const window = new WindowFolder(instanceDir, rhythm);
	const statusMs = terminal.behaviour.statusMs ?? (Number(process.env.QUINTET_SIM_STATUS_MS) || STATUS_MS);

	const end = (): never => {
		rhythm.stopAll();
		terminal.saveAndEnd();
		window.close();
		process.exit(EXIT.clean);
	};
	const onVerb = (verb: WindowVerb): void => {
		switch (verb.verb) {
			case 'toggle_algo':
				return terminal.toggleAlgoTrading();
			case 'close':
				return end();
			case 'crash':
				return process.exit(EXIT.crashed);
			case 'hang':
				rhythm.stopAll();
				setInterval(() => {}, FOREVER_MS);
				return;
			case 'silence_bridge':
				return bridge.silence(verb.ms);
			case 'drop_broker':
				return terminal.dropBroker(verb.ms);
			case 'block_button':
				return terminal.blockButton(verb.ms);
			case 'logout':
				return terminal.logOut();
			case 'show_dialog':
			case 'close_dialogs':
				window.hasDialog = terminal.hasDialog = verb.verb === 'show_dialog';
				return;
			case 'freeze_ea':
				return terminal.expert?.freeze();
			default:
				return assertNever(verb);
		}
	};
	process.on('SIGTERM', end);
	// Otherwise the cache (if the launcher set one) is written at the end only, and a terminal runs for weeks.
	flushCompileCache();

	rhythm.after(terminal.behaviour.startDelayMs, () => {
		// Before it says that it started: whoever reads that finds the window, and a dialog if there is one.
		window.open(onVerb);
		// As the real one, at every start.
		if (config.login === null) window.hasDialog = terminal.hasDialog = true;
		journal.terminal('Terminal', `MetaTrader 5 x64 build ${BUILD} started for Quintet Simulated Broker`);
		if (config.configLine !== null) journal.terminal('Startup', config.configLine);
		journal.terminal('Experts', `automated trading is ${terminal.isAlgoTradingOn ? 'enabled' : 'disabled'}`);
		// As in the real one, an EA that is attached while the account changes is loaded and never initialised.
		terminal.logIn(() => {
			if (config.startsBridge) bridge.start(statusMs);
		});
	});
}
