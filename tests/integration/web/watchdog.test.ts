/** E5: the watchdog as the trader switches it, and its history as agents tell it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { EaStatusView, WatchdogView } from '#lib/domain/views.ts';
import { query } from '../../support/database.ts';
import { arrangeScene } from '../../support/scene.ts';
import type { ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

type Incident = AgentFrames['incident'];
const pathOf = (accountId: string) => `/api/user/mt5-accounts/${accountId}/watchdog`;

function tell(agent: ScriptedAgent, accountId: string, more: Partial<Incident> = {}): string {
	const incidentId = more.incidentId ?? randomUUID();
	agent.send({
		type: 'incident',
		accountId,
		epoch: 1,
		incidentId,
		kind: 'terminal_ended',
		startedAgeMs: 20_000,
		detectedAgeMs: 19_000,
		endedAgeMs: null,
		outcome: null,
		restarts: 0,
		steps: [],
		openPositions: 2,
		unprotectedPositions: 1,
		...more
	});
	return incidentId;
}

describe('E5: POST …/[accountId]/watchdog', () => {
	it('is on until the trader stops it, and the agent is told at once', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		expect((await trader.get<WatchdogView>(pathOf(id))).body).toMatchObject({ isOn: true, incidents: [] });
		const stopped = await trader.send<WatchdogView>('POST', pathOf(id), { action: 'stop' });
		expect(stopped.body.isOn).toBe(false);
		const off = await agent.next('sync', ({ accounts: [account] }) => account?.policy.isWatchdogOn === false);
		const asked = off.accounts[0]?.watchdogAskedAtMs ?? 0;
		await trader.send('POST', pathOf(id), { action: 'start' });
		// A newer moment closes a circuit that opened meanwhile.
		await agent.next('sync', ({ accounts: [account] }) =>
			Boolean(account?.policy.isWatchdogOn && account.watchdogAskedAtMs > asked)
		);
		const audit = await query<{ action: string }>(
			web.databaseUrl,
			`SELECT action FROM "AuditLog" WHERE "targetId" = $1 AND action LIKE 'watchdog.%' ORDER BY at`,
			[id]
		);
		expect(audit.map(({ action }) => action)).toEqual(['watchdog.stop', 'watchdog.start']);
	});

	it.each([{}, { action: 'restart' }, { action: 'stop', more: 1 }])('refuses %j', async (body) => {
		const { trader, accounts } = await arrangeScene(web, 1);
		expect((await trader.refusal('POST', pathOf(accounts[0]?.id ?? ''), body)).status).toBe(400);
	});
});

describe('E5: the history', () => {
	it('keeps the newest word on an incident, counts the time to recover, and never takes an end back', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		const read = async () => (await trader.get<WatchdogView>(pathOf(id))).body;
		const toldAtMs = Date.now();
		const incidentId = tell(agent, id);
		await waitFor('it to be written', async () => (await read()).incidents.length === 1);
		const steps = [{ action: 'restart_terminal', afterMs: 9_000, error: null }] satisfies Incident['steps'];
		const over = { incidentId, outcome: 'recovered', endedAgeMs: 5_000, restarts: 1, steps } as const;
		tell(agent, id, over);
		const told = await waitFor('its end', async () =>
			(await read()).incidents.find(({ outcome }) => outcome === 'recovered')
		);
		const seenAtMs = Date.now();
		expect(told).toMatchObject({
			id: incidentId,
			kind: 'terminal_ended',
			restarts: 1,
			steps,
			openPositions: 2
		});
		// It began 20 s before the first word, and ended 5 s before the second.
		expect(told.recoveredAfterMs).toBeGreaterThanOrEqual(15_000);
		expect(told.recoveredAfterMs).toBeLessThanOrEqual(15_000 + seenAtMs - toldAtMs);
		// Told once more after a reconnect, and an old word that was under way.
		tell(agent, id, over);
		tell(agent, id, { incidentId });
		const second = tell(agent, id, { kind: 'ea_stale', outcome: 'given_up', endedAgeMs: 0 });
		const all = await waitFor('the next one', async () => {
			const { incidents, summary } = await read();
			return incidents.length === 2 && { incidents, summary };
		});
		expect(all.incidents.find((each) => each.id === incidentId)).toEqual(told);
		expect(all.incidents.find((each) => each.id === second)?.recoveredAfterMs).toBeNull();
		expect(all.summary).toMatchObject({ incidents: 2, recovered: 1, givenUp: 1 });
		expect(all.summary.medianRecoveryMs).toBe(told.recoveredAfterMs);
	});

	it('comes in pages that neither repeat nor leave out, and a foreign agent adds nothing', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const other = await arrangeScene(web, 1);
		const id = accounts[0]?.id ?? '';
		const ids = Array.from({ length: 45 }, (_, i) =>
			// Three at each moment: the order within one must hold, too.
			tell(agent, id, {
				startedAgeMs: 100_000 + Math.floor(i / 3) * 1_000,
				outcome: 'recovered',
				endedAgeMs: 0
			})
		);
		tell(other.agent, id);
		// Of its own account, under a name that is taken: another incident, not that one.
		tell(other.agent, other.accounts[0]?.id ?? '', { incidentId: ids[0] ?? '' });
		const pages: string[] = [];
		await waitFor('all to be written', async () => {
			pages.length = 0;
			for (let cursor: string | null = ''; cursor !== null;) {
				const page: WatchdogView = (
					await trader.get<WatchdogView>(`${pathOf(id)}${cursor && `?before=${cursor}`}`)
				).body;
				pages.push(...page.incidents.map((incident) => incident.id));
				cursor = page.nextCursor;
			}
			return pages.length >= 45;
		});
		expect(pages).toHaveLength(45);
		expect(new Set(pages)).toEqual(new Set(ids));
		expect((await trader.get<WatchdogView>(`${pathOf(id)}?before=nonsense`)).body.incidents).toHaveLength(20);
	});

	it('is another trader’s: not found, whatever is asked', async () => {
		const { accounts } = await arrangeScene(web, 1);
		const { trader: thief } = await arrangeScene(web, 1);
		const path = pathOf(accounts[0]?.id ?? '');
		expect((await thief.refusal('GET', path)).status).toBe(404);
		expect((await thief.refusal('POST', path, { action: 'stop' })).status).toBe(404);
	});
});

describe('E3: GET …/[accountId]/ea', () => {
	it('calls unknown what was not seen', async () => {
		const { trader, accounts } = await arrangeScene(web, 1);
		const { body } = await trader.get<EaStatusView>(`/api/user/mt5-accounts/${accounts[0]?.id}/ea`);
		expect(body).toEqual({
			ready: null,
			heartbeatActive: null,
			heartbeatAge: null,
			errors: [],
			seenAt: null
		});
	});
});
