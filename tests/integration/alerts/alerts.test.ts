/** S7: alerts by webhook, from what an agent reports to a receiver on a real socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AlertsView, DeliveryView, WebhookView } from '#lib/domain/alertViews.ts';
import { sendWebhook } from '#lib/server/alerts/sendWebhook.ts';
import { signedIn } from '../../security/people.ts';
import type { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { arrangeScene, type Scene } from '../../support/scene.ts';
import { ScriptedAgent, seenState } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { isSigned, WebhookReceiver } from '../../support/webhookReceiver.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const LONG = { timeoutMs: 60_000 };
const BASE = '/api/user/alerts/webhooks';
const EVERY = ['command_failed', 'agent_lost', 'heartbeat_stale', 'unprotected_positions'];
const QUICK = {
	QUINTET_ALERT_AFTER_MS: '300',
	QUINTET_ALERT_RETRY_MS: '200',
	QUINTET_ALERTS_TO_PRIVATE: 'true'
};

let dir: string;
let web: WebServer;
let env: NodeJS.ProcessEnv;
const receivers: WebhookReceiver[] = [];
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-alerts-'));
	env = { ...QUICK, QUINTET_KEY_FILE: join(dir, 'keys') };
	const { ensureKeyFile } = await import('#lib/server/crypto/secretBox.ts');
	await ensureKeyFile(join(dir, 'keys'), new Date());
	web = await startWebServer(env);
	// The first one to register is the operator.
	await signedIn(web, 'operator@example.test');
});
afterEach(async () => {
	for (const receiver of receivers.splice(0)) await receiver.close();
});
afterAll(async () => {
	await web.stop();
	await rm(dir, { recursive: true, force: true });
});

async function receiver(): Promise<WebhookReceiver> {
	const made = await WebhookReceiver.listen();
	receivers.push(made);
	return made;
}

async function addWebhook(client: ApiClient, url: string, kinds = EVERY) {
	const answer = await client.send<{ webhook: WebhookView; secret: string }>('POST', BASE, { url, kinds });
	expect(answer.status).toBe(201);
	return answer.body;
}
const deliveries = async (client: ApiClient): Promise<DeliveryView[]> =>
	(await client.get<AlertsView>('/api/user/alerts')).body.deliveries;

/** A trader with an agent and an account that is switched on. */
async function watched(): Promise<
	Scene & { id: string; hook: WebhookReceiver; secret: string; webhookId: string }
> {
	const scene = await arrangeScene(web, 1);
	const hook = await receiver();
	const { secret, webhook } = await addWebhook(scene.trader, hook.url);
	return { ...scene, id: scene.accounts[0]?.id ?? '', hook, secret, webhookId: webhook.id };
}

function report(agent: ScriptedAgent, accountId: string, unprotectedPositions: number): void {
	const money = { balance: '1', equity: '1', margin: '0', freeMargin: '1', marginLevel: null };
	const figures = {
		...{ currency: 'USD', currencyDigits: 2, ...money, floatingProfit: '0', dayClosedProfit: '0' },
		...{
			openPositions: 3,
			openLots: '0.3',
			unprotectedPositions,
			pendingOrders: 0,
			eaPositions: 0,
			eaOrders: 0
		}
	};
	agent.send({
		type: 'telemetry',
		accounts: [{ accountId, epoch: 1, ageMs: 0, state: seenState(), figures }]
	});
}

/** Reports again and again, as an agent does, until that is so: what was seen too long ago says nothing. */
async function reporting(tell: () => void, what: string, isSo: () => boolean | Promise<boolean>) {
	tell();
	const again = setInterval(tell, 500);
	try {
		await waitFor(what, isSo, LONG);
	} finally {
		clearInterval(again);
	}
}

