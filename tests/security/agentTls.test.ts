/** X9: the agent dials only a server whose certificate is right, and never goes on without encryption. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type TLSSocket } from 'node:tls';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, describe, it } from 'vitest';
import { enrol } from '../../agent/src/commands/enrol.ts';
import { ConfigProblem } from '../../agent/src/config.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { stateDir } from '../../agent/src/stateDir.ts';
import { AgentRig } from '../support/agentRig.ts';
import { waitFor } from '../support/waitFor.ts';

let rig: AgentRig | null = null;
const servers: Server[] = [];
const dirs: string[] = [];
afterEach(async () => {
	await rig?.dispose();
	rig = null;
	for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
	for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** A server with a certificate that nobody vouches for. @returns what it heard in clear, after decryption */
async function selfSigned(): Promise<{ url: string; heard: string[]; dialled: () => number }> {
	const dir = await mkdtemp(join(tmpdir(), 'quintet-tls-'));
	dirs.push(dir);
	const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
	const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
	await promisify(execFile)('openssl', [
		...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
		...['-keyout', key, '-out', cert, ...subject]
	]);
	const heard: string[] = [];
	let dialled = 0;
	const server = createServer(
		{ key: await readFile(key), cert: await readFile(cert) },
		(socket: TLSSocket) => {
			socket.on('error', () => {});
			socket.on('data', (bytes) => heard.push(bytes.toString('latin1')));
		}
	);
	server.on('connection', () => dialled++);
	server.on('tlsClientError', () => {});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	servers.push(server);
	return {
		url: `https://localhost:${(server.address() as AddressInfo).port}`,
		heard,
		dialled: () => dialled
	};
}

describe('X9, N12: a server whose certificate is not right', () => {
	it('is not spoken to: the agent says nothing, tries again, and stays unconnected', async () => {
		const { url, heard, dialled } = await selfSigned();
		rig = await AgentRig.create();
		const agent = rig.startAgent({ server: url });
		await waitFor('several attempts', () => dialled() >= 3);
		expect(heard).toEqual([]);
		expect(agent.isConnected).toBe(false);
		expect(rig.log.join('')).toMatch(/self-signed|SELF_SIGNED|DEPTH_ZERO/);
	});

	it('gets no enrolment', async () => {
		const { url, heard } = await selfSigned();
		const dir = await mkdtemp(join(tmpdir(), 'quintet-tls-'));
		dirs.push(dir);
		const said: string[] = [];
		const options = {
			server: url,
			code: 'secret-join-code',
			name: 'x',
			capacity: 1,
			terminal: 'simulated' as const
		};
		const code = await enrol(
			stateDir(dir, {}),
			{ ...options, allowsPlainText: false, isForced: false },
			(line) => said.push(line)
		);
		expect(code).toBe(EXIT.failed);
		expect(heard).toEqual([]);
		expect(said.join()).toContain('cannot be reached');
	});

	it('does not make the agent fall back to a line without encryption', async () => {
		const first: number[] = [];
		// It answers TLS with something else, as a captive portal or a wrong port does.
		const server = createTcpServer((socket) => {
			socket.on('error', () => {});
			socket.once('data', (bytes) => {
				first.push(bytes[0] ?? -1);
				socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>sign in</html>');
			});
		});
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		servers.push(server);
		rig = await AgentRig.create();
		rig.startAgent({ server: `https://localhost:${(server.address() as AddressInfo).port}` });
		await waitFor('several attempts', () => first.length >= 3);
		// 22: a TLS handshake; a plain request would begin with a letter.
		expect(new Set(first)).toEqual(new Set([22]));
	});

	it('may not be a plain one on another machine, unless that was allowed by name', async () => {
		const options = {
			code: 'x'.repeat(20),
			name: 'x',
			capacity: 1,
			terminal: 'simulated' as const,
			isForced: false
		};
		const dir = await mkdtemp(join(tmpdir(), 'quintet-tls-'));
		dirs.push(dir);
		await expect(
			enrol(stateDir(dir, {}), { ...options, server: 'http://192.0.2.1', allowsPlainText: false }, () => {})
		).rejects.toThrow(ConfigProblem);
	});
});
