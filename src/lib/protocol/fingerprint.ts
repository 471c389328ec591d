/**
 * What a person compares when a new agent asks to be let in: the same text on its machine and on the Agents
 * page. 96 bits, so that nobody finds another pair of keys with the same one.
 */
import { createHash } from 'node:crypto';
import type { AgentPublicKeys } from './signed.ts';

/** @returns six groups of four hexadecimal digits */
export function fingerprintOf({ publicKey, sealKey }: AgentPublicKeys): string {
	const digest = createHash('sha256')
		.update(`quintet-agent-fingerprint-v1\n${publicKey}\n${sealKey}`)
		.digest('hex');
	return (digest.slice(0, 24).match(/.{4}/g) ?? []).join('-');
}
