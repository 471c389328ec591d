/** `agent rotate-keys`: new keys for this agent, signed with the old one or brought with an operator's code. */
import { z } from 'zod';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { rotateMessage } from '#lib/protocol/signed.ts';
import { checkServerUrl, readConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { nextIdentity, promoteNextIdentity, readIdentity } from '../identity.ts';
import { type StateDir } from '../stateDir.ts';

const answerSchema = z.object({ fingerprint: z.string(), standing: z.enum(['approved', 'pending']) });
const refusalSchema = z.object({ error: z.object({ message: z.string() }) });
const TIMEOUT_MS = 15_000;

/**
 * Whenever it is interrupted, run it again: the new keys are on the disk before the server hears of them, and
 * the server takes them twice. A running agent goes over to them by itself.
 * @param code from the operator: for an agent that is locked, or whose old key must not count any more
 * @param say prints one line for the operator
 */
export async function rotateKeys(
	state: StateDir,
	code: string | undefined,
	say: (line: string) => void
): Promise<ExitCode> {
	const { agentId, server, allowsPlainText } = await readConfig(state.config);
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
		say(`The server ${url.origin} cannot be reached: ${cause}. The old keys stay; run this again later.`);
		return EXIT.failed;
	}
	const body: unknown = await response.json().catch(() => null);
	const answer = answerSchema.safeParse(body);
	if (!response.ok || !answer.success) {
		const refusal = refusalSchema.safeParse(body);
		say(
			refusal.success
				? refusal.data.error.message
				: `The server refused the new keys (HTTP ${response.status}).`
		);
		return response.status >= 500 ? EXIT.failed : EXIT.enrolRefused;
	}
	await promoteNextIdentity(state);
	say(`New keys. Fingerprint: ${fingerprintOf(keys)}`);
	if (answer.data.standing === 'pending')
		say('An operator must approve them on the Agents page, if the same fingerprint stands there.');
	return EXIT.ok;
}
