/**
 * A cookie that says "somebody signed in to this account from here before". It lets nobody in; it only keeps
 * strangers' guesses, from however many addresses, from locking the owner out.
 */
import type { Cookies } from '@sveltejs/kit';
import type { App } from '../app.ts';

const MAX_AGE_SECONDS = 180 * 24 * 3600;

const nameOf = (app: App) => (app.config.isSecureOrigin ? '__Host-quintet_device' : 'quintet_device');
const ownerOf = (userId: string) => `device:${userId}`;

export function rememberDevice(app: App, userId: string, cookies: Cookies): void {
	cookies.set(nameOf(app), app.secretBox.seal(userId, ownerOf(userId)), {
		path: '/',
		httpOnly: true,
		sameSite: 'strict',
		secure: app.config.isSecureOrigin,
		maxAge: MAX_AGE_SECONDS
	});
}

export function isKnownDevice(app: App, userId: string, cookies: Cookies): boolean {
	const sealed = cookies.get(nameOf(app));
	if (!sealed) return false;
	try {
		return app.secretBox.open(sealed, ownerOf(userId)) === userId;
	} catch {
		// Another user's, an old key's or an invented one.
		return false;
	}
}
