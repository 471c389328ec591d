/** What holds for every address, found by walking the routes: nobody can add one and forget it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView, SessionView } from '#lib/domain/views.ts';
import type { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { signedIn, signInAgain } from './people.ts';
import { fill, hasParameter, keyOf, routeTree, type Route } from './routeTree.ts';
import { tableDump } from './tableDump.ts';

/** What may be asked for without a session. Another entry here is a decision. */
const PUBLIC = new Set([
	'GET /',
	'GET /login',
	'POST /login',
	'GET /login/code',
	'POST /login/code',
	'GET /register',
	'POST /register',
	'GET /logout',
	'POST /logout',
	'POST /api/auth/register',
	'POST /api/auth/login',
	'POST /api/auth/login/second-factor',
	'POST /api/auth/logout',
	'POST /api/theme',
	'POST /api/agents/enrol',
	'POST /api/agents/rotate',
	'GET /install.ps1',
	'GET /quintet-agent-win-x64.zip',
	'GET /healthz',
	'GET /readyz',
	'GET /metrics'
]);

const routes = routeTree();
const mutating = routes.filter(({ method }) => method !== 'GET');
let web: WebServer;
let operator: ApiClient;

beforeAll(async () => {
	web = await startWebServer({ QUINTET_ALERTS_TO_PRIVATE: 'true' });
	operator = await signedIn(web, 'operator@example.test');
});
afterAll(() => web.stop());

const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
	fetch(`${web.origin}${path}`, {
		redirect: 'manual',
		...init,
		headers: { connection: 'close', ...init.headers }
	});

it('the walk finds the routes there are', () => {
	const keys = routes.map(keyOf);
	for (const key of [
		'GET /dashboard',
		'GET /account',
		'POST /login',
		'GET /api/stream',
		'POST /api/user/ea/command',
		'DELETE /api/user/mt5-accounts/[accountId]'
	])
		expect(keys).toContain(key);
	// Every public address exists: the list holds no left-over that a later route would inherit.
	for (const key of PUBLIC) expect(keys).toContain(key);
});

