/**
 * Signatures of the simulation: they cover every byte as real ones do, and cost next to nothing. That nobody can
 * make one is proven elsewhere, with real keys.
 */
export interface SimKey {
	sign(message: Uint8Array): string;
	verify(message: Uint8Array, signature: string): boolean;
}

export function simKey(name: string): SimKey {
	const sign = (message: Uint8Array): string => {
		let value = 0x811c9dc5;
		for (const byte of message) value = Math.imul(value ^ byte, 16_777_619);
		return `${name}-${(value >>> 0).toString(16)}`.padEnd(86, '_');
	};
	return { sign, verify: (message, signature) => sign(message) === signature };
}
