import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../exitCodes.ts';
import { type AgentStatus } from '../statusFile.ts';
import { UPDATE, updateProgram } from './updateProgram.ts';

const NEVER = new AbortController().signal;
let root: string;
const at = (name: string): string => join(root, name);
const version = (name = 'program'): Promise<string> => readFile(join(at(name), 'agent.mjs'), 'utf8');

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'quintet-update-'));
	for (const [folder, text] of [
		['program', 'old'],
		['incoming', 'new']
	] as const) {
		await mkdir(at(folder));
		await writeFile(join(at(folder), 'agent.mjs'), text);
	}
});
afterEach(() => rm(root, { recursive: true, force: true }));

const account = (accountId: string): AgentStatus['accounts'][number] => ({
	...{ accountId, accountNumber: '1', algo: 'running', connection: 'connected', generation: 1 },
	...{ ageMs: 0, activity: null, fault: null, resources: null }
});

/** The service on a clock that moves when somebody waits. `newAgent`: what the new version's agent writes so long after its start. */
function rig(newAgent: (ranMs: number) => Partial<AgentStatus> | null, before: Partial<AgentStatus> = {}) {
	let nowMs = 1_000_000;
	let runs: { version: string; sinceMs: number } | null = { version: 'old', sinceMs: 0 };
	const deeds: string[] = [];
	const written = (own: Partial<AgentStatus>, atMs: number): AgentStatus => ({
		...{
			pid: 1,
			version: '0.1.0',
			writtenAt: new Date(atMs).toISOString(),
			server: 'https://quintet.example'
		},
		...{ isConnected: true, standing: 'approved', fingerprint: '', accounts: [account('a'), account('b')] },
		...own
	});
	let last: AgentStatus | null = written(before, nowMs - 500);
	return {
		deeds,
		running: () => runs?.version,
		clock: {
			monotonicMs: () => nowMs,
			wallMs: () => nowMs,
			async sleep(ms: number, signal: AbortSignal) {
				signal.throwIfAborted();
				nowMs += ms;
			}
		},
		async uninstall() {
			deeds.push('uninstall');
			runs = null;
		},
		async install() {
			runs = { version: await version(), sinceMs: nowMs };
			deeds.push(`install ${runs.version}`);
		},
		async status() {
			if (runs?.version === 'new') {
				const own = newAgent(nowMs - runs.sinceMs);
				// What the version before wrote stays in its file.
				if (own) last = written({ pid: 2, ...own }, nowMs);
			}
			return last;
		},
		say: (line: string) => void deeds.push(line)
	};
}

describe('A12: an update of the agent', () => {
	it('stays when its agent is at work, and keeps the version before', async () => {
		const service = rig((ranMs) => (ranMs < 4_000 ? null : {}));
		expect(await updateProgram(at('program'), at('incoming'), service, NEVER)).toBe(EXIT.ok);
		expect(await version()).toBe('new');
		expect(await version('program.previous')).toBe('old');
		expect(service.running()).toBe('new');
	});

	it.each([
		['its agent never reports', () => null, /does not report/],
		[
			'its agent ends again and again',
			(ranMs: number) => ({ pid: Math.floor(ranMs / 5_000) }),
			/again and again/
		],
		['its agent does not reach the server', () => ({ isConnected: false }), /does not reach the server/],
		['its agent forgot an account', () => ({ accounts: [account('b')] }), /1 of the accounts/]
	])('is taken back within a minute when %s', async (_, newAgent, why) => {
		const service = rig(newAgent);
		const startedAtMs = service.clock.monotonicMs();
		expect(await updateProgram(at('program'), at('incoming'), service, NEVER)).toBe(EXIT.unhealthy);
		expect(service.clock.monotonicMs() - startedAtMs).toBeLessThanOrEqual(UPDATE.trialMs + UPDATE.lookMs);
		expect(service.deeds.join('\n')).toMatch(why);
		expect(await version()).toBe('old');
		expect(await version('program.failed')).toBe('new');
		expect(service.running()).toBe('old');
		expect((await readdir(root)).sort()).toEqual(['incoming', 'program', 'program.failed']);
	});

	it('is not blamed for a server that was away before', async () => {
		const service = rig(() => ({ isConnected: false }), { isConnected: false });
		expect(await updateProgram(at('program'), at('incoming'), service, NEVER)).toBe(EXIT.ok);
	});

	it('that cannot be copied leaves the version before at work', async () => {
		const service = rig(() => ({}));
		await expect(updateProgram(at('program'), at('nothing'), service, NEVER)).rejects.toThrow('ENOENT');
		expect(service.running()).toBe('old');
		expect(await version()).toBe('old');
	});

	it('that is broken off leaves the version before at work', async () => {
		const broken = new AbortController();
		const service = rig((ranMs) => {
			if (ranMs > 2_000) broken.abort(new Error('asked to end'));
			return {};
		});
		const update = updateProgram(at('program'), at('incoming'), service, broken.signal);
		await expect(update).rejects.toThrow('asked to end');
		expect(service.running()).toBe('old');
		expect(await version()).toBe('old');
	});
});
