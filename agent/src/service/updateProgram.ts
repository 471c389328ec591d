/**
 * Puts another version of the program in the place of the one that the service runs, and takes it back when the new one
 * does not do its work within a minute (faults: A12). The service is away meanwhile; terminals go on, and the agent that
 * comes adopts them. Owns the folders `program`, `program.previous` and `program.failed` while it runs.
 */
import { cp, rename, rm } from 'node:fs/promises';
import { type Clock } from '../clock.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type AgentStatus } from '../statusFile.ts';
import { errorCode } from '../terminal/replaceFile.ts';

export const UPDATE = {
	/** So long the new version has to do its work. */
	trialMs: 60_000,
	/** One process that is at work for so long has adopted its terminals and heard its server. */
	steadyMs: 15_000,
	lookMs: 500,
	/** Windows lets go of a program's files a little after its end. */
	heldMs: 20_000
} as const;

export interface UpdatePorts {
	/** Ends the service and its agent. */
	uninstall(): Promise<void>;
	/** Registers the service for what lies in the folder now, and starts it. */
	install(): Promise<void>;
	/** What an agent wrote last. */
	status(): Promise<AgentStatus | null>;
	clock: Clock;
	say: (line: string) => void;
}

/** Where the version before is kept. */
export const previousOf = (folder: string): string => `${folder}.previous`;
/** Where a version lies that was taken back. */
export const failedOf = (folder: string): string => `${folder}.failed`;

/**
 * @param folder the program that the service runs
 * @param incoming the folder of the new one; it is copied
 * @returns `unhealthy`: the new version failed its trial and the one before runs again
 * @throws what kept a folder from being moved; the version before is in its place then, and its service is registered
 */
export async function updateProgram(
	folder: string,
	incoming: string,
	ports: UpdatePorts,
	signal: AbortSignal
): Promise<ExitCode> {
	const { say } = ports;
	const previous = previousOf(folder);
	const before = await ports.status();
	say('Ending the version that runs. Terminals go on.');
	await ports.uninstall();
	let isMoved = false;
	try {
		await rm(previous, { recursive: true, force: true });
		await move(folder, previous, ports.clock, signal);
		isMoved = true;
		await cp(incoming, folder, { recursive: true });
		const startedAtMs = ports.clock.wallMs();
		await ports.install();
		say(`Watching the new version for up to ${UPDATE.trialMs / 1_000} s…`);
		const trouble = await troubleOf(startedAtMs, before, ports, signal);
		if (trouble === null) {
			say(`The new version works. The one before is kept in ${previous}.`);
			return EXIT.ok;
		}
		say(`The new version is taken back: ${trouble}`);
	} catch (error) {
		if (isMoved) await takeBack(folder, ports);
		else await ports.install();
		throw error;
	}
	await takeBack(folder, ports);
	say(`The version before runs again. The new one is in ${failedOf(folder)}, with nothing of the accounts.`);
	return EXIT.unhealthy;
}

/** @returns why the new version cannot stay; null when it can */
async function troubleOf(
	startedAtMs: number,
	before: AgentStatus | null,
	{ status, clock }: UpdatePorts,
	signal: AbortSignal
): Promise<string | null> {
	const deadlineMs = clock.monotonicMs() + UPDATE.trialMs;
	let trouble = '';
	/** The process that works, and since when without a break. */
	let steady = { pid: 0, sinceMs: 0 };
	while (clock.monotonicMs() < deadlineMs) {
		const shown = await status();
		// What the version before wrote last says nothing.
		const seen = shown !== null && Date.parse(shown.writtenAt) > startedAtMs ? shown : null;
		const lacks = seen === null ? 'its agent does not report that it works.' : missing(seen, before);
		trouble = lacks ?? 'its agent ends again and again.';
		const pid = lacks === null && seen !== null ? seen.pid : 0;
		if (pid === 0 || pid !== steady.pid) steady = { pid, sinceMs: clock.monotonicMs() };
		else if (clock.monotonicMs() - steady.sinceMs >= UPDATE.steadyMs) return null;
		await clock.sleep(UPDATE.lookMs, signal);
	}
	return trouble;
}

/** What the agent had before the update and has not now. A server that was away before may stay away. */
function missing(now: AgentStatus, before: AgentStatus | null): string | null {
	if (before?.isConnected && !now.isConnected) return 'its agent does not reach the server.';
	const known = new Set(now.accounts.map(({ accountId }) => accountId));
	const lost = before?.accounts.filter(({ accountId }) => !known.has(accountId)).length ?? 0;
	return lost === 0 ? null : `its agent does not look after ${lost} of the accounts that it had.`;
}

/** Cannot be broken off: until it is done, nothing keeps an agent running here. */
async function takeBack(folder: string, ports: UpdatePorts): Promise<void> {
	const unstoppable = new AbortController().signal;
	await ports.uninstall();
	await rm(failedOf(folder), { recursive: true, force: true });
	await move(folder, failedOf(folder), ports.clock, unstoppable).catch((error: unknown) => {
		// Nothing of it had been copied.
		if (errorCode(error) !== 'ENOENT') throw error;
	});
	await move(previousOf(folder), folder, ports.clock, unstoppable);
	await ports.install();
}

async function move(from: string, to: string, clock: Clock, signal: AbortSignal): Promise<void> {
	const deadlineMs = clock.monotonicMs() + UPDATE.heldMs;
	for (;;) {
		try {
			return await rename(from, to);
		} catch (error) {
			const isHeld = ['EPERM', 'EBUSY', 'EACCES'].includes(errorCode(error));
			if (!isHeld || clock.monotonicMs() >= deadlineMs) throw error;
			await clock.sleep(UPDATE.lookMs, signal);
		}
	}
}
