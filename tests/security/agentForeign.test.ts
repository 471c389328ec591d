/** X7, P5: whatever an agent says of things that are not its own changes nothing of them. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { arrangeScene, type Scene } from '../support/scene.ts';
import { seenState } from '../support/scriptedAgent.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

/** All rows of a trader and of its agent, but for the times at which they were looked at. */
async function rowsOf({ accounts, enrolled }: Scene): Promise<string> {
	const ids = accounts.map(({ id }) => id);
	const tables: [string, string][] = [
		['Mt5Account', 'id = ANY($1::uuid[])'],
		['AccountState', '"accountId" = ANY($1::uuid[])'],
		['Mt5AccountAssignment', '"accountId" = ANY($1::uuid[])'],
		['EaCommandResult', '"accountId" = ANY($1::uuid[])'],
		['EaCommand', 'id IN (SELECT "commandId" FROM "EaCommandResult" WHERE "accountId" = ANY($1::uuid[]))'],
		['SystemLog', '"accountId" = ANY($1::uuid[])'],
		['LiveEvent', '"userId" IN (SELECT "userId" FROM "Mt5Account" WHERE id = ANY($1::uuid[]))'],
		['AuditLog', '"userId" IN (SELECT "userId" FROM "Mt5Account" WHERE id = ANY($1::uuid[]))']
	];
	const parts = [];
	for (const [table, where] of tables)
		parts.push(
			await query(
				web.databaseUrl,
				`SELECT to_jsonb(t) AS row FROM "${table}" t WHERE ${where} ORDER BY t::text`,
				[ids]
			)
		);
	parts.push(
		await query(web.databaseUrl, `SELECT to_jsonb(t) - 'lastSeenAt' AS row FROM "Agent" t WHERE id = $1`, [
			enrolled.agentId
		])
	);
	return JSON.stringify(parts, null, 1);
}

describe('X7, P5: an agent of the pool that speaks of what is not its own', () => {
	it('changes no row of another trader or agent, whatever it says, and is written down', async () => {
		const thief = await arrangeScene(web, 1);
		const own = thief.accounts[0]?.id ?? '';
		const victim = await arrangeScene(web, 2);
		const [first] = victim.accounts;
		if (!first) throw new Error('no account');
		// An open command of the victim, sent to its agent and not answered yet.
		victim.trader.command('pause_ea', { accountIds: [first.id] }).catch(() => undefined);
		const command = await victim.agent.next('command');
		victim.agent.report(first.id, { algo: 'stopped' });
		await waitFor('the report to be stored', async () => {
			const rows = await query<{ seen: object | null }>(
				web.databaseUrl,
				'SELECT seen FROM "AccountState" WHERE "accountId" = $1',
				[first.id]
			);
			return Boolean(rows[0]?.seen);
		});
		const before = await rowsOf(victim);

		const accountId = fc.constantFrom(...victim.accounts.map(({ id }) => id), randomUUID());
		const commandId = fc.constantFrom(command.commandId, randomUUID());
		const ref = {
			commandId,
			accountId,
			generation: fc.constantFrom(command.generation, 0, 999),
			epoch: fc.integer({ min: 1, max: 3 })
		};
		const algo = fc.constantFrom('running', 'paused', 'stopped') as fc.Arbitrary<'running'>;
		const frame = fc.oneof(
			fc.record({
				type: fc.constant('result' as const),
				...ref,
				outcome: fc.constantFrom(
					'success' as const,
					'failed' as const,
					'expired' as const,
					'superseded' as const
				),
				errorCode: fc.constant('x'),
				error: fc.constant('x'),
				eaStatus: fc.constant('running'),
				proof: fc.constant(null),
				durationMs: fc.nat()
			}),
			fc.record({
				type: fc.constant('progress' as const),
				...ref,
				stage: fc.string({ maxLength: 20 }),
				proof: fc.constant(null)
			}),
			fc.record({
				type: fc.constant('settled' as const),
				answers: fc.array(
					fc.record({
						commandId,
						accountId,
						generation: ref.generation,
						verdict: fc.constantFrom('never_received' as const, 'in_work' as const, 'answered' as const)
					}),
					{ maxLength: 3 }
				)
			}),
			fc.record({
				type: fc.constant('telemetry' as const),
				accounts: fc.array(
					fc.record({
						accountId,
						epoch: ref.epoch,
						ageMs: fc.nat(1000),
						state: algo.map((each) => seenState({ algo: each })),
						figures: fc.constant(null)
					}),
					{ maxLength: 3 }
				)
			}),
			fc.record({
				type: fc.constant('event' as const),
				accountId,
				level: fc.constantFrom('info' as const, 'error' as const),
				code: fc.constant('x'),
				message: fc.string({ maxLength: 40 }),
				ageMs: fc.nat(1000)
			})
		);
		for (const each of fc.sample(frame, 300)) thief.agent.send(each);
		// What it says of its own comes through afterwards: everything before it was taken in.
		thief.agent.report(own, { algo: 'paused' });
		await waitFor(
			'its own report',
			async () => (await thief.trader.accounts()).accounts[0]?.state === 'paused'
		);
		const view = (await victim.trader.accounts()).accounts.find(({ id }) => id === first.id);
		// The last known one: what is reported once is called the present for a while only.
		expect(view).toMatchObject({ lastKnownState: 'stopped', agent: { isConnected: true } });
		await waitFor('its own report to be stored', async () => {
			const rows = await query<{ algo: string }>(
				web.databaseUrl,
				`SELECT seen->'state'->>'algo' AS algo FROM "AccountState" WHERE "accountId" = $1`,
				[own]
			);
			return rows[0]?.algo === 'paused';
		});
		expect(await rowsOf(victim)).toBe(before);
		const noted = await waitFor('the security event', async () =>
			(
				await query<{ message: string }>(
					web.databaseUrl,
					`SELECT message FROM "SystemLog" WHERE "agentId" = $1 AND detail->>'code' = 'foreign_account'`,
					[thief.enrolled.agentId]
				)
			).at(0)
		);
		expect(noted.message).toContain('not its own');
		victim.agent.drop();
		thief.agent.drop();
	});
});
