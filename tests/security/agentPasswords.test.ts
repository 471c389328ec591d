/** X18: MT5 passwords are sealed to the one agent that needs them; the server keeps what it cannot open. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seal, sealedParts, type SealOwner, type SealRecipient } from '#lib/protocol/seal.ts';
import { openSealed } from '#lib/protocol/sealNode.ts';
import type { AccountView } from '#lib/domain/views.ts';
import { passwordOwner } from '#lib/server/accounts/passwordOwner.ts';
import { renewPasswords } from '#lib/server/accounts/renewPasswords.ts';
import { createSecretBox, readKeyFile } from '#lib/server/crypto/secretBox.ts';
import { openDatabase } from '#lib/server/db.ts';
import { createLogger } from '#lib/server/logger.ts';
import { AgentRig } from '../support/agentRig.ts';
import { query } from '../support/database.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { arrangeScene } from '../support/scene.ts';
import { enrolAgent, ScriptedAgent, type EnrolledAgent } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

const CANARY = 'canary-4f0c77';
const stored = async (web: WebServer, accountId: string) => {
	const [row] = await query<{ sealedPassword: string | null } & Omit<SealOwner, 'agentId'>>(
		web.databaseUrl,
		`SELECT id AS "accountId", "userId", "accountNumber", "serverName", "sealedPassword"
		 FROM "Mt5Account" WHERE id = $1`,
		[accountId]
	);
	if (!row) throw new Error('no such account');
	return row;
};

/** Everything that is in the database, as text. */
async function dump(web: WebServer): Promise<string> {
	const tables = await query<{ name: string }>(
		web.databaseUrl,
		`SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`
	);
	const texts = await Promise.all(
		tables.map(({ name }) =>
			query<{ text: string }>(web.databaseUrl, `SELECT t::text AS text FROM ${name} t`)
		)
	);
	return texts
		.flat()
		.map(({ text }) => text)
		.join('\n');
}

type Stored = Awaited<ReturnType<typeof stored>>;
const openFor = ({ agentId, sealKey }: EnrolledAgent, row: Stored): string =>
	openSealed(row.sealedPassword ?? '', { ...row, agentId }, [sealKey]);
const login = (accountNumber: string, serverName = 'Test-Demo') => ({ accountNumber, serverName });

