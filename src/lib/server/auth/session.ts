/**
 * Sign-ins. The one module that knows Lucia (in maintenance): three functions, replaceable in this file.
 */
import type { Cookies } from '@sveltejs/kit';
import { Lucia, TimeSpan } from 'lucia';
import type { Config } from '../config.ts';
import type { Database } from '../db.ts';
import { createLuciaAdapter } from './luciaAdapter.ts';

export interface SessionUser {
	id: string;
	email: string;
	name: string;
	role: 'TRADER' | 'OPERATOR';
}

interface SessionAttributes {
	createdAt: Date;
	ip: string | null;
	userAgent: string | null;
}

declare module 'lucia' {
	interface Register {
		Lucia: Lucia<SessionAttributes, Omit<SessionUser, 'id'>>;
		DatabaseSessionAttributes: SessionAttributes;
		DatabaseUserAttributes: Omit<SessionUser, 'id'>;
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
	validate(cookies: Cookies): Promise<{ user: SessionUser; sessionId: string } | null>;
	/** Signs out: the session and its cookie are gone. */
	end(sessionId: string, cookies: Cookies): Promise<void>;
}

/** Renewed while in use. */
const LIFETIME_HOURS = 12;

export function createSessions(
	db: Database,
	config: Pick<Config, 'isSecureOrigin'>,
	now: () => Date
): Sessions {
	const lucia = new Lucia(createLuciaAdapter(db), {
		sessionExpiresIn: new TimeSpan(LIFETIME_HOURS, 'h'),
		getSessionAttributes: (attributes) => attributes,
		getUserAttributes: ({ email, name, role }) => ({ email, name, role })
	});
	const cookieName = config.isSecureOrigin ? '__Host-quintet_session' : 'quintet_session';
	const setCookie = (cookies: Cookies, value: string, maxAge: number) =>
		cookies.set(cookieName, value, {
			path: '/',
			httpOnly: true,
			sameSite: 'lax',
			secure: config.isSecureOrigin,
			maxAge
		});
	const maxAge = LIFETIME_HOURS * 3600;

	return {
		async create(userId, origin, cookies) {
			const previous = cookies.get(cookieName);
			if (previous) await lucia.invalidateSession(previous);
			const session = await lucia.createSession(userId, { createdAt: now(), ...origin });
			setCookie(cookies, session.id, maxAge);
		},
		async validate(cookies) {
			const token = cookies.get(cookieName);
			// Lucia's ids are 40 characters of base32; anything else is not asked for in the database.
			if (!token || !/^[a-z2-7]{40}$/.test(token)) return null;
			const { session, user } = await lucia.validateSession(token);
			if (!session) {
				setCookie(cookies, '', 0);
				return null;
			}
			if (session.fresh) setCookie(cookies, token, maxAge);
			return { user: { id: user.id, email: user.email, name: user.name, role: user.role }, sessionId: token };
		},
		async end(sessionId, cookies) {
			await lucia.invalidateSession(sessionId);
			setCookie(cookies, '', 0);
		}
	};
}
