/** One program of the demo: started in its own process group, its output in a log file, ended for certain. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DemoProcess {
	readonly name: string;
	readonly child: ChildProcess;
	readonly exited: Promise<number | null>;
	/** Resolves with the first message of this type that the program sends to its parent. */
	message(type: string): Promise<void>;
	/** Asks it to end, and waits; after `graceMs` it is ended by force. */
	end(graceMs: number): Promise<void>;
	kill(): void;
	/** The last lines it wrote, for when it failed. */
	lastWords(): Promise<string>;
}

export async function startProcess(
	name: string,
	args: readonly string[],
	options: { env: NodeJS.ProcessEnv; logFile: string; cwd: string }
): Promise<DemoProcess> {
	await mkdir(dirname(options.logFile), { recursive: true });
	const log = createWriteStream(options.logFile, { flags: 'a' });
	const child = spawn(process.execPath, args, {
		cwd: options.cwd,
		env: options.env,
		// Its own group: the terminal's Ctrl-C reaches the demo alone, which ends its programs in order.
		detached: process.platform !== 'win32',
		stdio: ['ignore', 'pipe', 'pipe', 'ipc']
	});
	child.stdout?.pipe(log);
	child.stderr?.pipe(log);
	const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
	const isRunning = () => child.exitCode === null && child.signalCode === null;
	return {
		name,
		child,
		exited,
		async message(type) {
			const arrived = new Promise<void>((done) => {
				child.on('message', (message: { type?: unknown }) => {
					if (message.type === type) done();
				});
			});
			const ended = exited.then((code) => {
				throw new Error(`${name} ended with ${code} before it was ready`);
			});
			await Promise.race([arrived, ended]);
		},
		async end(graceMs) {
			if (!isRunning()) return;
			child.kill('SIGTERM');
			await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
			if (isRunning()) {
				child.kill('SIGKILL');
				await exited;
			}
		},
		kill() {
			if (isRunning()) child.kill('SIGKILL');
		},
		async lastWords() {
			const text = await readFile(options.logFile, 'utf8').catch(() => '');
			return text.trimEnd().split('\n').slice(-15).join('\n');
		}
	};
}
