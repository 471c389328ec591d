/** `agent status`: what the running agent sees, with ages. */
import { existsSync } from 'node:fs';
import { HANDLES_OF_A_PROCESS, isNearHandleLimit } from '#lib/domain/terminalResources.ts';
import { ConfigProblem, readConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { lockStateDir } from '../lock.ts';
import { type StateDir } from '../stateDir.ts';
import { readStatus } from '../statusFile.ts';

const STANDING_WORDS = {
	approved: 'NOT connected',
	unknown: 'NOT connected',
	pending: 'waiting for an operator to approve this agent on the Agents page (compare the fingerprint)',
	locked:
		'LOCKED: the server saw two copies of this agent. Its EAs were stopped. Ask an operator for a code, then run “agent rotate-keys --code …” on the one right machine',
	refused: 'NOT connected; it refused this agent, or could not prove that it is the server this agent knows'
} as const;

const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s ago`;

export async function status(state: StateDir, nowMs: number, say: (line: string) => void): Promise<ExitCode> {
	if (!existsSync(state.root))
		throw new ConfigProblem(
			`There is no ${state.root}: no agent was enrolled there. Run “agent enrol” first, or name the agent’s directory with --state-dir.`
		);
	const lock = lockStateDir(state.lock);
	lock?.release();
	if (lock) {
		// Says of a directory that no agent was enrolled in that this is what is missing.
		await readConfig(state.config);
		say(`No agent runs from ${state.root}. Terminals may still run; “agent stop-all” stops their EAs.`);
		return EXIT.unhealthy;
	}
	const shown = await readStatus(state.status);
	if (!shown) {
		say('An agent runs, but it has not written its status yet.');
		return EXIT.unhealthy;
	}
	const writtenAgoMs = nowMs - Date.parse(shown.writtenAt);
	say(`Agent ${shown.version}, process ${shown.pid}, as of ${seconds(writtenAgoMs)}`);
	say(`Server ${shown.server}: ${shown.isConnected ? 'connected' : STANDING_WORDS[shown.standing]}`);
	say(`Fingerprint: ${shown.fingerprint}`);
	for (const account of shown.accounts) {
		const doing = account.activity === null ? '' : `, ${account.activity}`;
		say(
			`${account.accountNumber}  ${account.algo}  ${account.connection}  generation ${account.generation}  seen ${seconds(account.ageMs + writtenAgoMs)}${doing}`
		);
		if (account.fault !== null) say(`  ${account.fault}`);
		const { resources } = account;
		if (resources)
			say(
				`  ${resources.workingSetMb} MB of memory, ${resources.privateMb} of it its own; ${resources.gdiHandles} GDI and ${resources.userHandles} USER handles`
			);
		if (resources && isNearHandleLimit(resources))
			say(
				`  Near the ${HANDLES_OF_A_PROCESS} handles that Windows gives one program: close this terminal at a quiet moment, and the agent starts it anew.`
			);
	}
	if (shown.accounts.length === 0) say('No accounts are assigned.');
	return EXIT.ok;
}
