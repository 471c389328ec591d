/** E7: traders upload their EA, deploy it to accounts, and see what each terminal really has. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExpertAccountView, ExpertListView, ExpertView } from '#lib/domain/expertViews.ts';
import { FILE_PART_BYTES, MOST_EX5_BYTES } from '#lib/domain/limits.ts';
import type { AccountView, CommandView } from '#lib/domain/views.ts';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import { RealAgents } from '../../security/realAgents.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene, type Scene } from '../../support/scene.ts';
import { enrolAgent, ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const PATH = '/api/user/experts';
const CAPABLE = { capabilities: ['release', 'expert-files'] };
const sha256Of = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
/** Begins as no text does. */
const someEx5 = (bytes = 1_000): Buffer =>
	Buffer.concat([Buffer.from([0x45, 0x58, 0, 1]), randomBytes(bytes - 4)]);
const upload = (ex5: Buffer, more: Record<string, unknown> = {}) => ({
	name: 'Grid v2',
	ex5: ex5.toString('base64'),
	...more
});
const setFile = (text: string, name = 'grid.set') => ({
	name,
	content: Buffer.from(text).toString('base64')
});

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

async function uploaded(
	trader: ApiClient,
	ex5: Buffer,
	more: Record<string, unknown> = {}
): Promise<ExpertView> {
	const answer = await trader.send<ExpertView>('POST', PATH, upload(ex5, more));
	expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
	return answer.body;
}

const deploy = (trader: ApiClient, expert: ExpertView, ...accountIds: string[]) =>
	trader.send<ExpertListView>('POST', `${PATH}/${expert.id}/deploy`, { accountIds });

async function accountOf(trader: ApiClient, accountId: string): Promise<ExpertAccountView> {
	const { accounts } = (await trader.get<ExpertListView>(PATH)).body;
	const found = accounts.find(({ id }) => id === accountId);
	if (!found) throw new Error('the account is not in the list');
	return found;
}

describe('E7: uploading', () => {
	let trader: ApiClient;
	beforeAll(async () => {
		trader = new ApiClient(web.origin);
		await trader.register('uploads@example.test');
	});

	it('keeps a version by the digest of its file, and never says the bytes', async () => {
		const ex5 = someEx5();
		const expert = await uploaded(trader, ex5, { set: setFile('Lots=0.1||0||0||0||N\n; note\nMode=2\n') });
		expect(expert).toEqual({
			id: expert.id,
			name: 'Grid v2',
			sha256: sha256Of(ex5),
			bytes: ex5.length,
			set: { name: 'grid.set', inputs: 2 },
			createdAt: expect.any(String),
			accountIds: []
		});
		const list = (await trader.get<ExpertListView>(PATH)).body;
		expect(list.experts).toEqual([expert]);
		expect(JSON.stringify(list)).not.toContain(ex5.toString('base64').slice(0, 40));
		const [line] = await query<{ detail: object }>(
			web.databaseUrl,
			`SELECT detail FROM "AuditLog" WHERE action = 'expert.upload' AND "targetId" = $1`,
			[expert.id]
		);
		expect(line?.detail).toEqual({ name: 'Grid v2', sha256: sha256Of(ex5), inputs: 2 });
	});

	it('the same file is one version, with other inputs another', async () => {
		const ex5 = someEx5();
		await uploaded(trader, ex5, { name: 'Once' });
		expect(await trader.refusal('POST', PATH, upload(ex5, { name: 'Twice' }))).toMatchObject({
			status: 409,
			code: 'EXPERT_EXISTS',
			error: { message: expect.stringContaining('as Once') }
		});
		await uploaded(trader, ex5, { set: setFile('Lots=0.2\n') });
	});

	it('takes one as large as may be, which no other route does', async () => {
		await uploaded(trader, someEx5(MOST_EX5_BYTES));
		expect(await trader.refusal('POST', PATH, upload(someEx5(MOST_EX5_BYTES + 1)))).toMatchObject({
			status: 400,
			error: { fields: { ex5: expect.stringContaining('2 MiB') } }
		});
		expect((await trader.refusal('POST', PATH, upload(someEx5(3 * 1024 * 1024)))).status).toBe(413);
		const large = { name: 'x'.repeat(100_000) };
		expect(await trader.refusal('POST', '/api/user/mt5-accounts', large)).toMatchObject({ status: 413 });
		expect((await trader.refusal('POST', `${PATH}/${randomUUID()}/deploy`, large)).status).toBe(413);
	});

	it.each([
		['a source', { ex5: Buffer.from('void OnTick() {}').toString('base64') }, 'ex5'],
		['a program', { ex5: Buffer.from('MZ\0\0').toString('base64') }, 'ex5'],
		['an empty file', { ex5: '' }, 'ex5'],
		['what is not base64', { ex5: '####' }, 'ex5'],
		['a path as its name', { name: '..\\..\\evil' }, 'name'],
		['a device as its name', { name: 'NUL' }, 'name'],
		['a .set with a line that is none', { set: setFile('Lots=1\n<expert>\n') }, 'set'],
		['a .set by another name', { set: setFile('Lots=1\n', 'grid.txt') }, 'set.name']
	])('refuses %s, with a sentence at the field', async (_what, change, field) => {
		const refusal = await trader.refusal('POST', PATH, { ...upload(someEx5()), ...change });
		expect([refusal.status, Object.keys(refusal.error?.fields ?? {})]).toEqual([400, [field]]);
	});

	it('has a bound, and room again when one is deleted', async () => {
		const other = new ApiClient(web.origin);
		await other.register('many@example.test');
		const first = await uploaded(other, someEx5(10));
		await Promise.all(Array.from({ length: 39 }, () => uploaded(other, someEx5(10))));
		expect((await other.refusal('POST', PATH, upload(someEx5(10)))).code).toBe('EXPERT_LIMIT');
		expect((await other.send('DELETE', `${PATH}/${first.id}`)).status).toBe(204);
		await uploaded(other, someEx5(10));
	});
});

