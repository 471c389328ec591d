/** Between password and second factor: a short-lived cookie whose hash the database knows. Signs nobody in. */
import { randomBytes } from 'node:crypto';
import type { Cookies } from '@sveltejs/kit';
import { SECOND_FACTOR_MS } from '#lib/domain/limits.ts';
import type { App } from '../app.ts';
import { hashToken } from './luciaAdapter.ts';

const nameOf = (app: App) => (app.config.isSecureOrigin ? '__Host-quintet_sign_in' : 'quintet_sign_in');

function setCookie(app: App, cookies: Cookies, value: string, maxAgeMs: number): void {
	cookies.set(nameOf(app), value, {
		path: '/',
		httpOnly: true,
		sameSite: 'strict',
		secure: app.config.isSecureOrigin,
		maxAge: maxAgeMs / 1000
	});
}

export async function beginSecondStep(app: App, userId: string, cookies: Cookies): Promise<void> {
	const token = randomBytes(24).toString('base64url');
	const expiresAt = new Date(app.now().getTime() + SECOND_FACTOR_MS);
	await app.db.prisma.pendingSignIn.create({ data: { id: hashToken(token), userId, expiresAt } });
	setCookie(app, cookies, token, SECOND_FACTOR_MS);
}

export const isInSecondStep = (app: App, cookies: Cookies): boolean => Boolean(cookies.get(nameOf(app)));

/** Counts the attempt. @returns null when there is none, or its time is up */
export async function readSecondStep(
	app: App,
	cookies: Cookies
): Promise<{ userId: string; attempts: number } | null> {
	const token = cookies.get(nameOf(app));
	if (!token) return null;
	const [step] = await app.db.prisma.pendingSignIn.updateManyAndReturn({
		where: { id: hashToken(token), expiresAt: { gt: app.now() } },
		data: { attempts: { increment: 1 } },
		select: { userId: true, attempts: true }
	});
	return step ?? null;
}

export async function endSecondStep(app: App, cookies: Cookies): Promise<void> {
	const token = cookies.get(nameOf(app));
	if (token) await app.db.prisma.pendingSignIn.deleteMany({ where: { id: hashToken(token) } });
	setCookie(app, cookies, '', 0);
}