describe('S7: a webhook', () => {
	it('gets a signed test message; its secret is shown once, and is nowhere else', async () => {
		const trader = await signedIn(web, 'tester@example.test');
		const hook = await receiver();
		const { webhook, secret } = await addWebhook(trader, hook.url);
		expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
		const answer = await trader.send<{ deliveryId: string }>('POST', `${BASE}/${webhook.id}/test`);
		expect(answer.status).toBe(202);
		await waitFor('the message', () => hook.received.length > 0, LONG);
		const [got] = hook.received;
		if (!got) throw new Error('nothing came');
		expect(isSigned(got, secret)).toBe(true);
		expect(isSigned({ ...got, text: `${got.text} ` }, secret)).toBe(false);
		expect(got.headers['webhook-id']).toBe(answer.body.deliveryId);
		expect(got.message).toMatchObject({ type: 'alert.test', alert: null });
		await waitFor('the delivery', async () => (await deliveries(trader))[0]?.status === 'delivered', LONG);
		expect((await deliveries(trader))[0]).toMatchObject({
			httpStatus: 204,
			attempts: 1,
			error: null,
			next: null
		});
		expect(JSON.stringify((await trader.get('/api/user/alerts')).body)).not.toContain(secret);
		const [stored] = await query<{ text: string }>(
			web.databaseUrl,
			`SELECT string_agg(w::text, '') || (SELECT string_agg(a::text, '') FROM "AuditLog" a) AS text FROM "AlertWebhook" w`
		);
		for (const text of [web.log(), stored?.text ?? '']) {
			expect(text).not.toContain(secret.replace('whsec_', ''));
			expect(text).not.toBe('');
		}
	});

	it('that fails is tried again with the same id until it is taken, and each try is signed anew', async () => {
		const { trader, hook, secret, webhookId } = await watched();
		hook.answer = 500;
		await trader.send('POST', `${BASE}/${webhookId}/test`);
		await waitFor('two tries', () => hook.received.length >= 2, LONG);
		const failed = (await deliveries(trader))[0];
		expect(failed).toMatchObject({ status: 'waiting', error: 'It answered 500.' });
		expect(failed?.next).toMatch(/tried again by itself/);
		hook.answer = 302;
		await waitFor(
			'a redirect to be refused',
			async () => (await deliveries(trader))[0]?.error?.includes('redirect, which is not followed'),
			LONG
		);
		hook.answer = 200;
		await waitFor('the delivery', async () => (await deliveries(trader))[0]?.status === 'delivered', LONG);
		expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
		for (const got of hook.received) {
			expect(isSigned(got, secret)).toBe(true);
			expect(got.headers.host).toContain(String(hook.port));
		}
	});

	it('that says 410 is not tried again', async () => {
		const { trader, hook, webhookId } = await watched();
		hook.answer = 410;
		await trader.send('POST', `${BASE}/${webhookId}/test`);
		await waitFor('the end', async () => (await deliveries(trader))[0]?.status === 'given_up', LONG);
		expect((await deliveries(trader))[0]?.next).toMatch(/remove this webhook/);
		expect(hook.received).toHaveLength(1);
	});

	it('that never answers keeps no other waiting, and is given up on after a day', async () => {
		const { trader, hook, webhookId } = await watched();
		hook.answer = null;
		const other = await receiver();
		const { webhook } = await addWebhook(trader, other.url);
		await trader.send('POST', `${BASE}/${webhookId}/test`);
		await waitFor('the silent one to be asked', () => hook.received.length === 1, LONG);
		await trader.send('POST', `${BASE}/${webhook.id}/test`);
		await waitFor('the other message', () => other.received.length === 1, LONG);
		expect((await deliveries(trader)).find((each) => each.webhookId === webhookId)).toMatchObject({
			status: 'waiting',
			httpStatus: null
		});
		await query(
			web.databaseUrl,
			`UPDATE "AlertDelivery" SET "createdAt" = now() - interval '25 hours' WHERE "webhookId" = $1`,
			[webhookId]
		);
		const given = await waitFor(
			'the end',
			async () => (await deliveries(trader)).find(({ status }) => status === 'given_up'),
			LONG
		);
		expect(given).toMatchObject({ webhookId, error: 'It did not answer in time.' });
	});

	it('is bounded: five per trader, five tests a minute', async () => {
		const trader = await signedIn(web, 'many@example.test');
		const made = [];
		for (let i = 0; i < 5; i++) made.push(await addWebhook(trader, `http://127.0.0.1:9/${i}`));
		expect(await trader.refusal('POST', BASE, { url: 'http://127.0.0.1:9/', kinds: EVERY })).toMatchObject({
			status: 409,
			code: 'WEBHOOK_LIMIT'
		});
		for (const { webhook } of made) await trader.send('POST', `${BASE}/${webhook.id}/test`);
		expect(await trader.refusal('POST', `${BASE}/${made[0]?.webhook.id}/test`)).toMatchObject({
			status: 429
		});
		expect((await trader.send('DELETE', `${BASE}/${made[0]?.webhook.id}`)).status).toBe(204);
		expect((await trader.get<AlertsView>('/api/user/alerts')).body.webhooks).toHaveLength(4);
	});
});

