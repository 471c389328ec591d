/** What the API says and takes, field by field: nothing leaks out of a row, and nothing gets into one unasked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OpenApi } from '#lib/domain/openApi.ts';
import type { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import { arrangeScene, type Scene } from '../support/scene.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { keyOf, routeTree } from './routeTree.ts';

let web: WebServer;
let scene: Scene;
let trader: ApiClient;
const answers = new Map<string, unknown>();

beforeAll(async () => {
	web = await startWebServer({ QUINTET_ALERTS_TO_PRIVATE: 'true' });
	scene = await arrangeScene(web, 1);
	({ trader } = scene);
	scene.agent.answerEverything();
	const account = scene.accounts[0]?.id ?? '';
	scene.agent.report(account, { algo: 'running' });
	await trader.confirm();
	const say = async (method: string, path: string, at: string, body?: unknown) => {
		const answer = await trader.send<unknown>(method, at, body);
		expect([path, answer.status < 300]).toEqual([path, true]);
		answers.set(`${method} ${path}`, answer.body);
	};
	const accounts = '/api/user/mt5-accounts';
	const { email } = (
		await query<{ email: string }>(
			web.databaseUrl,
			`SELECT email FROM "User" u JOIN "Mt5Account" a ON a."userId" = u.id WHERE a.id = $1`,
			[account]
		)
	)[0] ?? { email: '' };
	const person = { email, password: 'correct horse' };
	await say('GET', accounts, accounts);
	await say('GET', `${accounts}/[accountId]`, `${accounts}/${account}`);
	await say('PATCH', `${accounts}/[accountId]`, `${accounts}/${account}`, { name: 'Named' });
	await say('PATCH', `${accounts}/[accountId]/toggle`, `${accounts}/${account}/toggle`, { enabled: true });
	const watchdog = `${accounts}/${account}/watchdog`;
	await say('GET', `${accounts}/[accountId]/watchdog`, watchdog);
	await say('POST', `${accounts}/[accountId]/watchdog`, watchdog, { action: 'start' });
	await say('GET', `${accounts}/[accountId]/ea`, `${accounts}/${account}/ea`);
	await say('POST', accounts, accounts, {
		accountNumber: '99',
		password: 'x',
		broker: 'B',
		serverName: 'Test-Demo'
	});
	const idle = (answers.get(`POST ${accounts}`) as { id: string }).id;
	await say('GET', `${accounts}/[accountId]/status`, `${accounts}/${idle}/status`);
	await say('GET', `${accounts}/[accountId]/connections`, `${accounts}/${account}/connections`);
	for (const deed of ['disconnect', 'connect', 'reconnect'])
		await say('POST', `${accounts}/[accountId]/${deed}`, `${accounts}/${idle}/${deed}`);
	for (const deed of ['disconnect-all', 'connect-all'])
		await say('POST', `${accounts}/${deed}`, `${accounts}/${deed}`);
	await say('POST', '/api/user/ea/command', '/api/user/ea/command', { command: 'pause_ea' });
	const { commandId } = answers.get('POST /api/user/ea/command') as { commandId: string };
	await say('GET', '/api/user/ea/command/[commandId]', `/api/user/ea/command/${commandId}`);
	await say('GET', '/api/user/ea/settings', '/api/user/ea/settings');
	await say('GET', '/api/user/positions', '/api/user/positions');
	await say('GET', '/api/user/preferences', '/api/user/preferences');
	await say('PATCH', '/api/user/preferences', '/api/user/preferences', { hasShortcuts: true });
	const days = '?from=2026-01-01&to=2026-01-31';
	for (const what of ['aggregate', 'comparison', 'summary', 'equity'])
		await say('GET', `/api/analytics/${what}`, `/api/analytics/${what}${days}`);
	await say('GET', '/api/deals', '/api/deals');
	await say('PATCH', '/api/user/ea/settings', '/api/user/ea/settings', { closePositionsOnStop: true });
	await say('GET', '/api/user/currency', '/api/user/currency');
	await say('PATCH', '/api/user/currency', '/api/user/currency', {
		totalCurrency: 'EUR',
		rates: [{ from: 'USD', rate: '0.9' }]
	});
	await say('GET', '/api/auth/sessions', '/api/auth/sessions');
	await say('DELETE', '/api/auth/sessions', '/api/auth/sessions');
	await say('GET', '/api/auth/totp', '/api/auth/totp');
	await say('POST', '/api/auth/totp', '/api/auth/totp');
	await say('GET', '/api/user/activity/log', '/api/user/activity/log');
	await say('GET', '/api/user/activity/system', '/api/user/activity/system');
	const hooks = '/api/user/alerts/webhooks';
	await say('POST', hooks, hooks, { url: 'http://127.0.0.1:9/', kinds: ['agent_lost'] });
	const hook = (answers.get(`POST ${hooks}`) as { webhook: { id: string } }).webhook.id;
	await say('PATCH', `${hooks}/[webhookId]`, `${hooks}/${hook}`, { kinds: ['command_failed'] });
	await say('POST', `${hooks}/[webhookId]/test`, `${hooks}/${hook}/test`);
	await say('GET', '/api/user/alerts', '/api/user/alerts');
	const experts = '/api/user/experts';
	await say('POST', experts, experts, { name: 'Fields', ex5: 'RVgAAQ==' });
	const expert = (answers.get(`POST ${experts}`) as { id: string }).id;
	await say('POST', `${experts}/[expertId]/deploy`, `${experts}/${expert}/deploy`, { accountIds: [idle] });
	await say('GET', experts, experts);
	await say('POST', '/api/auth/login', '/api/auth/login', person);
	await say('POST', '/api/auth/register', '/api/auth/register', {
		email: 'fields@example.test',
		password: 'correct horse',
		name: 'Fields'
	});
});
afterAll(async () => {
	scene.agent.drop();
	await web.stop();
});

/** `a.b[].c` for every leaf. */
function keysOf(value: unknown, path = ''): string[] {
	if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
	if (value === null || typeof value !== 'object') return [path];
	return Object.entries(value).flatMap(([key, item]) => keysOf(item, path === '' ? key : `${path}.${key}`));
}

