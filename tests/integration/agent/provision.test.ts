/** From a golden install to a terminal that is logged in: real files, real processes, the real link. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeStartIni } from '../../../agent/src/terminal/ini.ts';
import { GoldenStore } from '../../../agent/src/terminal/provision/goldenStore.ts';
import { createProvisioner } from '../../../agent/src/terminal/provision/provisioner.ts';
import { simulatedTerminal } from '../../../agent/src/terminal/simulated.ts';
import { decodeText } from '../../../agent/src/terminal/utf16.ts';
import { AgentRig } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { goldenFolder } from '../../support/goldenFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

const exists = (path: string): Promise<boolean> =>
	stat(path).then(
		() => true,
		() => false
	);

describe('a terminal from a golden install', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	/** The simulated kind, put into its directories as the real one is. @param gate what the disk check waits for */
	async function provisioned(gate: Promise<void>, timings = {}) {
		const parts: { golden: GoldenStore | null } = { golden: null };
		rig = await AgentRig.create({
			timings,
			terminal: (brokerDir) => {
				const simulated = simulatedTerminal({ brokerDir, statusMs: 150, pollMs: 30 });
				const golden = new GoldenStore(join(dirname(brokerDir), 'golden'));
				parts.golden = golden;
				const { install } = createProvisioner({
					golden,
					mql5: null,
					capacity: 5,
					wallMs: Date.now,
					freeBytes: async () => {
						await gate;
						return 100 * 1024 ** 3;
					}
				});
				return {
					...simulated,
					async install(dir, account, progress) {
						await install(dir, account, progress);
						await simulated.install(dir, account, progress);
					}
				};
			}
		});
		const assigned = assignedAccount();
		rig.web.accounts.set(assigned.accountId, assigned);
		const addGolden = async () =>
			parts.golden?.add(await goldenFolder(join(rig.state.root, 'source')), {
				broker: assigned.broker,
				servers: [],
				isDefault: true,
				leavesAccountOut: false,
				now: new Date(),
				leastBytes: 1
			});
		return { accountId: assigned.accountId, password: assigned.password, addGolden };
	}

	it('E2: is copied first, which is shown meanwhile, and refuses a Start until it is done', async () => {
		const gate = Promise.withResolvers<void>();
		const { accountId, addGolden } = await provisioned(gate.promise, { deploymentMs: 1_500 });
		await addGolden();
		rig.startAgent();
		await rig.web.state(accountId, 'the copying', ({ activity }) => activity?.includes('copy') === true);
		const tooEarly = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(tooEarly.commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'terminal_preparing'
		});
		gate.resolve();
		await rig.web.state(accountId, 'the login', ({ connection }) => connection === 'connected');
		expect(await exists(join(rig.dirOf(accountId), 'config', 'servers.dat'))).toBe(true);
		expect(await readdir(rig.state.instances)).toEqual([accountId]);
	});

	it('E2: says that its broker’s install is missing, and comes up by itself once it was added', async () => {
		const { accountId, addGolden } = await provisioned(Promise.resolve());
		rig.startAgent();
		const { fault } = await rig.web.state(accountId, 'the fault', (seen) => seen.fault?.code === 'no_golden');
		expect(fault?.remedy).toContain('agent golden add');
		expect(await rig.processOf(accountId)).toBeNull();
		await addGolden();
		const seen = await rig.web.state(accountId, 'the login', ({ connection }) => connection === 'connected');
		expect(seen.fault).toBeNull();
	});
});

describe('the first login', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function assignedTo(brokers = {}) {
		rig = await AgentRig.create({ brokers });
		const assigned = assignedAccount();
		rig.web.accounts.set(assigned.accountId, assigned);
		return { ...assigned, dir: rig.dirOf(assigned.accountId) };
	}

	/** Every file of the instance that holds the text, in whatever encoding. */
	async function filesWith(dir: string, text: string): Promise<string[]> {
		const entries = await readdir(dir, { recursive: true, withFileTypes: true });
		const found: string[] = [];
		for (const entry of entries.filter((each) => each.isFile())) {
			const content = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
			if (decodeText(content).includes(text) || content.includes(Buffer.from(text, 'utf16le')))
				found.push(entry.name);
		}
		return found;
	}

	it('C3: is a start of its own, after which no file holds the password and the bridge comes', async () => {
		const { accountId, password, dir } = await assignedTo();
		rig.startAgent();
		await rig.web.state(accountId, 'the login', ({ connection }) => connection === 'connected');
		const launches = rig.log.filter((line) => line.includes('terminal launched'));
		expect(launches.map((line) => JSON.parse(line).withPassword)).toEqual([true, false]);
		expect(await filesWith(dir, password)).toEqual([]);
		expect(decodeText(await readFile(join(dir, 'launch.ini')))).toContain('QuintetBridge');
	});

	it('C3: leaves neither terminal nor password when the agent ends in the middle of it', async () => {
		const { accountId, password, dir } = await assignedTo({ '*': { '*': { loginDelayMs: 60_000 } } });
		rig.startAgent();
		await waitFor('the first start', () => rig.processOf(accountId));
		expect(await filesWith(dir, password)).toEqual(['start.ini']);
		await rig.stopAgent();
		expect(await rig.processOf(accountId)).toBeNull();
		expect(await filesWith(dir, password)).toEqual([]);
	});

	it('C3: that an agent was killed in is cleared away by the next one, which logs in anew', async () => {
		const { accountId, accountNumber, serverName, password, dir } = await assignedTo();
		const progress = { onStage: () => {}, signal: new AbortController().signal };
		await rig.terminal.install(dir, { broker: 'x', server: serverName }, progress);
		const values = { login: accountNumber, server: serverName, password, isAlgoTradingOn: false };
		const path = await writeStartIni(dir, values);
		const left = await rig.terminal.launcher.launch(dir, ['/portable', `/config:${path}`]);
		rig.startAgent();
		await rig.web.state(accountId, 'the login', ({ connection }) => connection === 'connected');
		expect(await rig.terminal.launcher.isAlive(left)).toBe(false);
		expect(await filesWith(dir, password)).toEqual([]);
	});
});
