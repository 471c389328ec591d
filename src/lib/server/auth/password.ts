/** Password hashes: Argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, t=2, p=1). */
import { hash, verify } from '@node-rs/argon2';

const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashing takes 19 MiB each: a flood of logins must not take all memory. */
const MAX_PARALLEL = 4;

export interface Passwords {
	hash(password: string): Promise<string>;
	/** With no hash (unknown user) a dummy is verified, so that the answer takes as long. */
	verify(passwordHash: string | null, password: string): Promise<boolean>;
}

export function createPasswords(): Passwords {
	let running = 0;
	const queue: (() => void)[] = [];
	const dummy = hash('no such user', OPTIONS);

	async function limited<T>(work: () => Promise<T>): Promise<T> {
		if (running >= MAX_PARALLEL) await new Promise<void>((go) => queue.push(go));
		running++;
		try {
			return await work();
		} finally {
			running--;
			queue.shift()?.();
		}
	}

	return {
		hash: (password) => limited(() => hash(password, OPTIONS)),
		verify: (passwordHash, password) =>
			limited(async () => {
				const isRight = await verify(passwordHash ?? (await dummy), password);
				return passwordHash !== null && isRight;
			})
	};
}
