import type { RequestEvent } from '@sveltejs/kit';
import type { Caller, RequestOrigin } from '../app.ts';
import type { CallerSession, SessionUser } from '../auth/session.ts';
import { AppError, notFound } from '../errors.ts';
import { z } from 'zod';

export function originOf(event: RequestEvent): RequestOrigin {
	let ip: string | null;
	try {
		ip = event.getClientAddress();
	} catch {
		// Behind a proxy that did not say whom it speaks for.
		ip = null;
	}
	return { ip, userAgent: event.request.headers.get('user-agent')?.slice(0, 300) ?? null };
}

/** @throws AppError UNAUTHENTICATED */
export function requireUser(event: RequestEvent): SessionUser {
	const { user } = event.locals;
	if (!user) throw new AppError('UNAUTHENTICATED', 'You are not signed in. Sign in and try again.');
	return user;
}

/** The session of the request, for what is about sessions. @throws AppError UNAUTHENTICATED */
export function requireSession(event: RequestEvent): { user: SessionUser; session: CallerSession } {
	const { session } = event.locals;
	if (!session) throw new AppError('UNAUTHENTICATED', 'You are not signed in. Sign in and try again.');
	return { user: requireUser(event), session };
}

/** @throws AppError UNAUTHENTICATED */
export function requireCaller(event: RequestEvent): Caller {
	return { userId: requireUser(event).id, session: event.locals.session, origin: originOf(event) };
}

/** Operators' things do not exist for others. @throws AppError UNAUTHENTICATED, NOT_FOUND */
export function requireOperator(event: RequestEvent): Caller {
	const user = requireUser(event);
	if (user.role !== 'OPERATOR') throw notFound('This address');
	return { userId: user.id, session: event.locals.session, origin: originOf(event) };
}

/** An id from the address; one that is no UUID belongs to nothing. @throws AppError NOT_FOUND */
export function idParam(value: string | undefined, what: string): string {
	const parsed = z.uuid().safeParse(value);
	if (!parsed.success) throw notFound(what);
	return parsed.data;
}
