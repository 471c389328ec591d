/** E7 on the agent's side: an uploaded EA comes over the line, into the terminal, and onto the chart. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { uploadedPath } from '#lib/domain/expertFile.ts';
import { FILE_PART_BYTES } from '#lib/domain/limits.ts';
import { START_STAGES } from '../../../agent/src/supervisor/startEa.ts';
import { parseTemplate } from '../../../agent/src/terminal/templateText.ts';
import { replaceFile } from '../../../agent/src/terminal/replaceFile.ts';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount, SETTINGS, type FakeAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const EX5 = Buffer.from(Array.from({ length: 2 * FILE_PART_BYTES + 100 }, (_, i) => (i * 7) % 253));
const INPUTS = Buffer.from('Lots=0.30\nQuintetMagic=1\nInpComment=grid; night\n');

const settingsWith = (ex5: Buffer, inputs: Buffer | null = INPUTS): FakeAccount['settings'] => {
	const sha256 = sha256Of(ex5);
	return {
		...SETTINGS,
		expert: {
			...SETTINGS.expert,
			path: uploadedPath('Grid', sha256),
			file: {
				sha256,
				bytes: ex5.length,
				inputs: inputs && { sha256: sha256Of(inputs), bytes: inputs.length }
			}
		}
	};
};

describe('E7: an uploaded EA', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function connected(
		settings: FakeAccount['settings'],
		{ gives = [EX5, INPUTS], timings }: { gives?: Buffer[]; timings?: AgentRigOptions['timings'] } = {}
	) {
		rig = await AgentRig.create({
			// Nothing is asked for again because its answer was slow.
			timings: { filePartMs: 600_000, expertAgainMs: 300, ...timings },
			brokers: { '*': { '*': { eaOpenEveryMs: 0 } } }
		});
		rig.web.capabilities = ['expert-files'];
		for (const content of gives) rig.web.files.set(sha256Of(content), content);
		const account = assignedAccount({ settings });
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.state(account.accountId, 'connected', ({ connection }) => connection === 'connected');
		return account;
	}

	const placeOf = (accountId: string, { expert }: FakeAccount['settings']): string =>
		`${join(rig.dirOf(accountId), 'MQL5', 'Experts', ...expert.path.split('\\'))}.ex5`;

	const seen = (accountId: string, sha256: string | null) =>
		rig.web.state(accountId, `${sha256} in its place`, ({ expertFile }) => expertFile?.sha256 === sha256);

	async function templateOf(accountId: string, generation: number) {
		const folder = join(rig.dirOf(accountId), 'MQL5', 'Files', 'quintet', 'tpl');
		return parseTemplate(await readFile(join(folder, `ea-${generation}.tpl`)));
	}

	it('is announced, fetched as soon as it is known, and told by the digest that was read back', async () => {
		const settings = settingsWith(EX5);
		const { accountId } = await connected(settings);
		expect(rig.web.framesOf('hello')[0]?.capabilities).toContain('expert-files');
		const { expertFile } = await seen(accountId, sha256Of(EX5));
		expect(expertFile?.path).toBe(settings.expert.path);
		expect(await readFile(placeOf(accountId, settings))).toEqual(EX5);
		expect(rig.web.framesOf('expert_wanted').map(({ offset }) => offset)).toEqual([
			0,
			FILE_PART_BYTES,
			2 * FILE_PART_BYTES
		]);
	});

	it('is what a Start loads, with its inputs beside ours; ours win', async () => {
		const settings = settingsWith(EX5);
		const { accountId } = await connected(settings);
		const { commandId, generation } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success', eaStatus: 'running' });
		const template = await templateOf(accountId, generation);
		expect(template?.expert?.get('path')).toBe(`Experts\\${settings.expert.path}.ex5`);
		expect(template?.inputs.get('Lots')).toBe('0.30');
		expect(template?.inputs.get('InpComment')).toBe('grid; night');
		expect(template?.inputs.get('QuintetMagic')).toBe(String(SETTINGS.expert.magic));
		await rig.web.state(
			accountId,
			'running',
			({ algo, ladder }) => algo === 'running' && ladder.settings === 'yes'
		);
	});

	it('another version takes the place of none, and is not loaded before the next Start', async () => {
		const first = settingsWith(EX5);
		const account = await connected(first);
		const { accountId } = account;
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		const newer = Buffer.concat([EX5, Buffer.from([1])]);
		rig.web.files.set(sha256Of(newer), newer);
		const present = rig.web.accounts.get(accountId) ?? account;
		rig.web.assign({ ...present, settings: settingsWith(newer) });
		const state = await seen(accountId, sha256Of(newer));
		// Both are there; the chart runs the one that was started, and the ladder says that it is not the wanted one.
		expect(await readFile(placeOf(accountId, first))).toEqual(EX5);
		await rig.web.state(accountId, 'older settings', ({ ladder }) => ladder.settings === 'no');
		expect(state.algo).not.toBe('stopped');
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		await rig.web.state(accountId, 'the newer one', ({ algo }) => algo === 'running');
	});

	it('a file that is another than its digest says is put nowhere, and the Start fails with a stage of its own', async () => {
		const settings = settingsWith(EX5, null);
		const forged = Buffer.from(EX5).fill(9, 100, 200);
		const { accountId } = await connected(settings, { gives: [] });
		rig.web.files.set(sha256Of(EX5), forged);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'expert_file',
			error: expect.stringContaining('another file')
		});
		expect(await readdir(dirname(placeOf(accountId, settings))).catch(() => [])).toEqual([]);
		await seen(accountId, null);
	});

	it.each([
		['refuses it', true, 'no such file'],
		['does not answer', false, 'in time']
	])('a server that %s: the Start says so, and the algo stays stopped', async (_what, answers, words) => {
		const { accountId } = await connected(settingsWith(EX5), { gives: [], timings: { expertMs: 3_000 } });
		rig.web.onExpertWanted = () => answers;
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'expert_file',
			error: expect.stringContaining(words)
		});
		await rig.web.state(accountId, 'stopped', ({ algo }) => algo === 'stopped');
	});

	it('a Start that has to wait for it says so', async () => {
		const { accountId } = await connected(settingsWith(EX5), { gives: [] });
		rig.web.onExpertWanted = () => false;
		rig.web.command(accountId, 'start_ea');
		await waitFor('the stage', () =>
			rig.web.framesOf('progress').some(({ stage }) => stage === START_STAGES.file)
		);
	});

	it('a server that gives no files is not asked', async () => {
		rig = await AgentRig.create({ timings: { expertMs: 500 } });
		const account = assignedAccount({ settings: settingsWith(EX5) });
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.state(account.accountId, 'connected', ({ connection }) => connection === 'connected');
		const { commandId } = rig.web.command(account.accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ errorCode: 'expert_file' });
		expect(rig.web.framesOf('expert_wanted')).toEqual([]);
	});

	it('a line that ends in the middle: the rest comes over the next one', async () => {
		rig = await AgentRig.create({ timings: { filePartMs: 300 } });
		rig.web.capabilities = ['expert-files'];
		for (const content of [EX5, INPUTS]) rig.web.files.set(sha256Of(content), content);
		let isCut = false;
		rig.web.onExpertWanted = ({ offset }) => {
			if (isCut || offset === 0) return true;
			isCut = true;
			rig.web.cut();
			return false;
		};
		const account = assignedAccount({ settings: settingsWith(EX5) });
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await seen(account.accountId, sha256Of(EX5));
		expect(isCut).toBe(true);
		expect(rig.web.connSeq).toBeGreaterThan(1);
	});

	it('an agent that begins anew has it still, and brings the EA back without the server', async () => {
		const settings = settingsWith(EX5);
		const { accountId } = await connected(settings);
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		await rig.stopAgent();
		rig.web.onExpertWanted = () => false;
		const asked = rig.web.framesOf('expert_wanted').length;
		const terminal = await rig.processOf(accountId);
		if (terminal) await rig.terminal.launcher.kill(terminal);
		await rm(placeOf(accountId, settings));
		rig.web.states.clear();
		rig.startAgent();
		await rig.web.state(
			accountId,
			'running again',
			({ algo, expertFile }) => algo === 'running' && expertFile?.sha256 === sha256Of(EX5)
		);
		expect(rig.web.framesOf('expert_wanted')).toHaveLength(asked);
	});

	it('another file in its place is told, fails the ladder’s rung, and is replaced by the next Start', async () => {
		const settings = settingsWith(EX5);
		const { accountId } = await connected(settings);
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		const changed = Buffer.from('changed by hand');
		// At once: half of it would be another difference.
		await replaceFile(placeOf(accountId, settings), changed);
		const state = await rig.web.state(accountId, 'the difference', ({ ladder }) => ladder.settings === 'no');
		expect(state.expertFile?.sha256).toBe(sha256Of(changed));
		expect(state.fault).toMatchObject({
			code: 'expert_differs',
			remedy: expect.stringContaining('Start Algo')
		});
		expect(await rig.web.result(rig.web.command(accountId, 'start_ea').commandId)).toMatchObject({
			outcome: 'success'
		});
		expect(await readFile(placeOf(accountId, settings))).toEqual(EX5);
		await rig.web.state(accountId, 'all well', ({ algo, fault }) => algo === 'running' && fault === null);
	});

	it('what no account wants any more is forgotten when the agent begins', async () => {
		const { accountId } = await connected(settingsWith(EX5, null));
		await seen(accountId, sha256Of(EX5));
		await rig.stopAgent();
		await mkdir(rig.state.uploads, { recursive: true });
		await writeFile(join(rig.state.uploads, 'f'.repeat(64)), 'old');
		rig.startAgent();
		await waitFor('the old one to go', async () => {
			const names = await readdir(rig.state.uploads);
			return names.length === 1 && names[0] === sha256Of(EX5);
		});
	});
});