describe('E7: deploying', () => {
	const wantedBy = async ({ agent }: Scene, accountId: string, sha256: string) =>
		(
			await agent.next('sync', ({ accounts }) =>
				accounts.some((each) => each.accountId === accountId && each.settings.expert.file?.sha256 === sha256)
			)
		).accounts[0]?.settings.expert;

	/** As its agent reports it. */
	const report = (
		{ agent }: Scene,
		accountId: string,
		expertFile?: { path: string; sha256: string | null }
	) => agent.report(accountId, { ...(expertFile && { expertFile }) });

	it('tells the agents at once, and the next Start carries it', async () => {
		const scene = await arrangeScene(web, 2, CAPABLE);
		const { trader, agent } = scene;
		agent.answerEverything();
		const [one = '', two = ''] = scene.accounts.map(({ id }) => id);
		const ex5 = someEx5();
		const expert = await uploaded(trader, ex5, { set: setFile('Lots=0.1\n') });
		const list = await deploy(trader, expert, one);
		expect([list.status, list.body.experts[0]?.accountIds]).toEqual([200, [one]]);
		const path = `Quintet\\Uploads\\Grid v2-${expert.sha256.slice(0, 12)}`;
		const file = {
			sha256: expert.sha256,
			bytes: ex5.length,
			inputs: { sha256: sha256Of('Lots=0.1\n'), bytes: 9 }
		};
		expect(await wantedBy(scene, one, expert.sha256)).toMatchObject({ path, file });
		await trader.command('start_ea');
		const commands = agent.framesOf('command');
		expect(commands.find(({ accountId }) => accountId === one)?.settings.expert).toMatchObject({
			path,
			file
		});
		expect(commands.find(({ accountId }) => accountId === two)?.settings.expert.file).toBeUndefined();
	});

	it('says what was seen in each terminal, and nothing else', async () => {
		const scene = await arrangeScene(web, 2, CAPABLE);
		const { trader, agent } = scene;
		const [one = '', two = ''] = scene.accounts.map(({ id }) => id);
		const expert = await uploaded(trader, someEx5());
		await deploy(trader, expert, one);
		expect(await accountOf(trader, one)).toMatchObject({
			place: 'unknown',
			seenSha256: null,
			obstacle: null
		});
		expect(await accountOf(trader, two)).toMatchObject({ place: null, expertId: null });
		const { path } = await accountOf(trader, one);
		const seenAs = (place: string) =>
			waitFor(place, async () => (await accountOf(trader, one)).place === place);
		report(scene, one, { path, sha256: null });
		await seenAs('missing');
		report(scene, one, { path, sha256: expert.sha256 });
		await seenAs('same');
		report(scene, one, { path, sha256: 'f'.repeat(64) });
		await seenAs('other');
		// Of another place, or of an agent that does not say: nothing is known of this one.
		report(scene, one, { path: 'Quintet\\Uploads\\Old-000000000000', sha256: expert.sha256 });
		await seenAs('unknown');
		report(scene, one, { path, sha256: expert.sha256 });
		await seenAs('same');
		agent.drop();
		await waitFor('nothing to be claimed', async () => {
			const { place, obstacle, seenSha256 } = await accountOf(trader, one);
			return place === 'unknown' && obstacle === 'agent_away' && seenSha256 === null;
		});
	});

	it('an older agent: the page says so, and a Start is refused by its name instead of pretending', async () => {
		const scene = await arrangeScene(web, 1);
		const { trader, agent } = scene;
		const id = scene.accounts[0]?.id ?? '';
		await deploy(trader, await uploaded(trader, someEx5()), id);
		expect(await accountOf(trader, id)).toMatchObject({ place: 'unknown', obstacle: 'agent_too_old' });
		const { body } = await trader.command('start_ea');
		expect(body.accounts[0]).toMatchObject({ status: 'failed', errorCode: 'agent_too_old' });
		expect(agent.framesOf('command')).toEqual([]);
		agent.answerEverything();
		expect((await trader.command('stop_ea')).body.accounts[0]?.status).toBe('success');
	});

	it('a real account needs the password anew; a demo one does not', async () => {
		const { trader, accounts } = await arrangeScene(web, 1, CAPABLE);
		const id = accounts[0]?.id ?? '';
		const expert = await uploaded(trader, someEx5());
		await trader.send('PATCH', `/api/user/mt5-accounts/${id}`, { kind: 'REAL' });
		await query(web.databaseUrl, `UPDATE "Session" SET "confirmedAt" = now() - interval '11 minutes'`);
		const at = `${PATH}/${expert.id}/deploy`;
		expect((await trader.refusal('POST', at, { accountIds: [id] })).code).toBe('STEP_UP_REQUIRED');
		expect((await accountOf(trader, id)).expertId).toBeNull();
		await trader.confirm();
		expect((await deploy(trader, expert, id)).status).toBe(200);
	});

	it('another EA named in the settings takes its place; the same path changes nothing', async () => {
		const { trader, accounts } = await arrangeScene(web, 1, CAPABLE);
		const id = accounts[0]?.id ?? '';
		const expert = await uploaded(trader, someEx5());
		await deploy(trader, expert, id);
		const { path } = await accountOf(trader, id);
		const patch = (to: string) =>
			trader.send<AccountView>('PATCH', `/api/user/mt5-accounts/${id}`, { expert: { path: to } });
		expect((await patch(path)).body.settings.expert.file?.sha256).toBe(expert.sha256);
		expect(await trader.refusal('DELETE', `${PATH}/${expert.id}`)).toMatchObject({
			status: 409,
			code: 'EXPERT_IN_USE',
			error: { message: expect.stringContaining(accounts[0]?.name ?? '') }
		});
		expect((await patch('Quintet\\EATemplate')).body.settings.expert.file).toBeUndefined();
		expect((await accountOf(trader, id)).place).toBeNull();
		expect((await trader.send('DELETE', `${PATH}/${expert.id}`)).status).toBe(204);
	});

	it('other people’s EAs and accounts do not exist', async () => {
		const [mine, theirs] = [await arrangeScene(web, 1, CAPABLE), await arrangeScene(web, 1, CAPABLE)];
		const own = await uploaded(mine.trader, someEx5());
		const foreign = await uploaded(theirs.trader, someEx5());
		const [ownId = '', foreignId = ''] = [mine.accounts[0]?.id, theirs.accounts[0]?.id];
		for (const [expert, accountIds] of [
			[foreign, [ownId]],
			[own, [foreignId]],
			[own, [ownId, foreignId]]
		] as const)
			expect((await deploy(mine.trader, expert, ...accountIds)).status).toBe(404);
		expect((await mine.trader.send('DELETE', `${PATH}/${foreign.id}`)).status).toBe(404);
		expect((await accountOf(mine.trader, ownId)).expertId).toBeNull();
		expect((await theirs.trader.get<ExpertListView>(PATH)).body.experts).toHaveLength(1);
	});
});

