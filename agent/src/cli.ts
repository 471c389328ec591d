#!/usr/bin/env node
/** The agent's command line: reads arguments, calls one command, exits with its code (exitCodes.ts). */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from './clock.ts';
import { ConfigProblem, readConfig, TERMINAL_KINDS, type TerminalKindName } from './config.ts';
import { acceptance, readPassword } from './commands/acceptance.ts';
import { doctor } from './commands/doctor.ts';
import { goldenAdd, goldenList, goldenRemove, goldenVerify } from './commands/golden.ts';
import { expertAdd, expertList, expertRemove } from './commands/expert.ts';
import { goldenRenew } from './commands/goldenRenew.ts';
import { enrol } from './commands/enrol.ts';
import { rotateKeys } from './commands/rotateKeys.ts';
import { run } from './commands/run.ts';
import { status } from './commands/status.ts';
import { stopAll } from './commands/stopAll.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { logFile } from './logFile.ts';
import { createLogger } from './logger.ts';
import { RecentLog } from './recentLog.ts';
import {
	installService,
	runService,
	serviceStatus,
	uninstallService,
	updateService
} from './service/agentService.ts';
import { stopFileAppears } from './service/stopFile.ts';
import { stateDir } from './stateDir.ts';
import { openTerminalKind } from './terminal/kinds.ts';
import { AGENT_VERSION } from './version.ts';

type Packager = { packageAgent(target: string, say: (line: string) => void): Promise<void> };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Aborted by the first SIGTERM or SIGINT, or by the stop file; a second signal ends the process at once. */
function untilAskedToEnd(stopFile?: string): AbortSignal {
	const controller = new AbortController();
	for (const name of ['SIGTERM', 'SIGINT'] as const)
		process.once(name, () => controller.abort(new Error(`asked to end (${name})`)));
	if (stopFile !== undefined)
		stopFileAppears(stopFile, systemClock, controller.signal).then(
			() => controller.abort(new Error('asked to end (stop file)')),
			() => {}
		);
	return controller.signal;
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > 1000) throw new InvalidArgumentError('1 to 1000.');
	return value;
}

/** Runs one command; what it throws becomes a sentence and an exit code. */
async function conclude(work: Promise<ExitCode>): Promise<void> {
	try {
		process.exitCode = await work;
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = error instanceof ConfigProblem ? EXIT.notConfigured : EXIT.failed;
	}
}

interface StateDirOption {
	stateDir?: string;
}
const stateOf = (options: StateDirOption) => stateDir(options.stateDir, process.env);

const program = new Command('agent')
	.description('Quintet pool agent: drives one MetaTrader 5 terminal per account.')
	.version(AGENT_VERSION)
	.exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));

const withStateDir = (command: Command): Command =>
	command.option('--state-dir <dir>', 'where the agent keeps its state (QUINTET_AGENT_DIR, ./.data/agent)');

interface EnrolArguments extends StateDirOption {
	server: string;
	code: string;
	name: string;
	capacity: number;
	terminal: TerminalKindName;
	allowPlainText: boolean;
	force: boolean;
}

withStateDir(program.command('enrol'))
	.description('introduce this agent to a server, with a join code from its Agents page')
	.requiredOption('--server <url>', 'address of the Quintet server')
	.requiredOption('--code <code>', 'one-time join code')
	.option('--name <name>', 'name of this agent', hostname())
	.option('--capacity <n>', 'how many accounts it may hold', wholeNumber, 50)
	.addOption(
		new Option('--terminal <kind>', 'kind of terminal')
			.choices(TERMINAL_KINDS)
			.default(process.platform === 'win32' ? 'mt5' : 'simulated')
	)
	.option('--allow-plain-text', 'accept a server without TLS that is not on this machine', false)
	.option('--force', 'replace an earlier enrolment', false)
	.action((options: EnrolArguments) => {
		const { allowPlainText: allowsPlainText, force: isForced, ...rest } = options;
		return conclude(enrol(stateOf(options), { ...rest, allowsPlainText, isForced }, say));
	});

interface RunArguments extends StateDirOption {
	closeTerminalsOnExit: boolean;
	logLevel: string;
	logFile?: string;
	stopFile?: string;
}

