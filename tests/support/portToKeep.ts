/**
 * A port for a process that binds it only later, and again after a restart. One that the system chose could be given to
 * somebody else in between: it gives the ports above RANGE to whoever asks for any.
 */
import { createServer } from 'node:net';

const RANGE = { first: 12_000, size: 20_000 };

let next: number | null = null;

/** Free now, and given neither by the system nor, until RANGE is through, by this process again. */
export async function portToKeep(): Promise<number> {
	for (;;) {
		// Processes that run at the same time begin far from each other.
		next ??= Math.floor(Math.random() * RANGE.size);
		const port = RANGE.first + next;
		next = (next + 1) % RANGE.size;
		if (await isFree(port)) return port;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((done) => {
		const probe = createServer();
		probe.once('error', () => done(false));
		probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
	});
}