describe('E7: what an agent may fetch', () => {
	type Question = Partial<Omit<AgentFrames['expert_wanted'], 'v' | 'id' | 'type'>>;

	async function deployed() {
		const scene = await arrangeScene(web, 1, CAPABLE);
		const accountId = scene.accounts[0]?.id ?? '';
		const ex5 = someEx5(FILE_PART_BYTES + 10);
		const expert = await uploaded(scene.trader, ex5, { set: setFile('Lots=0.1\n') });
		await deploy(scene.trader, expert, accountId);
		const ask = (agent: ScriptedAgent, change: Question = {}) =>
			agent.send({ type: 'expert_wanted', accountId, epoch: 1, sha256: expert.sha256, offset: 0, ...change });
		return { ...scene, accountId, ex5, expert, ask };
	}

	it('the file that its account is to run, and its inputs, part by part', async () => {
		const { agent, ask, ex5, expert } = await deployed();
		ask(agent);
		const first = await agent.next('expert_part', ({ offset }) => offset === 0);
		ask(agent, { offset: FILE_PART_BYTES });
		const rest = await agent.next('expert_part', ({ offset }) => offset === FILE_PART_BYTES);
		const parts = [first, rest].map(({ base64 }) => Buffer.from(base64 ?? '', 'base64'));
		expect(parts.map(({ length }) => length)).toEqual([FILE_PART_BYTES, 10]);
		expect(sha256Of(Buffer.concat(parts))).toBe(expert.sha256);
		expect(Buffer.concat(parts)).toEqual(ex5);
		const inputs = sha256Of('Lots=0.1\n');
		ask(agent, { sha256: inputs });
		const { base64 } = await agent.next('expert_part', ({ sha256 }) => sha256 === inputs);
		expect(Buffer.from(base64 ?? '', 'base64').toString()).toBe('Lots=0.1\n');
		ask(agent, { offset: 10 * FILE_PART_BYTES });
		expect((await agent.next('expert_part', ({ offset }) => offset > FILE_PART_BYTES)).base64).toBe('');
	});

	it('no file that the account is not to run, or not any more', async () => {
		const { trader, agent, ask, accountId, expert } = await deployed();
		const other = await uploaded(trader, someEx5());
		ask(agent, { sha256: other.sha256 });
		expect((await agent.next('expert_part', ({ sha256 }) => sha256 === other.sha256)).base64).toBeNull();
		await deploy(trader, other, accountId);
		ask(agent);
		expect((await agent.next('expert_part', ({ sha256 }) => sha256 === expert.sha256)).base64).toBeNull();
	});

	it('nothing of an account of another agent, or of another epoch', async () => {
		const { trader, agent, ask, expert } = await deployed();
		const stranger = await ScriptedAgent.connect(
			await enrolAgent(trader, web.databaseUrl, { ...CAPABLE, capacity: 1, name: 'stranger' })
		);
		ask(stranger);
		ask(agent, { epoch: 2 });
		await waitFor('both to be noted', async () => {
			const lines = await query(
				web.databaseUrl,
				`SELECT 1 FROM "SystemLog" WHERE detail->>'code' = 'foreign_account'`
			);
			return lines.length >= 2;
		});
		// What is answered afterwards was asked afterwards: nothing of the questions before it is under way.
		ask(agent);
		await agent.next('expert_part', ({ sha256 }) => sha256 === expert.sha256);
		expect(agent.framesOf('expert_part')).toHaveLength(1);
		expect(stranger.framesOf('expert_part')).toEqual([]);
	});
});

