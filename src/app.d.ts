import type { App as QuintetApp } from '#lib/server/app.ts';
import type { CallerSession, SessionUser } from '#lib/server/auth/session.ts';

declare global {
	namespace App {
		interface Error {
			message: string;
			requestId?: string;
		}
		interface Locals {
			app: QuintetApp;
			requestId: string;
			user: SessionUser | null;
			session: CallerSession | null;
			/** Number of the newest stored live event of the user when the request came. */
			eventSeq: string | null;
			/** The session is known from memory: only a Stop may go through. */
			isDatabaseAway: boolean;
			theme: 'dark' | 'light' | 'system';
		}
	}
}

export {};
