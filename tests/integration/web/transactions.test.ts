/** Transactions of hand-written SQL, on a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database, type Sql } from '#lib/server/db.ts';
import { createTestDatabase } from '../../support/database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Database;

beforeAll(async () => {
	database = await createTestDatabase();
	db = openDatabase(database.url, 2, () => undefined);
});
afterAll(async () => {
	await db.close();
	await database.drop();
});

const insert = (sql: Sql, id: string) =>
	sql.query(`INSERT INTO "User" (id, email, name, "passwordHash") VALUES ($1, $2, 'x', 'x')`, [
		id,
		`${id}@example.test`
	]);
const isThere = async (id: string): Promise<boolean> =>
	(await db.pool.query(`SELECT 1 FROM "User" WHERE id = $1`, [id])).rows.length > 0;

describe('a commit that travels with the last statements', () => {
	it('commits them', async () => {
		const id = randomUUID();
		const answer = await db.transaction((sql, commit) => {
			const inserted = insert(sql, id);
			commit();
			return inserted;
		});
		expect(answer.rowCount).toBe(1);
		expect(await isThere(id)).toBe(true);
	});

	it('writes nothing when one of them fails, and the connection serves the next one', async () => {
		const [first, second] = [randomUUID(), randomUUID()];
		await expect(
			db.transaction((sql, commit) => {
				const inserted = [insert(sql, first), insert(sql, second), insert(sql, first)];
				commit();
				return Promise.all(inserted);
			})
		).rejects.toMatchObject({ code: '23505' });
		expect(await Promise.all([isThere(first), isThere(second)])).toEqual([false, false]);
		await db.transaction((sql) => insert(sql, second));
		expect(await isThere(second)).toBe(true);
	});

	it('is not taken for done when the failure was not looked at', async () => {
		const id = randomUUID();
		await expect(
			db.transaction(async (sql, commit) => {
				await insert(sql, id);
				sql.query('SELECT 1 / 0').catch(() => undefined);
				commit();
			})
		).rejects.toThrow('ROLLBACK');
		expect(await isThere(id)).toBe(false);
	});
});

it('what fails before its commit was asked for writes nothing', async () => {
	const id = randomUUID();
	await expect(
		db.transaction(async (sql) => {
			await insert(sql, id);
			throw new Error('changed my mind');
		})
	).rejects.toThrow('changed my mind');
	expect(await isThere(id)).toBe(false);
});
