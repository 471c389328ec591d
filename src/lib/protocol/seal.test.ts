import { createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSeal, seal, sealedParts, type SealTarget } from './seal.ts';
import { openSealed, sealKeyId, sealNow } from './sealNode.ts';

const rawOf = (key: KeyObject) => createPublicKey(key).export({ format: 'jwk' }).x ?? '';
const agent = () => {
	const { privateKey } = generateKeyPairSync('x25519');
	return { privateKey, sealKey: rawOf(privateKey) };
};
const targetOf = (sealKey: string): SealTarget => ({
	userId: randomUUID(),
	accountId: randomUUID(),
	agentId: randomUUID(),
	accountNumber: '5001001',
	serverName: 'Northwind-Demo',
	sealKey
});

describe('X18: a password sealed to an agent', () => {
	it('opens for its agent, whichever of the two sealed it, and tells nothing of itself', async () => {
		expect(await canSeal()).toBe(true);
		const { privateKey, sealKey } = agent();
		const target = targetOf(sealKey);
		await fc.assert(
			fc.asyncProperty(fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }), async (password) => {
				for (const sealed of [await seal(password, target), sealNow(password, target)]) {
					expect(openSealed(sealed, target, [agent().privateKey, privateKey])).toBe(password);
					if (password.length > 8) expect(sealed).not.toContain(password);
				}
			}),
			{ numRuns: 30 }
		);
	});

	it('does not open for another trader, account, login, broker server, agent or key', async () => {
		const { privateKey, sealKey } = agent();
		const target = targetOf(sealKey);
		const sealed = await seal('right-password', target);
		for (const change of [
			{ userId: randomUUID() },
			{ accountId: randomUUID() },
			{ agentId: randomUUID() },
			{ accountNumber: '5001002' },
			{ serverName: 'Northwind-Demo2' }
		])
			expect(() => openSealed(sealed, { ...target, ...change }, [privateKey])).toThrow();
		expect(() => openSealed(sealed, target, [agent().privateKey])).toThrow(/does not have/);
		// Handed to another agent under its own name, it is still not its own.
		const other = { ...target, agentId: randomUUID() };
		const renamed = sealed.replace(target.agentId, other.agentId);
		expect(() => openSealed(renamed, other, [privateKey])).toThrow();
	});

	it('does not open with any bit flipped', () => {
		const { privateKey, sealKey } = agent();
		const target = targetOf(sealKey);
		const sealed = sealNow('pw', target);
		for (let i = 0; i < sealed.length; i++) {
			const flipped = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
			// The last character of base64url may carry bits that no byte has.
			const isSameBytes =
				JSON.stringify(bytesOf(flipped)) === JSON.stringify(bytesOf(sealed)) && sealedParts(flipped) !== null;
			if (!isSameBytes) expect(() => openSealed(flipped, target, [privateKey]), `at ${i}`).toThrow();
		}
	});

	it('refuses keys of small order, and texts that are none', async () => {
		const zero = Buffer.alloc(32).toString('base64url');
		const target = targetOf(zero);
		expect(() => sealNow('pw', target)).toThrow();
		await expect(seal('pw', target)).rejects.toThrow();
		const { privateKey, sealKey } = agent();
		const right = targetOf(sealKey);
		for (const text of ['', 'x2', 'v1.k.AAAA.AAAA', sealNow('pw', right).replace('x2', 'x1')])
			expect(() => openSealed(text, right, [privateKey])).toThrow();
	});

	it('never uses a nonce or an ephemeral key twice', () => {
		const target = targetOf(agent().sealKey);
		const parts = Array.from({ length: 2_000 }, () => sealedParts(sealNow('pw', target)));
		expect(new Set(parts.map((each) => each?.nonce)).size).toBe(parts.length);
		expect(new Set(parts.map((each) => each?.ephemeral)).size).toBe(parts.length);
		expect(parts[0]?.keyId).toBe(sealKeyId(target.sealKey));
	});
});

const bytesOf = (sealed: string) => {
	const parts = sealedParts(sealed);
	return (
		parts && [
			parts.agentId,
			parts.keyId,
			...[parts.ephemeral, parts.nonce, parts.text].map((text) =>
				Buffer.from(text, 'base64url').toString('hex')
			)
		]
	);
};