withStateDir(program.command('run'))
	.description('run until SIGTERM or SIGINT; terminals go on without it')
	.option('--close-terminals-on-exit', 'end the terminals too', false)
	.option('--log-level <level>', 'trace, debug, info, warn, error', 'info')
	.option('--log-file <file>', 'log to this file instead of the standard output')
	.option('--stop-file <file>', 'end as soon as this file is there')
	.action((options: RunArguments) => {
		const { closeTerminalsOnExit: closesTerminals, logLevel, logFile: log, stopFile } = options;
		const recentLog = new RecentLog();
		const logger = createLogger(logLevel, recentLog.tee(log === undefined ? process.stdout : logFile(log)));
		const signal = untilAskedToEnd(stopFile);
		return conclude(run(stateOf(options), { closesTerminals }, { logger, recentLog }, signal));
	});

withStateDir(program.command('status'))
	.description('what the running agent sees')
	.action((options: StateDirOption) => conclude(status(stateOf(options), Date.now(), say)));

withStateDir(program.command('doctor'))
	.description('look for what could keep the agent from working')
	.option('--json', 'the report as JSON', false)
	.action((options: StateDirOption & { json: boolean }) =>
		conclude(doctor(stateOf(options), { isJson: options.json }, say))
	);

interface AcceptanceOptions extends StateDirOption {
	login: string;
	server: string;
	broker: string;
	terminals: number;
	address?: string;
	terminal: TerminalKindName;
	demo: boolean;
	brief: boolean;
}

withStateDir(program.command('acceptance'))
	.description('try out on a demo account whether MetaTrader 5 here does what the agent relies on')
	.requiredOption('--login <number>', 'number of the demo account')
	.requiredOption('--server <name>', 'its server')
	.requiredOption('--broker <name>', 'its broker: which golden install to copy')
	.option('--address <host:port>', 'of that server, to be tried in place of its name')
	.option('--terminals <n>', 'how many copies to run at once in the end', wholeNumber, 1)
	.addOption(new Option('--terminal <kind>', 'kind of terminal').choices(TERMINAL_KINDS).default('mt5'))
	.option('--demo', 'this is no real account', false)
	.option('--brief', 'to try the command itself: waits for seconds only for what never happens', false)
	.addHelpText(
		'after',
		'\nThe password is read from QUINTET_ACCEPTANCE_PASSWORD, else from the standard input.'
	)
	.action((options: AcceptanceOptions) => conclude(tryOut(options)));

async function tryOut(options: AcceptanceOptions): Promise<ExitCode> {
	const state = stateOf(options);
	const { demo: isDemo, brief: isBrief, terminal: name, terminals } = options;
	const kind = openTerminalKind(name, state, { capacity: Math.max(1000, terminals) });
	if (!kind) throw new ConfigProblem(`Terminals of kind ${name} cannot be driven on this machine.`);
	if (isDemo && !process.env.QUINTET_ACCEPTANCE_PASSWORD) say('Password of the demo account:');
	const password = isDemo ? await readPassword(process.env, process.stdin) : '';
	return acceptance(state, kind, { ...options, password, isDemo, isBrief }, say);
}

const golden = program
	.command('golden')
	.description('the installs of MetaTrader 5 that terminals are copies of, one per broker');

interface GoldenAddArguments extends StateDirOption {
	broker: string;
	server: string[];
	default: boolean;
	withoutAccount: boolean;
}

withStateDir(golden.command('add <folder>'))
	.description('take a copy of an installed MetaTrader 5 that was started once and closed')
	.requiredOption('--broker <name>', 'whose terminal it is, as traders write it on their accounts')
	.option('--server <name...>', 'servers it is for; * at the end stands for the rest of the name', [])
	.option('--default', 'also for brokers without an install of their own', false)
	.option('--without-account', 'leave out what it knows of the account it was logged in to', false)
	.action((folder: string, options: GoldenAddArguments) => {
		const { broker, server: servers, default: isDefault, withoutAccount } = options;
		return conclude(goldenAdd(stateOf(options), folder, { broker, servers, isDefault, withoutAccount }, say));
	});
withStateDir(golden.command('list'))
	.description('what there is')
	.action((options: StateDirOption) => conclude(goldenList(stateOf(options), say)));
withStateDir(golden.command('verify [name]'))
	.description('whether it is still as it was added')
	.action((name: string | undefined, options: StateDirOption) =>
		conclude(goldenVerify(stateOf(options), name, say))
	);
withStateDir(golden.command('renew <name>'))
	.description('bring its existing terminals onto this build and this agent’s bridge, one at a time')
	.option('--account <number>', 'only this one, by its number or id')
	.action((name: string, options: StateDirOption & { account?: string }) =>
		conclude(
			goldenRenew(
				stateOf(options),
				{ name, account: options.account ?? null },
				{ clock: systemClock, say, signal: untilAskedToEnd() }
			)
		)
	);
