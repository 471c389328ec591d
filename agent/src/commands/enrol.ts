/** `agent enrol`: makes the agent's key and introduces it to the server with a one-time join code. */
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { enrolMessage } from '#lib/protocol/signed.ts';
import { checkServerUrl, writeConfig, type TerminalKindName } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { createIdentity } from '../identity.ts';
import { describeMachine } from '../machine.ts';
import { type StateDir } from '../stateDir.ts';
import { AGENT_VERSION } from '../version.ts';

export interface EnrolOptions {
	server: string;
	code: string;
	name: string;
	capacity: number;
	terminal: TerminalKindName;
	allowsPlainText: boolean;
	/** Replaces an earlier enrolment in this directory. */
	isForced: boolean;
}

const answerSchema = z.object({ agentId: z.uuid(), serverKey: z.string() });
const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const REMEDIES: Record<string, string> = {
	join_code_invalid: 'Make a new join code on the Agents page and enrol with it within its time.',
	rate_limited: 'Wait a minute, then try again.'
};
const TIMEOUT_MS = 15_000;

/** @param say prints one line for the operator */
export async function enrol(
	state: StateDir,
	options: EnrolOptions,
	say: (line: string) => void
): Promise<ExitCode> {
	const { server, code, name, capacity, terminal, allowsPlainText } = options;
	const url = checkServerUrl(server, allowsPlainText);
	if (await exists(state.config)) {
		if (!options.isForced) {
			say(`${state.root} is enrolled already. Use another --state-dir, or --force to enrol it anew.`);
			return EXIT.notConfigured;
		}
		await rm(state.config, { force: true });
	}
	await mkdir(state.root, { recursive: true, mode: 0o700 });
	await chmod(state.root, 0o700);
	// A key without configuration is left of an enrolment that failed; its public half is known to nobody.
	await rm(state.privateKey, { force: true });
	await rm(state.sealKey, { force: true });
	const { publicKey, sealKey, sign } = await createIdentity(state);
	let response: Response;
	try {
		response = await fetch(new URL('/api/agents/enrol', url), {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				code,
				name,
				publicKey,
				sealKey,
				signature: sign(enrolMessage(code, { publicKey, sealKey })),
				machine: describeMachine(),
				version: AGENT_VERSION,
				capacity
			}),
			redirect: 'error',
			signal: AbortSignal.timeout(TIMEOUT_MS)
		});
	} catch (error) {
		const cause =
			error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
		say(
			`The server ${url.origin} cannot be reached: ${cause}. Check the address and this machine’s network.`
		);
		return EXIT.failed;
	}
	const body: unknown = await response.json().catch(() => null);
	if (!response.ok) return refused(response.status, body, say);
	const answer = answerSchema.safeParse(body);
	if (!answer.success) {
		say(`${url.origin} answered, but not as a Quintet server does. Check the address.`);
		return EXIT.enrolRefused;
	}
	const { agentId, serverKey } = answer.data;
	await writeConfig(state.config, {
		agentId,
		name,
		server: url.href.replace(/\/$/, ''),
		serverKey,
		capacity,
		terminal,
		allowsPlainText,
		parallelLaunches: 4
	});
	say(`Enrolled as “${name}” (${agentId}). Start it with: agent run --state-dir ${state.root}`);
	// Made here from our own keys: a server in between that swapped them would show another one.
	say(`Fingerprint: ${fingerprintOf({ publicKey, sealKey })}`);
	say('An operator must approve it on the Agents page, if the same fingerprint stands there.');
	return EXIT.ok;
}

function refused(status: number, body: unknown, say: (line: string) => void): ExitCode {
	const refusal = refusalSchema.safeParse(body);
	if (!refusal.success) {
		say(`The server refused the enrolment (HTTP ${status}). Check the address.`);
		return status >= 500 ? EXIT.failed : EXIT.enrolRefused;
	}
	const { code, message } = refusal.data.error;
	say(message);
	const remedy = REMEDIES[code];
	if (remedy !== undefined) say(remedy);
	return status >= 500 ? EXIT.failed : EXIT.enrolRefused;
}

async function exists(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false
	);
}
