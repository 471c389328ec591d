/**
 * The floor of a fan-out: what no implementation can leave out, written by hand. The press goes the whole way, from a
 * request over a server that knows who asks to the agents and back.
 */
import { generateKeyPairSync } from 'node:crypto';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';

export async function openFloor(
	bench: Bench,
	trader: { userId: string; accountIds: string[] }
): Promise<{ round(): Promise<void>; close(): Promise<void> }> {
	const peer = startChild('floorPeer.ts', { QUINTET_BENCH_DIR: bench.dir });
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	const peerPort = await peer.call<number>('listen', publicKey.export({ format: 'pem', type: 'spki' }));
	// A trader's rows of its own would be locked by nobody; the same rows are used, one after the other.
	const web = startChild('barePress.ts');
	const port = await web.call<number>('serve', {
		databaseUrl: bench.databaseUrl,
		peerPort,
		signingKey: privateKey.export({ format: 'pem', type: 'pkcs8' }),
		trader
	});

	// Start, Pause and Stop in turn, as in what is measured: an agent's journal syncs a Start three times (accepted,
	// about to act, outcome), and the others twice.
	let rounds = 0;

	return {
		async round() {
			const response = await fetch(`http://127.0.0.1:${port}/`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ journalWrites: rounds++ % 3 === 0 ? 3 : 2 })
			});
			await response.json();
		},
		async close() {
			await web.end();
			await peer.end();
		}
	};
}
