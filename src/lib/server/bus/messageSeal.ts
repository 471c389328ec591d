/**
 * Messages between nodes carry a code made with a key derived from the key file that all nodes share: whoever can
 * write to Redis, but has no such file, can neither command agents nor show states that were not seen; and two
 * installations that share a Redis do not hear each other.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface MessageSeal {
	seal(text: string): string;
	/** @returns the text; null when no key of ours sealed it */
	open(sealed: string): string | null;
}

const CODE_LENGTH = 43;

/** @param keys the key file's, the newest first; older ones still open, while nodes are restarted one by one */
export function createMessageSeal(keys: ReadonlyMap<string, Buffer>): MessageSeal {
	const derived = [...keys.values()].map((key) =>
		Buffer.from(hkdfSync('sha256', key, '', 'quintet bus v1', 32))
	);
	const codeOf = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest('base64url');
	const [newest] = derived;
	if (!newest) throw new Error('The key file holds no key.');
	return {
		seal: (text) => codeOf(newest, text) + text,
		open(sealed) {
			const code = Buffer.from(sealed.slice(0, CODE_LENGTH));
			const text = sealed.slice(CODE_LENGTH);
			const isOurs = derived.some((key) => {
				const expected = Buffer.from(codeOf(key, text));
				return expected.length === code.length && timingSafeEqual(expected, code);
			});
			return isOurs ? text : null;
		}
	};
}