withStateDir(golden.command('remove <name>'))
	.description('remove it; the terminals that were copied from it go on')
	.action((name: string, options: StateDirOption) => conclude(goldenRemove(stateOf(options), name, say)));

const expert = program
	.command('expert')
	.description('the traders’ own EAs, which every terminal of this machine gets at its next start');
withStateDir(expert.command('add <file>'))
	.description('take a copy of a compiled EA (.ex5); a newer version takes the place of the one before')
	.option('--as <name>', 'below MQL5\\Experts, without ending, e.g. Sub\\MyEA (the name of the file)')
	.action((file: string, options: StateDirOption & { as?: string }) =>
		conclude(expertAdd(stateOf(options), file, options.as, say))
	);
withStateDir(expert.command('list'))
	.description('what there is, with versions, and which terminals have another one')
	.action((options: StateDirOption) => conclude(expertList(stateOf(options), say)));
withStateDir(expert.command('remove <name>'))
	.description('give it to no terminal any more; those that have it keep it')
	.action((name: string, options: StateDirOption) => conclude(expertRemove(stateOf(options), name, say)));

withStateDir(program.command('rotate-keys'))
	.description('make new keys for this agent; a running agent goes over to them')
	.option('--code <code>', 'one-time code for this agent from the Agents page, needed when it is locked')
	.action((options: StateDirOption & { code?: string }) =>
		conclude(rotateKeys(stateOf(options), options.code, say))
	);

withStateDir(program.command('stop-all'))
	.description('stop every EA on this machine at once, without the server')
	.action((options: StateDirOption) => conclude(stopEverything(stateOf(options))));

const service = program
	.command('service')
	.description('the Windows service that keeps the agent running in the session of its user');
const thisScript = (): string => resolve(process.argv[1] ?? '');

withStateDir(service.command('install'))
	.description('register the service and start it; for administrators')
	.option('--user <name>', 'in whose session the agent runs (whoever is logged on here)')
	.action((options: StateDirOption & { user?: string }) =>
		conclude(installService(stateOf(options), { userName: options.user, script: thisScript() }, say))
	);

withStateDir(service.command('update'))
	.description('put this version in the place of the one that the service runs; for administrators')
	.requiredOption('--program <folder>', 'where the version lies that the service runs')
	.option('--user <name>', 'in whose session the agent runs (as before)')
	.action(({ program: folder, user, ...options }: StateDirOption & { program: string; user?: string }) => {
		const from = { folder, userName: user, script: thisScript() };
		return conclude(updateService(stateOf(options), from, say, untilAskedToEnd()));
	});

service
	.command('uninstall')
	.description('stop the service and remove it; terminals, keys and journal stay')
	.action(() => conclude(uninstallService(say)));

service
	.command('status')
	.description('whether the service runs')
	.action(() => conclude((async () => serviceStatus(say))()));

withStateDir(service.command('run'))
	.description('what Windows starts; not for people')
	.requiredOption('--user-sid <sid>', 'in whose session the agent runs')
	.action((options: StateDirOption & { userSid: string }) =>
		conclude(runService(stateOf(options), { userSid: options.userSid, script: thisScript() }))
	);

async function stopEverything(state: ReturnType<typeof stateOf>): Promise<ExitCode> {
	const config = await readConfig(state.config);
	const kind = config.terminal;
	const terminal = openTerminalKind(kind, state, config);
	if (!terminal) throw new ConfigProblem(`Terminals of kind ${kind} cannot be driven on this machine.`);
	const logger = createLogger('warn');
	return stopAll(state, { terminal, clock: systemClock, logger, say, signal: untilAskedToEnd() });
}

// Only in the source tree: the package does not make packages. The path is no literal, so that it stays out of there.
const packager = join(import.meta.dirname, '..', 'package', 'package.ts');
if (existsSync(packager))
	program
		.command('package')
		.description('make the archive for Windows (on Linux too)')
		.option('--out <file>', 'where it goes', join('dist', 'quintet-agent-win-x64.zip'))
		.action(({ out }: { out: string }) =>
			conclude(
				(async () => {
					const { packageAgent } = (await import(pathToFileURL(packager).href)) as Packager;
					await packageAgent(resolve(out), say);
					return EXIT.ok;
				})()
			)
		);

await program.parseAsync();