describe('E7: from the upload to the chart, with a real agent', () => {
	it('a Start runs the uploaded file; the server restarts in the middle of the fetching', async () => {
		const own = await startWebServer();
		const agents = await RealAgents.on(own);
		try {
			const { state } = await agents.enrol('pool');
			const trader = agents.operator;
			const { id } = await trader.addAccount('500001', {
				password: 'right-password',
				serverName: 'Quintet-Demo'
			});
			await trader.enable(id);
			await agents.start(state, { filePartMs: 300, expertAgainMs: 300 });
			const seen = (what: string, isThere: (account: ExpertAccountView) => boolean) =>
				waitFor(what, async () => isThere(await accountOf(trader, id)), { timeoutMs: 60_000 });
			await waitFor(
				'the login',
				async () => (await trader.accounts()).accounts[0]?.connection === 'connected',
				{
					timeoutMs: 60_000
				}
			);
			const expert = await uploaded(trader, someEx5(MOST_EX5_BYTES));
			await deploy(trader, expert, id);
			await own.restart('SIGKILL');
			await seen('the same file', ({ place }) => place === 'same');
			await waitFor(
				'the agent to be back',
				async () => (await trader.accounts()).accounts[0]?.connection === 'connected'
			);
			const { body } = await trader.send<CommandView>('POST', '/api/user/ea/command', {
				command: 'start_ea'
			});
			expect(body.accounts[0]).toMatchObject({ status: 'success' });
			await seen('it on the chart', ({ isLoaded }) => isLoaded === true);
			expect((await trader.command('stop_ea')).body.accounts[0]?.status).toBe('success');
		} finally {
			await agents.end();
			await own.stop();
		}
	}, 180_000);
});
