/**
 * The keys of a running agent: makes new ones when the server asks for it, finishes a change that was interrupted,
 * and goes over to whatever keys lie on the disk, whoever put them there.
 */
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { type Clock } from './clock.ts';
import { type KeyChange } from './commands/rotateKeys.ts';
import { type Identity } from './identity.ts';
import { type Logger } from './logger.ts';

/** What is done with the key files; see commands/rotateKeys.ts and identity.ts. */
export interface KeyStore {
	read(): Promise<Identity>;
	change(): Promise<KeyChange>;
	/** When keys were made that the server may or may not know; null when there are none. */
	unfinishedSinceMs(): Promise<number | null>;
}

export interface KeyKeeperDependencies {
	store: KeyStore;
	current: () => Identity;
	/** The agent is this from now on. */
	adopt: (identity: Identity) => void;
	clock: Clock;
	logger: Logger;
}

export interface KeyKeeper {
	/** @returns the new fingerprint @throws when the server cannot be reached or refuses */
	rotate(): Promise<{ fingerprint: string }>;
	/** Watches the key files until the signal. */
	watch(signal: AbortSignal): Promise<void>;
}

const POLL_MS = 2_000;
/** `agent rotate-keys` on the same machine gets this long; then its change was interrupted. */
const UNFINISHED_MS = 60_000;

export function createKeyKeeper({ store, current, adopt, clock, logger }: KeyKeeperDependencies): KeyKeeper {
	/** The server does not want the unfinished keys: a person must look. */
	let isRefused = false;
	let nextTryMs = 0;

	async function rotate(): Promise<{ fingerprint: string }> {
		nextTryMs = clock.monotonicMs() + UNFINISHED_MS;
		const change = await store.change();
		isRefused = !change.isDone && change.isRefused;
		if (!change.isDone) throw new Error(change.message);
		logger.info({ fingerprint: change.fingerprint }, 'the server took new keys of this agent');
		return { fingerprint: change.fingerprint };
	}

	/** The server may have taken them and its answer was lost: then the old keys count a few minutes more only. */
	async function finish(): Promise<void> {
		const sinceMs = await store.unfinishedSinceMs();
		if (sinceMs === null || isRefused) return;
		if (clock.wallMs() - sinceMs < UNFINISHED_MS || clock.monotonicMs() < nextTryMs) return;
		await rotate().catch((error: unknown) =>
			logger.error({ err: error }, 'a change of keys that was interrupted could not be finished')
		);
	}

	async function goOver(): Promise<void> {
		const found = await store.read().catch(() => current());
		if (found.publicKey === current().publicKey && found.sealKey === current().sealKey) return;
		logger.info({ fingerprint: fingerprintOf(found) }, 'new keys; the line is dialled anew with them');
		adopt(found);
	}

	return {
		rotate,
		async watch(signal) {
			for (;;) {
				await clock.sleep(POLL_MS, signal);
				await finish();
				await goOver();
			}
		}
	};
}
