/**
 * Lucia's storage on our tables. The database holds the SHA-256 of a session id only, so a copy of the table
 * signs nobody in: every method here gets the raw id from the cookie and hashes it. Reads and writes are
 * single statements by hand, since one runs on every request.
 */
import { createHash } from 'node:crypto';
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia';
import type { Database } from '../db.ts';

export const hashSessionId = (id: string): string => createHash('sha256').update(id).digest('hex');

interface Row {
	userId: string;
	expiresAt: Date;
	createdAt: Date;
	ip: string | null;
	userAgent: string | null;
	email: string;
	name: string;
	role: 'TRADER' | 'OPERATOR';
}

export function createLuciaAdapter({ pool }: Database): Adapter {
	return {
		async getSessionAndUser(sessionId): Promise<[DatabaseSession | null, DatabaseUser | null]> {
			const { rows } = await pool.query<Row>({
				name: 'session-and-user',
				text: `SELECT s."userId", s."expiresAt", s."createdAt", s.ip, s."userAgent", u.email, u.name, u.role
				       FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE s.id = $1`,
				values: [hashSessionId(sessionId)]
			});
			const row = rows[0];
			if (!row) return [null, null];
			// The raw id goes back: Lucia hands it to update and delete, which hash it again.
			return [
				{
					id: sessionId,
					userId: row.userId,
					expiresAt: row.expiresAt,
					attributes: { createdAt: row.createdAt, ip: row.ip, userAgent: row.userAgent }
				},
				{ id: row.userId, attributes: { email: row.email, name: row.name, role: row.role } }
			];
		},
		async getUserSessions(userId) {
			const { rows } = await pool.query<Row & { id: string }>(
				`SELECT id, "userId", "expiresAt", "createdAt", ip, "userAgent" FROM "Session" WHERE "userId" = $1`,
				[userId]
			);
			// These ids are hashes: good to list and to revoke by, useless as a cookie.
			return rows.map((row) => ({
				id: row.id,
				userId: row.userId,
				expiresAt: row.expiresAt,
				attributes: { createdAt: row.createdAt, ip: row.ip, userAgent: row.userAgent }
			}));
		},
		async setSession({ id, userId, expiresAt, attributes }) {
			await pool.query(
				`INSERT INTO "Session" (id, "userId", "expiresAt", "createdAt", ip, "userAgent") VALUES ($1, $2, $3, $4, $5, $6)`,
				[hashSessionId(id), userId, expiresAt, attributes.createdAt, attributes.ip, attributes.userAgent]
			);
		},
		async updateSessionExpiration(sessionId, expiresAt) {
			// A session that was revoked meanwhile is simply not there: no error.
			await pool.query(`UPDATE "Session" SET "expiresAt" = $2 WHERE id = $1`, [
				hashSessionId(sessionId),
				expiresAt
			]);
		},
		async deleteSession(sessionId) {
			await pool.query(`DELETE FROM "Session" WHERE id = $1`, [hashSessionId(sessionId)]);
		},
		async deleteUserSessions(userId) {
			await pool.query(`DELETE FROM "Session" WHERE "userId" = $1`, [userId]);
		},
		async deleteExpiredSessions() {
			await pool.query(`DELETE FROM "Session" WHERE "expiresAt" < now()`);
		}
	};
}
