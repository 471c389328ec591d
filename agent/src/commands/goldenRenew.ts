/** `agent golden renew`: has the running agent bring existing terminals onto the newer build of their golden install. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type Clock } from '../clock.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { lockStateDir } from '../lock.ts';
import { readRenewal, requestRenewal, type RenewProgress } from '../renewFile.ts';
import { type StateDir } from '../stateDir.ts';
import { GoldenStore, slugOf } from '../terminal/provision/goldenStore.ts';

const POLL_MS = 300;
const WORDS = {
	waiting: '',
	working: '…     ',
	current: 'ok    ',
	renewed: 'ok    ',
	refused: 'LEFT  ',
	failed: 'FAILED'
} satisfies Record<RenewProgress['accounts'][number]['outcome'], string>;

interface RenewTools {
	clock: Clock;
	say: (line: string) => void;
	signal: AbortSignal;
}

/** @param account id or number of the only one that is meant */
export async function goldenRenew(
	state: StateDir,
	{ name, account }: { name: string; account: string | null },
	{ clock, say, signal }: RenewTools
): Promise<ExitCode> {
	const golden = slugOf(name);
	if (!(await new GoldenStore(state.golden).list()).some(({ slug }) => slug === golden)) {
		say(`There is no golden install “${name}”; “agent golden list” names them.`);
		return EXIT.unhealthy;
	}
	const isAgentRunning = (): boolean => {
		const lock = lockStateDir(state.lock);
		lock?.release();
		return lock === null;
	};
	if (!isAgentRunning()) {
		say('No agent runs here. Start it first: it closes the terminals, and proves that they come up again.');
		return EXIT.unhealthy;
	}
	const requestId = randomUUID();
	if (!(await requestRenewal(state, { requestId, golden, account }))) {
		say('Another renewal is under way: terminals are renewed one at a time. Wait for its end.');
		return EXIT.unhealthy;
	}
	const shown = new Map<string, string>();
	for (;;) {
		const progress = await readRenewal(state, requestId);
		for (const { accountId, accountNumber, outcome, says } of progress?.accounts ?? []) {
			const line = `${WORDS[outcome]}  ${accountNumber || accountId}  ${says}`;
			if (outcome === 'waiting' || shown.get(accountId) === line) continue;
			shown.set(accountId, line);
			say(line);
		}
		if (progress?.isDone) return conclude(progress, name, say);
		if (!isAgentRunning()) {
			await rm(state.renew, { force: true });
			say('The agent ended meanwhile. Start it, look at the accounts, and renew once more.');
			return EXIT.failed;
		}
		await clock.sleep(POLL_MS, signal);
	}
}

function conclude({ accounts }: RenewProgress, name: string, say: (line: string) => void): ExitCode {
	if (accounts.length === 0) say(`No terminal that is meant is a copy of “${name}”.`);
	const left = accounts.filter(({ outcome }) => outcome !== 'renewed' && outcome !== 'current');
	if (left.length > 0)
		say(`${left.length} of ${accounts.length} are as they were. Run it again when that is cured.`);
	return left.length === 0 ? EXIT.ok : EXIT.unhealthy;
}
