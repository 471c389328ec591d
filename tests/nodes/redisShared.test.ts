/** What the servers share besides the agents: counts of attempts, and the end of a session. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRateLimit } from '#lib/server/auth/rateLimit.ts';
import { connectRedis } from '#lib/server/bus/redisBus.ts';
import { ApiClient } from '../support/client.ts';
import { EventReader } from '../support/eventReader.ts';
import { waitFor } from '../support/waitFor.ts';
import { haveMet } from './twoSides.ts';
import type { NodesRig } from './nodesRig.ts';
import { startRedisRig } from './processesRig.ts';
import { startTestRedis, type TestRedis } from './redisServer.ts';

describe('S6: bounds on attempts, over all servers', () => {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await startTestRedis();
	});
	afterAll(() => redis.stop());

	it('S6: count together, and each for itself while Redis is away', async () => {
		const connected = async (name: string, answerMs: number) => {
			const connection = connectRedis(redis.url, name, pino({ level: 'silent' }), answerMs);
			await waitFor(`${name} to be connected`, () => connection.status === 'ready');
			const limit = createRateLimit(2, 'Too many.', 60, { redis: connection, name: 'test' });
			return { connection, limit };
		};
		// With patience: one that answers late would be taken for one that is away.
		const [a, b] = [await connected('a', 30_000), await connected('b', 30_000)];
		await a.limit.consume('someone');
		await b.limit.consume('someone');
		await expect(a.limit.consume('someone')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
		await expect(b.limit.consume('someone')).rejects.toMatchObject({ code: 'RATE_LIMITED' });

		const alone = await connected('alone', 300);
		for (const away of ['cut', 'mute'] as const) {
			redis[away]();
			const key = `someone during ${away}`;
			await alone.limit.consume(key);
			await alone.limit.consume(key);
			await expect(alone.limit.consume(key)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
			redis.heal();
			await waitFor('it to be connected again', () => alone.connection.status === 'ready');
		}
		for (const { connection } of [a, b, alone]) connection.disconnect();
	});
});

describe('S6: a session that is ended on one server', () => {
	let rig: NodesRig;
	beforeAll(async () => {
		rig = await startRedisRig();
		await haveMet(rig);
	});
	afterAll(() => rig.stop());

	it('S6: closes the open page on the other one at once', async () => {
		const onA = new ApiClient(rig.a.origin);
		await onA.register('leaves@example.test');
		const onB = new ApiClient(rig.b.origin);
		onB.cookie = onA.cookie;
		const page = await EventReader.open(onB);
		await page.next('hello');
		await onA.send('POST', '/api/auth/logout', {});
		// Well before the look into the database that every server has now and then.
		await waitFor('the page to be closed', () => !page.isOpen, { timeoutMs: 10_000 });
		expect(page.of('closed')).toEqual([{ reason: 'signed_out' }]);
	});
});
