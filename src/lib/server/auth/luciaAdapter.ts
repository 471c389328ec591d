/**
 * Lucia's storage on our tables. The database holds the SHA-256 of a session's token only, so a copy of the
 * table signs nobody in: every method here gets the raw token from the cookie and hashes it. Statements by
 * hand, since one runs on every request. How long a session lives is session.ts's to say.
 */
import { createHash } from 'node:crypto';
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia';
import type { Database } from '../db.ts';

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

interface Row {
	publicId: string;
	userId: string;
	createdAt: Date;
	lastUsedAt: Date;
	expiresAt: Date;
	confirmedAt: Date | null;
	email: string;
	name: string;
	role: 'TRADER' | 'OPERATOR';
	eventSeq: string;
}

export function createLuciaAdapter({ pool }: Database): Adapter {
	return {
		async getSessionAndUser(token): Promise<[DatabaseSession | null, DatabaseUser | null]> {
			const { rows } = await pool.query<Row>({
				name: 'session-and-user',
				text: `SELECT s."publicId", s."userId", s."createdAt", s."lastUsedAt", s."expiresAt", s."confirmedAt",
				         u.email, u.name, u.role, u."eventSeq"
				       FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE s.id = $1`,
				values: [hashToken(token)]
			});
			const row = rows[0];
			if (!row) return [null, null];
			const { publicId, userId, createdAt, lastUsedAt, expiresAt, confirmedAt, ...user } = row;
			return [
				// The raw token goes back: Lucia hands it to the other methods, which hash it again.
				{
					id: token,
					userId,
					expiresAt,
					attributes: { publicId, createdAt, lastUsedAt, confirmedAt, ip: null, userAgent: null }
				},
				{ id: userId, attributes: user }
			];
		},
		async setSession({ id, userId, expiresAt, attributes }) {
			await pool.query(
				`INSERT INTO "Session" (id, "publicId", "userId", "createdAt", "lastUsedAt", "expiresAt", ip, "userAgent")
				 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				[
					hashToken(id),
					attributes.publicId,
					userId,
					attributes.createdAt,
					attributes.lastUsedAt,
					expiresAt,
					attributes.ip,
					attributes.userAgent
				]
			);
		},
		async updateSessionExpiration() {
			// Lucia extends past half of the idle time, and without end; session.ts extends with every use, up to the
			// absolute limit.
		},
		async deleteSession(token) {
			await pool.query(`DELETE FROM "Session" WHERE id = $1`, [hashToken(token)]);
		},
		async deleteUserSessions(userId) {
			await pool.query(`DELETE FROM "Session" WHERE "userId" = $1`, [userId]);
		},
		async deleteExpiredSessions() {
			await pool.query(`DELETE FROM "Session" WHERE "expiresAt" < now()`);
		},
		getUserSessions: () => Promise.reject(new Error('sessions are listed by session.ts'))
	};
}