describe('X19: what the API says', () => {
	const PERSON = ['user.email', 'user.id', 'user.name', 'user.role'];
	const SESSION = ['createdAt', 'device', 'expiresAt', 'id', 'ip', 'isCurrent', 'lastUsedAt'];

	it.each([
		['POST /api/auth/login', PERSON],
		['POST /api/auth/register', PERSON],
		['GET /api/auth/sessions', SESSION.map((key) => `sessions[].${key}`)],
		['DELETE /api/auth/sessions', ['endedSessions']],
		['GET /api/user/preferences', ['hasShortcuts', 'tradeClock']],
		['PATCH /api/user/preferences', ['hasShortcuts', 'tradeClock']],
		['GET /api/auth/totp', ['isOn', 'recoveryCodesLeft', 'since']],
		['POST /api/auth/totp', ['qr.path', 'qr.size', 'secret', 'uri']]
	])('%s: these fields and no others', (key, expected) => {
		expect([...new Set(keysOf(answers.get(key)))].sort()).toEqual(expected);
	});

	it('names the same fields of an account, a command and the settings wherever they come', () => {
		const fields = (key: string, prefix = '') =>
			[...new Set(keysOf(answers.get(key)).map((path) => path.replace(prefix, '').split(/[.[]/)[0]))].sort();
		const account = fields('GET /api/user/mt5-accounts/[accountId]');
		expect(account).toMatchSnapshot('an account');
		for (const key of [
			'PATCH /api/user/mt5-accounts/[accountId]',
			'PATCH /api/user/mt5-accounts/[accountId]/toggle',
			'POST /api/user/mt5-accounts',
			'POST /api/user/mt5-accounts/[accountId]/connect',
			'POST /api/user/mt5-accounts/[accountId]/disconnect',
			'POST /api/user/mt5-accounts/[accountId]/reconnect'
		])
			expect([key, fields(key)]).toEqual([key, account]);
		expect(fields('POST /api/user/ea/command')).toMatchSnapshot('a command');
		expect(fields('GET /api/user/ea/command/[commandId]')).toEqual(fields('POST /api/user/ea/command'));
		expect(fields('GET /api/user/ea/settings')).toMatchSnapshot('the settings');
		expect(fields('GET /api/user/mt5-accounts/[accountId]/ea')).toMatchSnapshot('the EA');
		const watchdog = fields('GET /api/user/mt5-accounts/[accountId]/watchdog');
		expect(watchdog).toEqual(['current', 'isOn', 'nextCursor', 'summary']);
		expect(fields('POST /api/user/mt5-accounts/[accountId]/watchdog')).toEqual(watchdog);
	});

	it('names of a line of the activity log who, what and from where', () => {
		const { lines } = answers.get('GET /api/user/activity/log') as { lines: object[] };
		expect(Object.keys(lines[0] ?? {}).sort()).toEqual(
			['action', 'at', 'detail', 'device', 'id', 'ip', 'target', 'who'].sort()
		);
	});

	it('never a field that belongs to the server alone', () => {
		// `needsPassword` says that there is none.
		const inner =
			/(?<!needs)password|hash|sealed|token|publicKey|sealKey|eventSeq|lastStep|requestHash|idempotency|codeHash/i;
		for (const [key, body] of answers)
			expect([key, keysOf(body).filter((path) => inner.test(path))]).toEqual([key, []]);
	});

	it('is, field by field, what /api/openapi.json says that it is', async () => {
		const { body: document } = await trader.get<OpenApi>('/api/openapi.json');
		const $defs = document.components.schemas;
		expect(answers.size).toBeGreaterThan(30);
		for (const [key, answer] of answers) {
			const [method = '', path = ''] = key.split(' ');
			const operation = document.paths[path.replace(/\[(\w+)\]/g, '{$1}')]?.[method.toLowerCase()];
			const success = Object.entries(operation?.responses ?? {}).find(([status]) => status.startsWith('2'));
			const schema = success?.[1].content?.['application/json']?.schema ?? {};
			const text = JSON.stringify({ ...schema, $defs }).replaceAll('#/components/schemas/', '#/$defs/');
			const parsed = z
				.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0])
				.safeParse(answer);
			expect([key, parsed.error?.issues]).toEqual([key, undefined]);
		}
	});

	it('is looked at for every route that answers a trader', () => {
		const SAYS_NOTHING =
			/stream|openapi|logout|read$|step-up|theme|second-factor|confirm|recovery-codes|password|agents|healthz|readyz|metrics|\.csv$|seal-target|operator|install\.ps1|\.zip/;
		const missing = routeTree()
			.filter(({ kind, path }) => kind === 'api' && !SAYS_NOTHING.test(path))
			.map(keyOf)
			.filter((key) => !answers.has(key) && !key.startsWith('DELETE'));
		expect(missing).toEqual([]);
	});
});

