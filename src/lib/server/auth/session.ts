/**
 * Sign-ins. The one module that knows Lucia (in maintenance), replaceable in this file and its adapter.
 *
 * Guarantees: a token is stored as its hash; a session ends an hour after its last use and twelve hours after
 * the sign-in, whichever comes first; the streams of a session end with it.
 */
import { randomUUID } from 'node:crypto';
import type { Cookies } from '@sveltejs/kit';
import { generateIdFromEntropySize, Lucia, TimeSpan } from 'lucia';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, SESSION_TOUCH_MS } from '#lib/domain/limits.ts';
import type { SessionView } from '#lib/domain/views.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db.ts';
import type { OpenStreams } from '../live/openStreams.ts';
import { deviceWords } from './deviceWords.ts';
import { createLuciaAdapter, hashToken } from './luciaAdapter.ts';
import { RecentSessions } from './recentSessions.ts';

export interface SessionUser {
	id: string;
	email: string;
	name: string;
	role: 'TRADER' | 'OPERATOR';
}

/** The session of a request. */
export interface CallerSession {
	/** The name the page knows it by; no token. */
	id: string;
	/** When password or second factor were last given within this session. */
	confirmedAt: Date | null;
}

export interface ValidSession {
	user: SessionUser;
	session: CallerSession;
	/** Number of the newest stored live event when this request came: whatever it reads is at least as new. */
	eventSeq: string;
}

interface SessionAttributes {
	publicId: string;
	createdAt: Date;
	lastUsedAt: Date;
	confirmedAt: Date | null;
	ip: string | null;
	userAgent: string | null;
}

type UserAttributes = Omit<SessionUser, 'id'> & { eventSeq: string };

declare module 'lucia' {
	interface Register {
		Lucia: Lucia<SessionAttributes, UserAttributes>;
		DatabaseSessionAttributes: SessionAttributes;
		DatabaseUserAttributes: UserAttributes;
	}
}

export interface Sessions {
	/** Signs in: a new session and its cookie; the session the cookie held before ends. */
	create(
		userId: string,
		origin: { ip: string | null; userAgent: string | null },
		cookies: Cookies
	): Promise<void>;
	/** Who the cookie belongs to; null for none, an unknown or an expired one. */
	validate(cookies: Cookies): Promise<ValidSession | null>;
	/**
	 * As `validate`, from memory, for sessions that were good within the last minutes. For the emergency Stop
	 * alone, while the database is away.
	 */
	recall(cookies: Cookies): ValidSession | null;
	/** The living sessions of a user, the newest use first. */
	list(userId: string, currentId: string | null): Promise<SessionView[]>;
	/** A new token for the session of this request: what knew the old one is out. Its streams go on. */
	rotate(sessionId: string, cookies: Cookies): Promise<void>;
	/** Password or second factor were given just now. */
	confirm(sessionId: string): Promise<void>;
	/** Signs out: the session, its streams and its cookie are gone. */
	end(userId: string, sessionId: string, cookies: Cookies): Promise<void>;
	/** Ends one session of this user. @returns false when there is none such */
	revoke(userId: string, sessionId: string): Promise<boolean>;
	/** Ends all sessions of this user but one. @returns how many */
	revokeOthers(userId: string, keptId: string | null): Promise<number>;
	/** Another web node ended these sessions, or gave them new tokens: what is known of them here counts no more. */
	changedElsewhere(sessionIds: readonly string[], isOver: boolean): void;
	/** Ends the streams of sessions that expired, or that another web node revoked. */
	recheckStreams(): Promise<void>;
}

