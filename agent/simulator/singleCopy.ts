/**
 * At most one terminal per directory. The mark is a listening local socket, which the operating system
 * takes away when its process ends in whatever way, so no stale lock can remain.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function socketPath(instanceDir: string): string {
	const name = `quintet-sim-${createHash('sha256').update(instanceDir).digest('hex').slice(0, 24)}`;
	if (process.platform === 'linux') return `\0${name}`;
	return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

function listen(path: string): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const server = createServer((socket) => socket.destroy());
		server.once('error', (error: NodeJS.ErrnoException) =>
			error.code === 'EADDRINUSE' ? resolve(false) : reject(error)
		);
		server.listen(path, () => resolve(true));
	});
}

function answers(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection(path);
		socket.once('connect', () => resolve(true));
		socket.once('error', () => resolve(false));
		socket.once('close', () => socket.destroy());
	});
}

/** True when this process is now the one terminal of the directory, until it ends. */
export async function claimDirectory(instanceDir: string): Promise<boolean> {
	const path = socketPath(instanceDir);
	if (await listen(path)) return true;
	// Only a socket in the file system (macOS) can outlive its process.
	const canBeStale = !path.startsWith('\0') && process.platform !== 'win32';
	if (!canBeStale || (await answers(path))) return false;
	rmSync(path, { force: true });
	return listen(path);
}