describe('sealed to the agent (the default)', () => {
	let web: WebServer;
	beforeAll(async () => {
		web = await startWebServer();
	});
	afterAll(() => web.stop());

	it('keeps only what the agent can open; neither database nor log has the password', async () => {
		const { trader, enrolled, agent } = await arrangeScene(web, 0);
		const account = await trader.addAccount('1', { password: CANARY });
		const row = await stored(web, account.id);
		expect(openFor(enrolled, row)).toBe(CANARY);
		const { userId, sealedPassword } = row;
		// It may be given the account a moment before its password is there.
		const sync = await agent.next('sync', ({ accounts }) => accounts.some((each) => each.sealedPassword));
		expect(sync.accounts[0]).toMatchObject({ accountId: account.id, userId, sealedPassword });
		expect(account.needsPassword).toBe(false);
		expect(await dump(web)).not.toContain(CANARY);
		expect(web.log()).not.toContain(CANARY);
		agent.drop();
	});

	it('takes what a browser sealed, for a new account and for an existing one', async () => {
		const { trader, enrolled, agent } = await arrangeScene(web, 0);
		const { target } = (await trader.get<{ target: SealRecipient }>('/api/user/mt5-accounts/seal-target'))
			.body;
		expect(target).toMatchObject({ agentId: enrolled.agentId });
		const body = { accountNumber: '2', broker: 'B', serverName: 'Test-Demo' };
		const sealed = { accountId: target.accountId, text: await seal(CANARY, { ...target, ...login('2') }) };
		const answer = await trader.send<AccountView>('POST', '/api/user/mt5-accounts', { ...body, sealed });
		expect(answer).toMatchObject({ status: 201, body: { id: target.accountId, needsPassword: false } });
		expect(answer.body.agent?.id).toBe(enrolled.agentId);
		expect(openFor(enrolled, await stored(web, target.accountId))).toBe(CANARY);

		await trader.confirm();
		const path = `/api/user/mt5-accounts/${target.accountId}`;
		const again = (await trader.get<{ target: SealRecipient }>(`${path}/seal-target`)).body.target;
		expect(again).toMatchObject({ accountId: target.accountId, agentId: enrolled.agentId });
		const patch = { sealed: await seal('another-password', { ...again, ...login('2') }) };
		expect((await trader.send('PATCH', path, patch)).status).toBe(200);
		expect(openFor(enrolled, await stored(web, target.accountId))).toBe('another-password');
		const both = { ...body, accountNumber: '3', password: 'x', sealed };
		expect(await trader.refusal('POST', '/api/user/mt5-accounts', both)).toMatchObject({ status: 400 });
		agent.drop();
	});

	it('refuses what is sealed for another agent, an old key, or one that is not approved', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		const waiting = await enrolAgent(trader, web.databaseUrl, { isApproved: false, name: 'waits' });
		await trader.confirm();
		const path = `/api/user/mt5-accounts/${accounts[0]?.id}`;
		const { target } = (await trader.get<{ target: SealRecipient }>(`${path}/seal-target`)).body;
		const before = await stored(web, accounts[0]?.id ?? '');
		const stranger = Buffer.from(randomBytes(32)).toString('base64url');
		for (const change of [{ agentId: waiting.agentId }, { sealKey: stranger }]) {
			const patch = { sealed: await seal('x', { ...target, ...login('1001'), ...change }) };
			expect(await trader.refusal('PATCH', path, patch)).toMatchObject({
				status: 409,
				code: 'AGENT_CHANGED'
			});
		}
		expect(await trader.refusal('PATCH', path, { sealed: 'x2.nonsense' })).toMatchObject({ status: 400 });
		expect(await stored(web, accounts[0]?.id ?? '')).toEqual(before);
		const sealed = {
			accountId: target.accountId,
			text: await seal('x', { ...target, ...login('77'), sealKey: stranger })
		};
		const body = { accountNumber: '77', broker: 'B', serverName: 'Test-Demo', sealed };
		expect(await trader.refusal('POST', '/api/user/mt5-accounts', body)).toMatchObject({
			code: 'AGENT_CHANGED'
		});
		expect(enrolled.agentId).toBe(target.agentId);
		agent.drop();
	});

	it('asks for the password again when the account moved to another agent, and sends none meanwhile', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const [account] = accounts;
		if (!account) throw new Error('no account');
		const other = await enrolAgent(trader, web.databaseUrl, { name: 'other' });
		await query(
			web.databaseUrl,
			'UPDATE "Mt5AccountAssignment" SET "agentId" = $1, epoch = epoch + 1 WHERE "accountId" = $2',
			[other.agentId, account.id]
		);
		const moved = await ScriptedAgent.connect(other);
		const sync = await moved.next('sync', (frame) => frame.accounts.length > 0);
		expect(sync).toMatchObject({ isFull: true, accounts: [{ accountId: account.id, sealedPassword: null }] });
		expect((await trader.accounts()).accounts[0]).toMatchObject({ needsPassword: true });
		await trader.confirm();
		const path = `/api/user/mt5-accounts/${account.id}`;
		expect((await trader.send('PATCH', path, { password: CANARY })).status).toBe(200);
		expect(openFor(other, await stored(web, account.id))).toBe(CANARY);
		expect((await trader.accounts()).accounts[0]).toMatchObject({ needsPassword: false });
		agent.drop();
		moved.drop();
	});

	it('asks for the password again when the broker server changes, and keeps none that is for another', async () => {
		const { trader, enrolled, agent, accounts } = await arrangeScene(web, 1);
		const [account] = accounts;
		if (!account) throw new Error('no account');
		const path = `/api/user/mt5-accounts/${account.id}`;
		await trader.confirm();
		const refusal = await trader.refusal('PATCH', path, { serverName: 'Test-Live' });
		expect(refusal).toMatchObject({ status: 400, code: 'VALIDATION' });
		expect(refusal.error.fields?.password).toMatch(/Enter the password again.*Test-Demo/);
		expect(openFor(enrolled, await stored(web, account.id))).toBe(`secret-${account.accountNumber}`);

		// In clear and sealed by the browser: either is bound to the new server.
		expect((await trader.send('PATCH', path, { serverName: 'Test-Live', password: CANARY })).status).toBe(
			200
		);
		const row = await stored(web, account.id);
		expect(row.serverName).toBe('Test-Live');
		expect(openFor(enrolled, row)).toBe(CANARY);
		expect(() => openFor(enrolled, { ...row, serverName: 'Test-Demo' })).toThrow();
		const { target } = (await trader.get<{ target: SealRecipient }>(`${path}/seal-target`)).body;
		const sealed = await seal('third', { ...target, ...login(account.accountNumber, 'Test-Third') });
		expect((await trader.send('PATCH', path, { serverName: 'Test-Third', sealed })).status).toBe(200);
		expect(openFor(enrolled, await stored(web, account.id))).toBe('third');
		agent.drop();
	});

	it('brings over what the server had sealed itself, as soon as an agent has the account', async () => {
		const { enrolled, agent, accounts } = await arrangeScene(web, 1);
		const [account] = accounts;
		if (!account) throw new Error('no account');
		const box = createSecretBox(new Map([['k1', randomBytes(32)]]));
		await query(web.databaseUrl, 'UPDATE "Mt5Account" SET "sealedPassword" = $1 WHERE id = $2', [
			box.seal(CANARY, passwordOwner(account)),
			account.id
		]);
		const db = openDatabase(web.databaseUrl, 2, () => undefined);
		try {
			await renewPasswords(db, box, 'agent', createLogger('silent'));
		} finally {
			await db.close();
		}
		expect(openFor(enrolled, await stored(web, account.id))).toBe(CANARY);
		agent.drop();
	});
});

