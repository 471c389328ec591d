/** Child process: the floor of an agent. Reads every terminal's status once a second and sends them on, no more. */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import WebSocket, { WebSocketServer } from 'ws';
import { BRIDGE_FOLDER } from '../../agent/src/bridge/folder.ts';
import { serveCalls } from './child.ts';

serveCalls({
	async start(instancesDir: string) {
		const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
		await once(socket, 'open');
		const names = await readdir(instancesDir);
		for (const [i, name] of names.entries())
			setTimeout(() => setInterval(() => void look(name), 1_000), (i * 1_000) / names.length);

		async function look(name: string): Promise<void> {
			const path = join(instancesDir, name, ...BRIDGE_FOLDER, 'status.msg');
			const text = await readFile(path, 'utf8').catch(() => '');
			socket.send(JSON.stringify({ name, text }));
		}
	},
	cpuMs: () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1_000;
	}
});
