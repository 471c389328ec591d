/**
 * The first of a terminal's two starts: with the password, without any EA, until the terminal has saved the login;
 * then it is closed. An EA that is attached while the account changes is loaded and never initialised, and what the
 * terminal saves, it saves at a clean end. Whatever comes, no terminal and no password is left behind.
 */
import { type Clock } from '../clock.ts';
import { type JournalEvent } from '../terminal/journalTail.ts';
import { type ProcessIdentity } from '../terminal/ports.ts';
import { type Secret } from '../secret.ts';
import { type PoolAccount } from './account.ts';
import { StepFailure } from './failures.ts';
import { type Instance } from './instance.ts';
import { type Timings } from './timings.ts';

export interface FirstLoginDependencies {
	instance: Instance;
	clock: Clock;
	timings: Timings;
	/** Aborted when the agent ends. */
	lifetime: AbortSignal;
	onLaunched: (process: ProcessIdentity) => void;
}

export type FirstLogin =
	| { kind: 'saved' }
	/** By the broker, with its reason. */
	| { kind: 'refused'; reason: string }
	/** The terminal opened this login instead. */
	| { kind: 'other_account'; login: string };

const POLL_MS = 50;
/** From the login to the file in which it is saved; it is written at the terminal's end at the latest. */
const SAVING_MS = 3_000;

/** Only while no terminal runs from the directory. @throws StepFailure when it came to no answer */
export async function logInFirst(
	deps: FirstLoginDependencies,
	{ accountNumber: login, serverName: server }: PoolAccount,
	secret: Secret
): Promise<FirstLogin> {
	const { instance, timings } = deps;
	const { dir, terminal } = instance;
	const values = { login, server, password: secret.reveal(), isAlgoTradingOn: false };
	let answer: FirstLogin | null = null;
	const tail = terminal.files.followJournal(dir, (event) => {
		answer ??= answerOf(event, login);
	});
	try {
		const config = await terminal.files.writeStartIni(dir, values);
		const launched = await terminal.launcher.launch(dir, ['/portable', `/config:${config}`]);
		instance.hold(launched);
		deps.onLaunched(launched);
		const heard = await awaitAnswer(deps, () => answer, { login, server });
		if (heard.kind !== 'saved') return heard;
		await awaitSaved(deps);
	} finally {
		tail.close();
		await instance.end(timings.closeMs);
		await terminal.files.wipeStartIni(dir);
	}
	if (await terminal.files.hasSavedLogin(dir)) return { kind: 'saved' };
	throw new StepFailure('login_not_saved');
}

function answerOf(event: JournalEvent, login: string): FirstLogin | null {
	switch (event.kind) {
		case 'refused':
			return event.login === login ? { kind: 'refused', reason: event.reason } : null;
		case 'authorised':
			return event.login === login ? { kind: 'saved' } : { kind: 'other_account', login: event.login };
		default:
			return null;
	}
}

/** From the journal, or from a bridge that a profile brought along. */
async function awaitAnswer(
	{ instance, clock, timings, lifetime }: FirstLoginDependencies,
	heard: () => FirstLogin | null,
	{ login, server }: { login: string; server: string }
): Promise<FirstLogin> {
	const deadline = clock.monotonicMs() + timings.loginMs;
	for (;;) {
		const answer = heard();
		if (answer) return answer;
		const { fresh } = instance;
		if (fresh?.login === login && fresh.server === server) return { kind: 'saved' };
		if (fresh && fresh.login !== '0') return { kind: 'other_account', login: fresh.login };
		if (!instance.process || (await instance.look()) === 'ended')
			throw new StepFailure('terminal_start', 'it ended before it was logged in');
		if (clock.monotonicMs() >= deadline) throw new StepFailure('login_timeout');
		await clock.sleep(POLL_MS, lifetime);
	}
}

async function awaitSaved({ instance, clock, lifetime }: FirstLoginDependencies): Promise<void> {
	const deadline = clock.monotonicMs() + SAVING_MS;
	while (!(await instance.terminal.files.hasSavedLogin(instance.dir)) && clock.monotonicMs() < deadline)
		await clock.sleep(POLL_MS, lifetime);
}