describe('X21: without a session', () => {
	const guarded = routes.filter((route) => !PUBLIC.has(keyOf(route)));

	it.each(guarded.filter(({ kind }) => kind === 'api').map((route) => [keyOf(route), route] as const))(
		'%s answers 401',
		async (_key, { method, path }) => {
			const answer = await ask(fill(path, randomUUID()), { method });
			expect(answer.status).toBe(401);
			expect(await answer.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
		}
	);

	it.each(guarded.filter(({ kind }) => kind !== 'api').map((route) => [keyOf(route), route] as const))(
		'%s leads to the login, and gives no data',
		async (_key, { method, path }) => {
			const page = await ask(fill(path, randomUUID()), { method });
			expect(page.status).toBe(303);
			expect(page.headers.get('location')).toMatch(/^\/login/);
			expect(await page.text()).toBe('');
			const asData = await ask(`${fill(path, randomUUID())}/__data.json`);
			const location = expect.stringMatching(/^\/login/);
			expect(await asData.json()).toEqual({ type: 'redirect', location });
		}
	);

	it('an address of the API that does not exist answers 401 too', async () => {
		for (const path of ['/api/nothing', '/api/user/mt5-accounts/x/y'])
			expect((await ask(path)).status, path).toBe(401);
	});
});

describe('X2: a change that another site’s page sends', () => {
	const TYPES = [
		'application/json',
		'text/plain',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'application/octet-stream',
		undefined
	];
	const foreign = { origin: 'https://evil.example' };
	const SITES: [string, Record<string, string>][] = [
		['cross-site', { 'sec-fetch-site': 'cross-site', ...foreign }],
		['cross-site without Origin', { 'sec-fetch-site': 'cross-site' }],
		['cross-site with a forged Origin', { 'sec-fetch-site': 'cross-site', origin: '(ours)' }],
		['same-site', { 'sec-fetch-site': 'same-site', ...foreign }],
		['none', { 'sec-fetch-site': 'none' }],
		['missing, with a foreign Origin', foreign],
		['missing, with the Origin null', { origin: 'null' }],
		['missing, with another port’s Origin', { origin: 'http://127.0.0.1:1' }]
	];

	const send = (client: ApiClient, { method, path }: Route, headers: Record<string, string>, type?: string) =>
		ask(fill(path, randomUUID()), {
			method,
			headers: {
				cookie: client.cookie,
				...headers,
				...(headers['origin'] === '(ours)' ? { origin: web.origin } : {}),
				...(type === undefined ? {} : { 'content-type': type })
			},
			// Bytes: a string would get a content type of its own.
			body: new TextEncoder().encode('{}')
		});

	it.each(mutating.map((route) => [keyOf(route), route] as const))(
		'%s is refused as every content type from everywhere, and changes nothing',
		async (_key, route) => {
			const before = await tableDump(web.databaseUrl);
			for (const type of TYPES)
				for (const [site, headers] of SITES) {
					const answer = await send(operator, route, headers, type);
					const { error } = (await answer.json()) as { error: { code: string } };
					expect([site, type, answer.status, error.code]).toEqual([site, type, 403, 'CROSS_SITE']);
				}
			expect(await tableDump(web.databaseUrl)).toEqual(before);
		}
	);

	it.each(mutating.map((route) => [keyOf(route), route] as const))(
		'%s lets our own page through, and takes nothing but its own content type',
		async (_key, route) => {
			await signedIn(web, `own-${keyOf(route)}@example.test`.replace(/[^a-z0-9@.-]/gi, '-'));
			const client = await signInAgain(
				web,
				`own-${keyOf(route)}@example.test`.replace(/[^a-z0-9@.-]/gi, '-').toLowerCase()
			);
			const headers = { 'sec-fetch-site': 'same-origin', origin: web.origin };
			const answer = await send(client, route, headers, 'text/plain');
			expect(await answer.text()).not.toContain('CROSS_SITE');
			expect(answer.status).toBeLessThan(500);
			// A route that reads a body wants JSON; those that need none take none.
			if (route.kind === 'api') expect([204, 200, 201, 403, 404, 415]).toContain(answer.status);
		}
	);
});

describe('X3: another trader’s things', () => {
	/** Bodies that would be accepted, so that the refusal comes from the ownership alone. */
	const BODIES: Record<string, unknown> = {
		'PATCH /api/user/mt5-accounts/[accountId]': { name: 'Mine now' },
		'PATCH /api/user/mt5-accounts/[accountId]/toggle': { enabled: true },
		'POST /api/user/mt5-accounts/[accountId]/watchdog': { action: 'stop' },
		'PATCH /api/user/alerts/webhooks/[webhookId]': { kinds: ['agent_lost'] },
		'PATCH /api/agents/[agentId]': { name: 'Mine now' },
		'POST /api/agents/[agentId]/approve': { fingerprint: 'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa' }
	};
	let owner: ApiClient;
	let thief: ApiClient;
	let ids: Record<string, string>;

	beforeAll(async () => {
		owner = await signedIn(web, 'owner@example.test');
		thief = await signedIn(web, 'thief@example.test');
		const { id: own } = await thief.addAccount('8001');
		BODIES['POST /api/user/experts/[expertId]/deploy'] = { accountIds: [own] };
		const account = await owner.addAccount('8002');
		await owner.enable(account.id);
		const command = (await owner.command('pause_ea')).body;
		const { webhook } = (
			await owner.send<{ webhook: { id: string } }>('POST', '/api/user/alerts/webhooks', {
				url: 'http://127.0.0.1:9/',
				kinds: ['agent_lost']
			})
		).body;
		const { body: expert } = await owner.send<{ id: string }>('POST', '/api/user/experts', {
			name: 'Mine',
			ex5: 'RVgAAQ=='
		});
		const agentId = randomUUID();
		await query(
			web.databaseUrl,
			`INSERT INTO "Agent" (id, name, "publicKey", machine, version, capacity) VALUES ($1, 'vps', 'key', '{}', '1', 1)`,
			[agentId]
		);
		const { sessions } = (await owner.get<{ sessions: SessionView[] }>('/api/auth/sessions')).body;
		ids = {
			account: account.id,
			command: command.commandId,
			session: sessions[0]?.id ?? '',
			webhook: webhook.id,
			expert: expert.id,
			agent: agentId,
			user: (
				await query<{ id: string }>(
					web.databaseUrl,
					`SELECT id FROM "User" WHERE email = 'owner@example.test'`
				)
			)[0]?.id as string
		};
	});

	it.each(routes.filter(hasParameter).map((route) => [keyOf(route), route] as const))(
		'%s answers 404 to every kind of id, and changes nothing',
		async (key, { method, path, kind: routeKind }) => {
			// A page says it in words; the API with a code.
			const code = routeKind === 'api' ? 'NOT_FOUND' : undefined;
			const before = await tableDump(web.databaseUrl);
			for (const [kind, id] of Object.entries(ids)) {
				const answer = await thief.refusal(method, fill(path, id), BODIES[key]);
				expect([kind, answer.status, answer.code]).toEqual([kind, 404, code]);
			}
			expect(await tableDump(web.databaseUrl)).toEqual(before);
		}
	);

	it('cannot be commanded, alone or among one’s own', async () => {
		const own = (await thief.accounts()).accounts[0]?.id ?? '';
		const before = await tableDump(web.databaseUrl);
		for (const command of ['start_ea', 'pause_ea', 'stop_ea'])
			for (const accountIds of [[ids['account']], [own, ids['account']], [randomUUID()]])
				expect(await thief.refusal('POST', '/api/user/ea/command', { command, accountIds })).toMatchObject({
					status: 404
				});
		expect(await tableDump(web.databaseUrl)).toEqual(before);
	});

	it('do not come with a foreign cursor, event number or page', async () => {
		const { body: list } = await thief.get<string>(`/activity/__data.json?before=${ids['command']}`);
		expect(JSON.stringify(list)).not.toContain(ids['account']);
		for (const path of ['/dashboard', '/activity', '/account', '/alerts', '/experts'])
			for (const answer of [await thief.get(path), await thief.get(`${path}/__data.json`)]) {
				const text = JSON.stringify(answer.body);
				for (const [kind, id] of Object.entries(ids))
					expect([path, kind, text.includes(id)]).toEqual([path, kind, false]);
			}
	});

	it('take as long to refuse as things that do not exist', async () => {
		const times: Record<'foreign' | 'nothing', number[]> = { foreign: [], nothing: [] };
		for (let i = 0; i < 40; i++)
			for (const kind of ['foreign', 'nothing'] as const) {
				const startedAt = performance.now();
				await thief.get(`/api/user/mt5-accounts/${kind === 'foreign' ? ids['account'] : randomUUID()}`);
				times[kind].push(performance.now() - startedAt);
			}
		expect(Math.abs(undisturbed(times.foreign) - undisturbed(times.nothing))).toBeLessThan(20);
	});

	it('are still there for their owner', async () => {
		expect((await owner.accounts()).accounts.map(({ id }) => id)).toEqual([ids['account']]);
		const path = `/api/user/ea/command/${ids['command']}`;
		expect((await owner.get<CommandView>(path)).body.commandId).toBe(ids['command']);
	});
});

/** What the work itself takes: one in ten comes through while the machine does nothing else. */
const undisturbed = (values: number[]): number =>
	values.sort((a, b) => a - b)[Math.floor(values.length / 10)] ?? 0;