export function createSessions(
	db: Database,
	config: Pick<Config, 'isSecureOrigin'>,
	streams: Pick<OpenStreams, 'sessionIds' | 'endSessions'>,
	/** Told of sessions that are over or have new tokens, for the other web nodes. */
	onChanged: (sessionIds: readonly string[], isOver: boolean) => void,
	now: () => Date
): Sessions {
	const { pool } = db;
	const recent = new RecentSessions<ValidSession>(() => now().getTime());
	const lucia = new Lucia(createLuciaAdapter(db), {
		sessionExpiresIn: new TimeSpan(SESSION_IDLE_MS, 'ms'),
		getSessionAttributes: (attributes) => attributes,
		getUserAttributes: (attributes) => attributes
	});
	const cookieName = config.isSecureOrigin ? '__Host-quintet_session' : 'quintet_session';
	const setCookie = (cookies: Cookies, value: string, maxAgeMs: number) =>
		cookies.set(cookieName, value, {
			path: '/',
			httpOnly: true,
			sameSite: 'strict',
			secure: config.isSecureOrigin,
			maxAge: Math.floor(maxAgeMs / 1000)
		});

	/** Tokens are 40 characters of base32; anything else is not asked for in the database. */
	function tokenOf(cookies: Cookies): string | null {
		const token = cookies.get(cookieName);
		return token !== undefined && /^[a-z2-7]{40}$/.test(token) ? token : null;
	}

	/** An hour from now, but never past the absolute end. */
	async function touch(sessionId: string, createdAt: Date): Promise<void> {
		const at = now();
		const expiresAt = Math.min(at.getTime() + SESSION_IDLE_MS, createdAt.getTime() + SESSION_ABSOLUTE_MS);
		await pool.query(`UPDATE "Session" SET "lastUsedAt" = $2, "expiresAt" = $3 WHERE "publicId" = $1`, [
			sessionId,
			at,
			new Date(expiresAt)
		]);
	}

	async function remove(condition: string, values: unknown[]): Promise<string[]> {
		const { rows } = await pool.query<{ publicId: string }>(
			`DELETE FROM "Session" WHERE ${condition} RETURNING "publicId"`,
			values
		);
		const ids = rows.map(({ publicId }) => publicId);
		recent.forget(ids);
		streams.endSessions(ids);
		onChanged(ids, true);
		return ids;
	}

	return {
		async create(userId, origin, cookies) {
			const previous = cookies.get(cookieName);
			if (previous) await remove('id = $1', [hashToken(previous)]);
			const at = now();
			const session = await lucia.createSession(userId, {
				publicId: randomUUID(),
				createdAt: at,
				lastUsedAt: at,
				confirmedAt: null,
				...origin
			});
			setCookie(cookies, session.id, SESSION_ABSOLUTE_MS);
		},
		async validate(cookies) {
			const token = tokenOf(cookies);
			if (token === null) return null;
			const { session, user } = await lucia.validateSession(token);
			if (!session) {
				setCookie(cookies, '', 0);
				return null;
			}
			if (now().getTime() - session.lastUsedAt.getTime() > SESSION_TOUCH_MS)
				await touch(session.publicId, session.createdAt);
			const valid = {
				user: { id: user.id, email: user.email, name: user.name, role: user.role },
				session: { id: session.publicId, confirmedAt: session.confirmedAt },
				eventSeq: user.eventSeq
			};
			recent.remember(hashToken(token), valid);
			return valid;
		},
		recall(cookies) {
			const token = tokenOf(cookies);
			return token === null ? null : recent.recall(hashToken(token));
		},
		async list(userId, currentId) {
			const { rows } = await pool.query<{
				publicId: string;
				createdAt: Date;
				lastUsedAt: Date;
				expiresAt: Date;
				ip: string | null;
				userAgent: string | null;
			}>(
				`SELECT "publicId", "createdAt", "lastUsedAt", "expiresAt", ip, "userAgent" FROM "Session"
				 WHERE "userId" = $1 AND "expiresAt" > $2 ORDER BY "publicId" = $3 DESC, "lastUsedAt" DESC`,
				[userId, now(), currentId]
			);
			return rows.map((row) => ({
				id: row.publicId,
				device: deviceWords(row.userAgent),
				ip: row.ip,
				createdAt: row.createdAt.toISOString(),
				lastUsedAt: row.lastUsedAt.toISOString(),
				expiresAt: row.expiresAt.toISOString(),
				isCurrent: row.publicId === currentId
			}));
		},
		async rotate(sessionId, cookies) {
			// 200 bits, as Lucia's own tokens.
			const token = generateIdFromEntropySize(25);
			const { rows } = await pool.query<{ createdAt: Date }>(
				`UPDATE "Session" SET id = $2 WHERE "publicId" = $1 RETURNING "createdAt"`,
				[sessionId, hashToken(token)]
			);
			const [row] = rows;
			recent.forget([sessionId]);
			onChanged([sessionId], false);
			if (row) setCookie(cookies, token, row.createdAt.getTime() + SESSION_ABSOLUTE_MS - now().getTime());
		},
		async confirm(sessionId) {
			await pool.query(`UPDATE "Session" SET "confirmedAt" = $2 WHERE "publicId" = $1`, [sessionId, now()]);
		},
		async end(userId, sessionId, cookies) {
			await remove('"userId" = $1 AND "publicId" = $2', [userId, sessionId]);
			setCookie(cookies, '', 0);
		},
		async revoke(userId, sessionId) {
			return (await remove('"userId" = $1 AND "publicId" = $2', [userId, sessionId])).length > 0;
		},
		async revokeOthers(userId, keptId) {
			return (await remove('"userId" = $1 AND "publicId" IS DISTINCT FROM $2', [userId, keptId])).length;
		},
		changedElsewhere(sessionIds, isOver) {
			recent.forget(sessionIds);
			if (isOver) streams.endSessions(sessionIds);
		},
		async recheckStreams() {
			const open = streams.sessionIds();
			if (open.length === 0) return;
			const { rows } = await pool.query<{ publicId: string }>(
				`SELECT "publicId" FROM "Session" WHERE "publicId" = ANY($1::uuid[]) AND "expiresAt" > $2`,
				[open, now()]
			);
			const living = new Set(rows.map(({ publicId }) => publicId));
			streams.endSessions(open.filter((id) => !living.has(id)));
		}
	};
}
