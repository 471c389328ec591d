/** The agent as a process of its own: killed, restarted, asked from the command line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signatureCheck } from '#lib/protocol/ed25519.ts';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { enrolMessage } from '#lib/protocol/signed.ts';
import { writeConfig } from '../../../agent/src/config.ts';
import { EXIT } from '../../../agent/src/exitCodes.ts';
import { AgentRig } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Long enough for a test process that is held up itself. */
const LINE_DEAD_MS = 8_000;
const CLI = join(import.meta.dirname, '..', '..', '..', 'agent', 'src', 'cli.ts');

interface Ended {
	code: number | null;
	output: string;
}

function start(args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
	const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
	const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output })));
	return { child, ended };
}
const run = (...args: string[]): Promise<Ended> => start(args).ended;

describe('agent process', () => {
	let rig: AgentRig;
	const children: ChildProcess[] = [];

	beforeEach(async () => {
		rig = await AgentRig.create({ rhythm: { lineDeadMs: LINE_DEAD_MS } });
		await writeConfig(rig.state.config, {
			agentId: randomUUID(),
			name: 'test',
			server: rig.web.url,
			serverKey: rig.web.serverKey,
			capacity: 50,
			terminal: 'simulated',
			allowsPlainText: false,
			parallelLaunches: 4
		});
	});
	afterEach(async () => {
		for (const child of children.splice(0)) child.kill('SIGKILL');
		await rig.dispose();
	});

	function startAgent(...more: string[]) {
		const started = start(['run', '--state-dir', rig.state.root, ...more]);
		children.push(started.child);
		return started;
	}

	async function running(count: number): Promise<string[]> {
		const accounts = Array.from({ length: count }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		await rig.web.connected();
		for (const { accountId } of accounts)
			rig.web.assign(rig.web.accounts.get(accountId) ?? assignedAccount());
		for (const { accountId } of accounts) {
			const { commandId } = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		}
		return accounts.map(({ accountId }) => accountId);
	}
	const pids = (ids: string[]) => Promise.all(ids.map(async (id) => (await rig.processOf(id))?.pid));

	it('A1: killed and restarted, it adopts its terminals with unchanged processes and running EAs', async () => {
		const first = startAgent();
		const ids = await running(2);
		const before = await pids(ids);
		first.child.kill('SIGKILL');
		await first.ended;
		expect(await pids(ids)).toEqual(before);
		await rig.web.disconnected();
		rig.web.states.clear();
		startAgent();
		for (const id of ids) await rig.web.state(id, 'running', ({ algo }) => algo === 'running');
		expect(await pids(ids)).toEqual(before);
	});

	it('A8: a second agent of the same directory ends at once, and the first goes on', async () => {
		const first = startAgent();
		await rig.web.connected();
		const connectedAt = performance.now();
		const second = await run('run', '--state-dir', rig.state.root);
		expect(second).toMatchObject({ code: EXIT.ok, output: expect.stringContaining('another agent runs') });
		await waitFor(
			'the line to outlast its limit',
			() => performance.now() - connectedAt > 1.5 * LINE_DEAD_MS
		);
		expect(rig.web.connSeq).toBe(1);
		first.child.kill('SIGTERM');
		const { output } = await first.ended;
		// The rhythm of the line holds from the welcome on, also when nobody has anything to say.
		expect(output).not.toContain('the line is dead');
	});

	it('ends on SIGTERM and leaves the terminals running, or ends them when told so', async () => {
		const first = startAgent();
		const ids = await running(1);
		first.child.kill('SIGTERM');
		expect(await first.ended).toMatchObject({ code: EXIT.ok });
		expect(await pids(ids)).not.toContain(undefined);
		await rig.web.disconnected();
		rig.web.states.clear();
		const second = startAgent('--close-terminals-on-exit');
		await rig.web.state(ids[0] ?? '', 'running', ({ algo }) => algo === 'running');
		second.child.kill('SIGTERM');
		expect(await second.ended).toMatchObject({ code: EXIT.ok });
		expect(await pids(ids)).toEqual([undefined]);
	});

	it('S6: stop-all stops the EAs through the running agent, and by itself when there is none', async () => {
		const first = startAgent();
		const ids = await running(2);
		await rig.web.close();
		const through = await run('stop-all', '--state-dir', rig.state.root);
		expect(through).toMatchObject({ code: EXIT.ok });
		for (const id of ids) expect(through.output).toContain(`${id}  stopped, proven`);
		first.child.kill('SIGKILL');
		await first.ended;
		expect(await run('stop-all', '--state-dir', rig.state.root)).toMatchObject({ code: EXIT.ok });
	});

	it('S6: what stop-all stopped does not come back with the next agent', async () => {
		const first = startAgent();
		const ids = await running(1);
		first.child.kill('SIGKILL');
		await first.ended;
		expect(await run('stop-all', '--state-dir', rig.state.root)).toMatchObject({ code: EXIT.ok });
		await rig.web.disconnected();
		rig.web.states.clear();
		startAgent();
		const state = await rig.web.state(
			ids[0] ?? '',
			'connected',
			({ connection }) => connection === 'connected'
		);
		expect(state.algo).toBe('stopped');
	});

	it('status tells what the running agent sees; doctor finds nothing wrong', async () => {
		startAgent();
		await running(1);
		const status = await waitFor('the status', async () => {
			const shown = await run('status', '--state-dir', rig.state.root);
			return shown.output.includes('running') && shown;
		});
		expect(status).toMatchObject({ code: EXIT.ok, output: expect.stringContaining(': connected') });
		const doctor = await run('doctor', '--state-dir', rig.state.root);
		expect(doctor.output).not.toContain('BAD');
		expect(doctor.code).toBe(EXIT.ok);
	});
});

describe('enrol', () => {
	let dir: string;
	beforeEach(async () => {
		dir = await mkdtemp(join(tmpdir(), 'quintet-enrol-'));
	});
	afterEach(() => rm(dir, { recursive: true }));

	it('is what status asks for where no agent was enrolled, and it leaves nothing there', async () => {
		const missing = join(dir, 'missing');
		const said = await run('status', '--state-dir', missing);
		expect(said.code).toBe(EXIT.notConfigured);
		expect(said.output).toContain(`There is no ${missing}`);
		expect(said.output).toContain('Run “agent enrol” first');
		expect(await readdir(dir)).toEqual([]);
		const ofEmpty = await run('status', '--state-dir', dir);
		expect(ofEmpty.code).toBe(EXIT.notConfigured);
		expect(ofEmpty.output).toContain('Run “agent enrol” first');
	});

	it('S2: introduces its public key alone, and keeps key and configuration to itself', async () => {
		const agentId = randomUUID();
		const serverKey = 'k'.repeat(43);
		let body: Record<string, unknown> = {};
		const server = createServer((request, response) => {
			let text = '';
			request.on('data', (chunk) => (text += String(chunk)));
			request.on('end', () => {
				body = JSON.parse(text);
				const isGood = body.code === 'good' && request.url === '/api/agents/enrol';
				response.writeHead(isGood ? 201 : 400, { 'content-type': 'application/json' });
				const error = { code: 'join_code_invalid', message: 'This join code is not valid.' };
				response.end(JSON.stringify(isGood ? { agentId, serverKey } : { error }));
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const args = [
			'enrol',
			'--server',
			url,
			'--name',
			'vps-1',
			'--capacity',
			'7',
			'--terminal',
			'simulated',
			'--state-dir',
			dir
		];
		try {
			expect(await run(...args, '--code', 'bad')).toMatchObject({
				code: EXIT.enrolRefused,
				output: expect.stringContaining('This join code is not valid.')
			});
			const enrolled = await run(...args, '--code', 'good');
			expect(enrolled).toMatchObject({ code: EXIT.ok });
			const keys = { publicKey: String(body.publicKey), sealKey: String(body.sealKey) };
			expect(enrolled.output).toContain(fingerprintOf(keys));
			const isProven = signatureCheck(keys.publicKey).verify(
				enrolMessage('good', keys),
				String(body.signature)
			);
			expect(isProven).toBe(true);
			expect(body).toMatchObject({ code: 'good', name: 'vps-1', capacity: 7 });
			expect(Buffer.from(String(body.publicKey), 'base64url')).toHaveLength(32);
			for (const name of ['agent.json', 'agent-key.pem', 'agent-seal-key.pem'])
				expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
			expect(JSON.parse(await readFile(join(dir, 'agent.json'), 'utf8'))).toMatchObject({
				agentId,
				server: url,
				serverKey
			});
			expect(await run(...args, '--code', 'good')).toMatchObject({ code: EXIT.notConfigured });
		} finally {
			server.close();
		}
	});

	it('refuses a server without TLS that is not this machine', async () => {
		const refused = await run(
			'enrol',
			'--server',
			'http://quintet.example',
			'--code',
			'x',
			'--state-dir',
			dir
		);
		expect(refused).toMatchObject({
			code: EXIT.notConfigured,
			output: expect.stringContaining('not encrypted')
		});
	});
});
