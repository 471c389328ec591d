/** Accounts find their agent, whoever looks at the same time. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignUnassigned } from '#lib/server/accounts/assignAccounts.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { createTestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/waitFor.ts';

let db: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
	const database = await createTestDatabase();
	drop = database.drop;
	db = openDatabase(database.url, 4, () => undefined);
});
afterAll(async () => {
	await db.close();
	await drop();
});

describe('O1: an account has one agent', () => {
	it('gives an account away once when two transactions do it at once, and neither fails', async () => {
		const { prisma, pool } = db;
		const [userId, accountId, agentId] = [randomUUID(), randomUUID(), randomUUID()];
		await prisma.user.create({ data: { id: userId, email: 'a@example.test', name: 'A', passwordHash: '-' } });
		await prisma.mt5Account.create({
			data: {
				id: accountId,
				userId,
				accountNumber: '1001',
				serverName: 'Test-Demo',
				broker: 'Test',
				name: 'Test',
				sealedPassword: '-'
			}
		});
		await prisma.agent.create({
			data: {
				id: agentId,
				name: 'agent',
				publicKey: 'k',
				machine: {},
				version: '0',
				capacity: 1,
				approvedAt: new Date()
			}
		});

		const first = await pool.connect();
		const second = await pool.connect();
		try {
			await first.query('BEGIN');
			await second.query('BEGIN');
			const mine = await assignUnassigned(first, [agentId], accountId);
			// Waits for the first one's lock on the account, with a picture of the table from before.
			const theirs = assignUnassigned(second, [agentId], accountId);
			await waitFor('the second to wait', async () => {
				const { rows } = await pool.query(
					`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
				);
				return rows.length > 0;
			});
			await first.query('COMMIT');
			expect(mine).toEqual([{ accountId, agentId, userId }]);
			expect(await theirs).toEqual([]);
			await second.query('COMMIT');
		} finally {
			first.release(true);
			second.release(true);
		}
	});
});