describe('sealed by the server (QUINTET_CREDENTIALS=server)', () => {
	it('keeps working when accounts move and keys change, and sends only what the agent can open', async () => {
		const dir = await mkdtemp(join(tmpdir(), 'quintet-keys-'));
		const keyFile = join(dir, 'keys');
		const line = (id: string) => `${id}:${randomBytes(32).toString('base64')}\n`;
		const old = line('old');
		await writeFile(keyFile, old, { mode: 0o600 });
		const web = await startWebServer({ QUINTET_CREDENTIALS: 'server', QUINTET_KEY_FILE: keyFile });
		const db = openDatabase(web.databaseUrl, 2, () => undefined);
		try {
			const { trader, agent, accounts } = await arrangeScene(web, 2);
			const [account, twin] = accounts;
			if (!account || !twin) throw new Error('no accounts');
			expect((await stored(web, account.id)).sealedPassword).toMatch(/^v1\.old\./);
			const { target } = (await trader.get<{ target: null }>('/api/user/mt5-accounts/seal-target')).body;
			expect(target).toBeNull();
			const other = await enrolAgent(trader, web.databaseUrl, { name: 'other' });
			await query(web.databaseUrl, 'UPDATE "Mt5AccountAssignment" SET "agentId" = $1', [other.agentId]);
			const moved = await ScriptedAgent.connect(other);
			const sync = await moved.next('sync', (frame) => frame.accounts.length > 0);
			for (const row of sync.accounts) expect(openFor(other, row)).toBe(`secret-${row.accountNumber}`);

			// A new key in front: everything is brought over to it, and the old one can go.
			const next = line('new');
			await writeFile(keyFile, next + old);
			const logger = createLogger('silent');
			const both = createSecretBox(await readKeyFile(keyFile));
			expect(await renewPasswords(db, both, 'server', logger)).toBe(2);
			expect(await renewPasswords(db, both, 'server', logger)).toBe(0);
			await writeFile(keyFile, next);
			const newest = createSecretBox(await readKeyFile(keyFile));
			const text = (await stored(web, account.id)).sealedPassword ?? '';
			expect(newest.open(text, passwordOwner(account))).toBe(`secret-${account.accountNumber}`);
			// A row's text in another row or for another server is refused, and so is what the old key alone could open.
			expect(() => newest.open(text, passwordOwner(twin))).toThrow();
			expect(() => newest.open(text, passwordOwner({ ...account, serverName: 'Other-Live' }))).toThrow();
			const oldBox = createSecretBox(new Map([['old', randomBytes(32)]]));
			expect(() => oldBox.open(text, passwordOwner(account))).toThrow(/not in the key file/);
			agent.drop();
			moved.drop();
		} finally {
			await db.close();
			await web.stop();
			await rm(dir, { recursive: true, force: true });
		}
	});
});

describe('in the agent', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	it('uses no password that was sealed for another account or server; that account alone asks for it', async () => {
		rig = await AgentRig.create();
		const right = assignedAccount();
		rig.web.accounts.set(right.accountId, right);
		rig.startAgent();
		await rig.web.connected();
		await rig.web.state(right.accountId, 'logged in', ({ connection }) => connection === 'connected');
		const { sealKey } = rig.identity;
		const agentId = rig.web.session?.agentId ?? '';
		const stolen = await seal('right-password', { ...right, agentId, sealKey });
		expect(sealedParts(stolen)?.agentId).toBe(agentId);
		const wrong = assignedAccount({ sealedPassword: stolen });
		const none = assignedAccount({ sealedPassword: null });
		// Somebody who can write the database points a login that is sealed elsewhere.
		const moved = assignedAccount();
		const owner = { ...moved, agentId, sealKey };
		const toOther = {
			...moved,
			sealedPassword: await seal('right-password', { ...owner, serverName: 'Evil-Live' })
		};
		for (const account of [wrong, none, toOther]) rig.web.assign(account);
		for (const { accountId } of [wrong, none, toOther])
			await rig.web.state(
				accountId,
				'a fault that says it',
				({ fault }) => fault?.code === 'password_needed'
			);
		expect(rig.web.states.get(right.accountId)?.connection).toBe('connected');
		expect(await rig.processOf(wrong.accountId)).toBeNull();
		expect(await rig.processOf(toOther.accountId)).toBeNull();
		// Entered again, it is logged in.
		rig.web.assign({
			...wrong,
			sealedPassword: await seal('right-password', { ...wrong, agentId, sealKey })
		});
		await rig.web.state(wrong.accountId, 'logged in', ({ connection }) => connection === 'connected');
		expect(rig.log.join('')).not.toContain('right-password');
	});

	it('stops an EA whose account has lost its password', async () => {
		rig = await AgentRig.create();
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		const start = rig.web.command(account.accountId, 'start_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'success' });
		const now = rig.web.accounts.get(account.accountId) ?? account;
		rig.web.assign({ ...now, sealedPassword: null });
		const stop = rig.web.command(account.accountId, 'stop_ea');
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success', eaStatus: 'stopped' });
		await waitFor('the state', () => rig.web.states.get(account.accountId)?.algo === 'stopped');
	});
});
