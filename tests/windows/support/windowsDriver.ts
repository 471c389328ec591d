/** Asks the driver that runs under Wine; its verbs read as if they were called here. */
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Verbs } from '../driver/main.ts';
import { type WineProgram, type WineSession } from './wineSession.ts';

interface Waiting {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

export type WindowsDriver = Verbs & { program: WineProgram; closed: Promise<unknown> };

const CONNECT_MS = 60_000;

export async function startDriver(session: WineSession): Promise<WindowsDriver> {
	const server: Server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	const program = await session.node([session.treePath('tests/windows/driver/main.ts'), port.toString()]);
	const connected = once(server, 'connection', { signal: AbortSignal.timeout(CONNECT_MS) });
	const ended = program.ended.then(async (code) => {
		throw new Error(`the driver ended with ${code}: ${await program.output()}`);
	});
	ended.catch(() => {});
	const [socket] = (await Promise.race([connected, ended])) as [Socket];
	server.close();
	const waiting = new Map<number, Waiting>();
	let count = 0;
	createInterface({ input: socket }).on('line', (line) => {
		const { id, value, error } = JSON.parse(line) as { id: number; value?: unknown; error?: string };
		const asked = waiting.get(id);
		waiting.delete(id);
		if (error === undefined) asked?.resolve(value);
		else asked?.reject(new Error(error));
	});
	const closed = once(socket, 'close').then(() => {
		for (const { reject } of waiting.values()) reject(new Error('the driver is gone'));
		waiting.clear();
	});
	socket.on('error', () => {});
	const ask = (verb: string, args: unknown[]): Promise<unknown> =>
		new Promise((resolve, reject) => {
			count += 1;
			waiting.set(count, { resolve, reject });
			socket.write(`${JSON.stringify({ id: count, verb, args })}\n`);
		});
	return new Proxy({ program, closed } as unknown as WindowsDriver, {
		get: (target, name) =>
			name in target || name === 'then'
				? Reflect.get(target, name)
				: (...args: unknown[]) => ask(String(name), args)
	});
}