describe('X19: what the API takes', () => {
	const extra: Record<string, unknown> = {
		id: '00000000-0000-4000-8000-000000000000',
		userId: '00000000-0000-4000-8000-000000000000',
		role: 'OPERATOR',
		isPrimary: true,
		sealedPassword: 'x',
		sessionId: 'x',
		eventSeq: 1
	};

	it.each([
		[
			'POST',
			'/api/auth/register',
			{ email: 'more@example.test', password: 'correct horse', name: 'M' },
			'role'
		],
		[
			'POST',
			'/api/auth/register',
			{ email: 'more@example.test', password: 'correct horse', name: 'M' },
			'id'
		],
		['POST', '/api/auth/login', { email: 'more@example.test', password: 'x' }, 'userId'],
		['POST', '/api/auth/step-up', { password: 'correct horse' }, 'sessionId'],
		[
			'POST',
			'/api/user/mt5-accounts',
			{ accountNumber: '98', password: 'x', broker: 'B', serverName: 'S' },
			'userId'
		],
		[
			'POST',
			'/api/user/mt5-accounts',
			{ accountNumber: '98', password: 'x', broker: 'B', serverName: 'S' },
			'sealedPassword'
		],
		['PATCH', '/api/user/mt5-accounts/(own)', { name: 'N' }, 'userId'],
		['PATCH', '/api/user/mt5-accounts/(own)', { name: 'N' }, 'id'],
		['PATCH', '/api/user/mt5-accounts/(own)', { name: 'N' }, 'sealedPassword'],
		['POST', '/api/user/experts', { name: 'More', ex5: 'RVgAAg==' }, 'userId'],
		['POST', '/api/user/experts', { name: 'More', ex5: 'RVgAAg==' }, 'id'],
		['PATCH', '/api/user/ea/settings', { closePositionsOnStop: false }, 'eventSeq'],
		['PATCH', '/api/user/ea/settings', { closePositionsOnStop: false }, 'role'],
		['POST', '/api/user/ea/command', { command: 'pause_ea' }, 'userId']
	])('%s %s with %o and %s is refused', async (method, path, body, field) => {
		const at = path.replace('(own)', scene.accounts[0]?.id ?? '');
		expect(await trader.refusal(method, at, { ...body, [field]: extra[field] })).toMatchObject({
			status: 400,
			code: 'VALIDATION'
		});
	});
});
