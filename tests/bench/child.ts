/** A child process of the bench that answers calls: the peers must not share the event loop of what is measured. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Child {
	readonly pid: number;
	call<T>(method: string, argument?: unknown): Promise<T>;
	end(): Promise<void>;
}

/** @param file beside this one; it answers with `serveCalls` */
export function startChild(file: string, env: NodeJS.ProcessEnv = {}): Child {
	const path = fileURLToPath(new URL(file, import.meta.url));
	const child: ChildProcess = fork(path, [], { env: { ...process.env, ...env }, execArgv: [] });
	const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
	let count = 0;
	child.on('message', (message: { id: number; value?: unknown; error?: string }) => {
		const call = waiting.get(message.id);
		waiting.delete(message.id);
		if (message.error === undefined) call?.resolve(message.value);
		else call?.reject(new Error(`${file}: ${message.error}`));
	});
	child.once('exit', (code) => {
		for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
	});
	return {
		pid: child.pid ?? 0,
		call: <T>(method: string, argument?: unknown) =>
			new Promise<T>((resolve, reject) => {
				const id = ++count;
				waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
				child.send({ id, method, argument });
			}),
		end: () =>
			new Promise((done) => {
				if (child.exitCode !== null || child.signalCode !== null) return done();
				child.once('exit', () => done());
				child.kill('SIGKILL');
			})
	};
}

/** The child's side of `call`. */
export function serveCalls(methods: Record<string, (argument: never) => unknown>): void {
	// The bench ended, however it did: so do its peers.
	process.on('disconnect', () => process.exit(0));
	process.on('message', (message: { id: number; method: string; argument: never }) => {
		const method = methods[message.method];
		void (async () => {
			try {
				if (!method) throw new Error(`no method ${message.method}`);
				process.send?.({ id: message.id, value: await method(message.argument) });
			} catch (error) {
				process.send?.({
					id: message.id,
					error: error instanceof Error ? (error.stack ?? error.message) : String(error)
				});
			}
		})();
	});
}

/** Resident memory of a process in MiB, as Linux counts it. */
export async function residentMb(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}
