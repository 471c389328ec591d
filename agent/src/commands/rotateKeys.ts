/** New keys for this agent, signed with the old one or brought with an operator's code: `agent rotate-keys`. */
import { z } from 'zod';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { rotateMessage } from '#lib/protocol/signed.ts';
import { checkServerUrl, readConfig, type AgentConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { nextIdentity, promoteNextIdentity, readIdentity, type KeyFiles } from '../identity.ts';
import { type StateDir } from '../stateDir.ts';

const answerSchema = z.object({ fingerprint: z.string(), standing: z.enum(['approved', 'pending']) });
const refusalSchema = z.object({ error: z.object({ message: z.string() }) });
const TIMEOUT_MS = 15_000;

export type KeyChange =
	| { isDone: true; fingerprint: string; standing: 'approved' | 'pending' }
	/** Refused: asking again brings the same answer. Else the server could not be asked. */
	| { isDone: false; isRefused: boolean; message: string };

/**
 * Whenever it is interrupted, do it again: the new keys are on the disk before the server hears of them, and the
 * server takes them twice.
 */
export async function changeKeys(
	{ agentId, server, allowsPlainText }: AgentConfig,
	state: KeyFiles,
	code?: string
): Promise<KeyChange> {
	const url = checkServerUrl(server, allowsPlainText);
	const present = await readIdentity(state);
	const following = await nextIdentity(state);
	const keys = { publicKey: following.publicKey, sealKey: following.sealKey };
	const message = rotateMessage(agentId, keys);
	let response: Response;
	try {
		response = await fetch(new URL(`${url.pathname.replace(/\/$/, '')}/api/agents/rotate`, url), {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				agentId,
				...keys,
				proof: following.sign(message),
				signature: present.sign(message),
				...(code === undefined ? {} : { code })
			}),
			redirect: 'error',
			signal: AbortSignal.timeout(TIMEOUT_MS)
		});
	} catch (error) {
		const cause =
			error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
		const message = `The server ${url.origin} cannot be reached: ${cause}. The old keys stay; run this again later.`;
		return { isDone: false, isRefused: false, message };
	}
	const body: unknown = await response.json().catch(() => null);
	const answer = answerSchema.safeParse(body);
	if (!response.ok || !answer.success) {
		const refusal = refusalSchema.safeParse(body);
		const message = refusal.success
			? refusal.data.error.message
			: `The server refused the new keys (HTTP ${response.status}).`;
		return { isDone: false, isRefused: response.status < 500, message };
	}
	await promoteNextIdentity(state);
	return { isDone: true, fingerprint: fingerprintOf(keys), standing: answer.data.standing };
}

/**
 * A running agent goes over to the new keys by itself.
 * @param code from the operator: for an agent that is locked, or whose old key must not count any more
 * @param say prints one line for the operator
 */
export async function rotateKeys(
	state: StateDir,
	code: string | undefined,
	say: (line: string) => void
): Promise<ExitCode> {
	const change = await changeKeys(await readConfig(state.config), state, code);
	if (!change.isDone) {
		say(change.message);
		return change.isRefused ? EXIT.enrolRefused : EXIT.failed;
	}
	say(`New keys. Fingerprint: ${change.fingerprint}`);
	if (change.standing === 'pending')
		say('An operator must approve them on the Agents page, if the same fingerprint stands there.');
	return EXIT.ok;
}