describe('S7: an alert', () => {
	it('of a command that failed is told once, with what to do, and its end with the next success', async () => {
		const { trader, agent, accounts, hook, secret } = await watched();
		const failing = trader.command('stop_ea');
		agent.answer(await agent.next('command'), 'failed');
		await failing;
		await waitFor('the alert', () => hook.of('command_failed').length === 1, LONG);
		const got = hook.of('command_failed')[0];
		if (!got) throw new Error('nothing came');
		expect(isSigned(got, secret)).toBe(true);
		expect(got.message.alert).toMatchObject({
			account: { number: accounts[0]?.accountNumber, broker: 'Test Broker' },
			seen: 'Stop was not proven done. The test said so.',
			resolvedAt: null
		});
		expect(got.message.alert?.next).toMatch(/press the button/);
		expect(got.message.alert?.ageSeconds).toBeGreaterThanOrEqual(0);

		const again = trader.command('stop_ea');
		await waitFor('the next command', () => agent.framesOf('command').length === 2);
		agent.answer(agent.framesOf('command')[1] ?? (await agent.next('command')), 'failed');
		await again;
		agent.answerEverything();
		await trader.command('pause_ea');
		await waitFor('the end', () => hook.of('command_failed', 'alert.resolved').length === 1, LONG);
		expect(hook.of('command_failed')).toHaveLength(1);
		expect(hook.of('command_failed', 'alert.resolved')[0]?.message.alert).toMatchObject({
			id: got.message.alert?.id,
			resolvedAt: expect.any(String) as string
		});
	});

	it('of unprotected positions neither ends nor is repeated while nothing is seen; a lost agent is told as unknown', async () => {
		const { enrolled, agent, id, hook, trader } = await watched();
		await reporting(
			() => report(agent, id, 2),
			'the alert',
			() => hook.of('unprotected_positions').length === 1
		);
		expect(hook.of('unprotected_positions')[0]?.message.alert?.seen).toBe(
			'2 of 3 open positions have no stop-loss at the broker.'
		);
		agent.drop();
		await waitFor('the lost agent', () => hook.of('agent_lost').length === 1, LONG);
		const lost = hook.of('agent_lost')[0]?.message.alert;
		expect(lost?.seen).toMatch(/is unknown; before that, the algo was stopped/);
		expect(lost?.seenAt).toEqual(expect.any(String));
		expect(hook.of('unprotected_positions', 'alert.resolved')).toEqual([]);

		const back = await ScriptedAgent.connect(enrolled);
		report(back, id, 2);
		await waitFor('its end', () => hook.of('agent_lost', 'alert.resolved').length === 1, LONG);
		await reporting(
			() => report(back, id, 0),
			'the other end',
			() => hook.of('unprotected_positions', 'alert.resolved').length === 1
		);
		expect(hook.of('unprotected_positions')).toHaveLength(1);
		expect(hook.of('agent_lost')).toHaveLength(1);
		// Written down a moment after the receiver has it.
		await waitFor('all to be delivered', async () =>
			(await deliveries(trader)).every(({ status }) => status === 'delivered')
		);
		back.drop();
	});

	it('of a heartbeat that is stale is told; a kind that was not chosen is not', async () => {
		const { trader, agent, id, hook, webhookId } = await watched();
		const quiet = await receiver();
		await addWebhook(trader, quiet.url, ['agent_lost']);
		await trader.send('PATCH', `${BASE}/${webhookId}`, { kinds: ['heartbeat_stale'] });
		agent.answerEverything();
		const ladder = {
			...seenState().ladder,
			algo_trading: 'yes',
			ea_attached: 'yes',
			ea_ready: 'yes'
		} as const;
		const tell = () =>
			agent.report(id, { algo: 'degraded', ladder: { ...ladder, settings: 'yes', heartbeat: 'no' } });
		// First: of one that is to run and is not seen, another sentence is told.
		await reporting(tell, 'it to be seen', async () => {
			return (await trader.accounts()).accounts[0]?.state === 'degraded';
		});
		await trader.command('start_ea');
		await reporting(tell, 'the alert', () => hook.of('heartbeat_stale').length === 1);
		expect(hook.of('heartbeat_stale')[0]?.message.alert?.seen).toBe('The EA’s heartbeat is stale.');
		expect(quiet.received).toEqual([]);
	});

	it('that waits survives a restart of the server, and two servers send it once', async () => {
		const { agent, id, hook, webhookId } = await watched();
		hook.answer = 503;
		await reporting(
			() => report(agent, id, 1),
			'a try',
			() => hook.of('unprotected_positions').length >= 1
		);
		const second = await startWebServer({ ...env, DATABASE_URL: web.databaseUrl });
		try {
			await web.restart('SIGKILL');
			hook.answer = 200;
			const before = hook.received.length;
			const isTaken = async () => {
				// The pauses grew while the servers came up.
				await query(
					web.databaseUrl,
					`UPDATE "AlertDelivery" SET "nextAttemptAt" = now() WHERE "webhookId" = $1 AND status = 'waiting'`,
					[webhookId]
				);
				return hook.received.length > before;
			};
			await waitFor('the message', isTaken, LONG);
			const rows = () =>
				query<{ status: string }>(
					web.databaseUrl,
					`SELECT status FROM "AlertDelivery" WHERE event = 'opened' AND "alertId" IN
					(SELECT id FROM "Alert" WHERE "accountId" = $1 AND kind = 'unprotected_positions')`,
					[id]
				);
			await waitFor('it to be written down', async () => (await rows())[0]?.status === 'delivered', LONG);
			expect(await rows()).toHaveLength(1);
			const taken = hook.of('unprotected_positions').filter(({ atMs }) => atMs > 0);
			expect(new Set(taken.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
		} finally {
			await second.stop();
		}
	});
});

describe('X17: an address in a private network', () => {
	it('is refused when it is typed, in every spelling', async () => {
		const strict = await startWebServer();
		try {
			const trader = await signedIn(strict, 'strict@example.test');
			for (const url of [
				...['https://127.0.0.1/', 'https://localhost/', 'https://[::1]/', 'https://10.0.0.1/x'],
				...['https://192.168.1.1/', 'https://169.254.169.254/latest/meta-data/', 'https://2130706433/'],
				...['https://0x7f.1/', 'https://[::ffff:127.0.0.1]/', 'https://[fd00::1]/', 'http://93.184.216.34/'],
				...['ftp://93.184.216.34/', 'https://me:secret@93.184.216.34/', 'javascript:alert(1)', 'nothing']
			])
				expect([url, (await trader.refusal('POST', BASE, { url, kinds: EVERY })).code]).toEqual([
					url,
					'VALIDATION'
				]);
			expect((await trader.get<AlertsView>('/api/user/alerts')).body.webhooks).toEqual([]);
		} finally {
			await strict.stop();
		}
	});

	it('is not called either when a name leads there only later: the connection itself is refused', async () => {
		const hook = await receiver();
		for (const url of [`http://localhost:${hook.port}/`, `http://127.0.0.1:${hook.port}/`])
			expect(await sendWebhook(url, {}, '{}', { allowsPrivate: false, timeoutMs: 5_000 })).toMatchObject({
				isDelivered: false,
				error: 'The name leads to a private address, which is not called.'
			});
		expect(hook.connections).toBe(0);
		// No program gets this port by chance.
		const refused = await sendWebhook('http://127.0.0.1:9/', {}, '{}', {
			allowsPrivate: true,
			timeoutMs: 5_000
		});
		expect(refused.error).toBe('The connection was refused.');
	});
});
