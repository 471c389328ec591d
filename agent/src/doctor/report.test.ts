import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenFolder } from '../../../tests/support/goldenFolder.ts';
import { createIdentity } from '../identity.ts';
import { stateDir, type StateDir } from '../stateDir.ts';
import { writeBuildFacts, DEFAULT_FACTS } from '../terminal/provision/buildFacts.ts';
import { GoldenStore } from '../terminal/provision/goldenStore.ts';
import { judgeDisk, judgePath } from './machineChecks.ts';
import { doctorReport } from './report.ts';
import { judgeClock } from './serverChecks.ts';

let state: StateDir;
beforeEach(async () => {
	state = stateDir(await mkdtemp(join(tmpdir(), 'quintet-doctor-')), {});
});
afterEach(() => rm(state.root, { recursive: true, force: true }));

/** As on a machine with real terminals, whose Windows is as it should be. */
const report = () =>
	doctorReport(state, {
		isAgent: false,
		windowsFacts: async () => ({
			ownSid: 'S-1-5-21-1-2-3-1001',
			ownName: 'VPS\\trader',
			service: { state: 'running', userSid: 'S-1-5-21-1-2-3-1001', userName: 'VPS\\trader' },
			sessionId: 1,
			sessionState: 4,
			autoLogon: { isOn: true, user: 'trader', hasPlainPassword: false },
			isSingleSession: true,
			logsOffDisconnectedAfterMs: 0,
			subsystems: 'SharedSection=1024,40960,768',
			openLiveUpdateFolders: [],
			defenderExclusions: [state.root],
			appData: 'C:\\x'
		})
	});
const verdictsOf = async (check: string) =>
	(await report()).findings.filter((each) => each.check === check).map(({ verdict }) => verdict);

describe('the doctor’s report', () => {
	it('says of a machine that is not enrolled what to do first, and looks at everything else', async () => {
		const { findings } = await report();
		const enrolment = findings.find(({ check }) => check === 'enrolment');
		expect(enrolment).toMatchObject({ verdict: 'bad', remedy: 'Run “agent enrol”.' });
		expect(findings.map(({ check }) => check)).toEqual(
			expect.arrayContaining(['versions', 'state_dir', 'disk', 'session', 'golden', 'running'])
		);
	});

	it('tells of golden installs: none, untried, tried, damaged', async () => {
		expect(await verdictsOf('golden')).toEqual(['bad']);
		const store = new GoldenStore(state.golden);
		const options = {
			servers: [],
			isDefault: false,
			leavesAccountOut: false,
			now: new Date(),
			leastBytes: 1
		};
		const { golden } = await store.add(await goldenFolder(join(state.root, 'source')), {
			...options,
			broker: 'Broker'
		});
		expect(await verdictsOf('golden')).toEqual(['warn']);
		await writeBuildFacts(state.facts, golden.manifest.build, DEFAULT_FACTS);
		expect(await verdictsOf('golden')).toEqual(['ok']);
		await writeFile(join(state.golden, golden.slug, 'manifest.json'), '{');
		expect(await verdictsOf('golden')).toEqual(['bad']);
	});

	it('does not call a server reached that is not', async () => {
		await createIdentity(state);
		await writeFile(
			state.config,
			JSON.stringify({
				agentId: '0198f3c1-0000-7000-8000-000000000001',
				name: 'a',
				server: 'http://127.0.0.1:9',
				serverKey: 'A'.repeat(43),
				capacity: 5,
				terminal: 'simulated'
			})
		);
		expect(await verdictsOf('server')).toEqual(['bad']);
		expect(await verdictsOf('key')).toEqual(['ok']);
	});

	it('holds no secret: neither key nor password of anybody', async () => {
		await createIdentity(state);
		const text = JSON.stringify(await report());
		for (const name of await readdir(state.root))
			if (name.endsWith('.pem')) expect(text).not.toContain('PRIVATE KEY');
	});
});

describe('what the doctor calls wrong', () => {
	it.each([
		['C:\\quintet', 'ok'],
		['C:\\Program Files\\quintet', 'bad'],
		[`C:\\${'x'.repeat(100)}`, 'warn']
	])('the path %s is %s', (path, verdict) => expect(judgePath(path).verdict).toBe(verdict));

	it.each([
		[10 * 1024 ** 3, 'ok'],
		[1024 ** 3, 'warn'],
		[null, 'unknown']
	])('%s free bytes are %s', (free, verdict) => expect(judgeDisk(free).verdict).toBe(verdict));

	it.each([
		[0, 'ok'],
		[-4_999, 'ok'],
		[5_001, 'warn'],
		[-3_600_000, 'warn']
	])('a clock that is %s ms ahead is %s', (offset, verdict) =>
		expect(judgeClock(offset).verdict).toBe(verdict)
	);
});
