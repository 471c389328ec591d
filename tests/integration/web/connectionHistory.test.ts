/** C3, C5: how an account's connection changed, as agents tell it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionHistoryView, ConnectionStatusView } from '#lib/domain/views.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import { ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

const FAULT = { code: 'login_timeout', message: 'The login takes too long.', remedy: 'Check the server.' };

async function watched() {
	const scene = await arrangeScene(web, 1);
	const id = scene.accounts[0]?.id ?? '';
	const path = `/api/user/mt5-accounts/${id}/connections`;
	const read = async () => (await scene.trader.get<ConnectionHistoryView>(path)).body;
	const told = async (...expected: string[]) =>
		waitFor(`${expected.join(', ')} to be told`, async () => {
			const history = await read();
			const seen = history.changes.map(({ connection }) => connection).reverse();
			if (JSON.stringify(seen) === JSON.stringify(expected)) return history;
			throw new Error(`told is ${seen.join(', ')}`);
		});
	return { ...scene, id, path, told };
}

describe('C5: the history of a connection', () => {
	it('tells each change once, with its reason and the failed tries before it', async () => {
		const { trader, agent, id, told } = await watched();
		agent.report(id, { connection: 'down', fault: FAULT, retries: 1 });
		agent.report(id, { connection: 'connecting', fault: FAULT, retries: 1 });
		agent.report(id, { connection: 'down', fault: FAULT, retries: 2 });
		agent.report(id, { connection: 'connected' });
		agent.report(id, { connection: 'connected', activity: 'something else' });
		agent.report(id, { connection: 'broker_lost' });
		const { changes, lastConnectedAt, lastDisconnectedAt } = await told('down', 'connected', 'broker_lost');
		const [lost, connected, down] = changes;
		expect(down).toMatchObject({ reason: FAULT.message, remedy: FAULT.remedy, retries: 1, isWanted: true });
		expect(connected).toMatchObject({ reason: null, remedy: null, retries: 2 });
		expect(lastConnectedAt).toBe(connected?.at);
		expect(lastDisconnectedAt).toBe(lost?.at);
		const { body } = await trader.get<ConnectionStatusView>(`/api/user/mt5-accounts/${id}/status`);
		expect(body).toMatchObject({ lastConnectedAt, lastDisconnectedAt });
	});

	it('says from when on nothing was seen, which is no disconnection', async () => {
		const { agent, enrolled, id, told } = await watched();
		agent.report(id, { connection: 'connected' });
		await told('connected');
		agent.drop();
		await told('connected', 'agent_offline');
		const back = await ScriptedAgent.connect(enrolled);
		back.report(id, { connection: 'connected' });
		const history = await told('connected', 'agent_offline', 'connected');
		expect(history.lastDisconnectedAt).toBeNull();
		expect(history.lastConnectedAt).toBe(history.changes.at(-1)?.at);
	});

	it('comes in pages that neither repeat nor leave out, to its owner alone', async () => {
		const { trader, agent, id, path, told } = await watched();
		agent.report(id, { connection: 'connected' });
		await told('connected');
		// Three at each moment: the order within one must hold, too.
		await query(
			web.databaseUrl,
			`INSERT INTO "ConnectionChange" (id, "accountId", "agentId", at, connection, retries, "isWanted")
			 SELECT gen_random_uuid(), c."accountId", c."agentId", c.at - make_interval(secs => 10 + n / 3), 'down', 0, true
			 FROM "ConnectionChange" c, generate_series(1, 44) n WHERE c."accountId" = $1`,
			[id]
		);
		const ids: string[] = [];
		for (let cursor: string | null = ''; cursor !== null;) {
			const page: ConnectionHistoryView = (
				await trader.get<ConnectionHistoryView>(`${path}${cursor && `?before=${cursor}`}`)
			).body;
			ids.push(...page.changes.map((change) => change.id));
			cursor = page.nextCursor;
		}
		expect(ids).toHaveLength(45);
		expect(new Set(ids).size).toBe(45);
		const { trader: thief } = await arrangeScene(web, 1);
		expect((await thief.refusal('GET', path)).status).toBe(404);
	});
});
