import type { Cookies } from '@sveltejs/kit';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import { isPasswordOf } from './confirmIdentity.ts';
import type { PasswordChange } from './credentials.ts';

/**
 * Sets another password. The session of the request gets a new token; all others of the user end.
 * @returns how many other sessions ended
 * @throws AppError NOT_CONFIRMED, VALIDATION, RATE_LIMITED
 */
export async function changePassword(
	app: App,
	caller: Caller,
	{ currentPassword, newPassword }: PasswordChange,
	cookies: Cookies
): Promise<{ endedSessions: number }> {
	const { userId, session, origin } = caller;
	if (!(await isPasswordOf(app, userId, currentPassword))) {
		const sentence = 'The current password is wrong.';
		throw new AppError('NOT_CONFIRMED', sentence, { fields: { currentPassword: sentence } });
	}
	if (newPassword === currentPassword) {
		const sentence = 'The new password is the old one.';
		throw new AppError('VALIDATION', sentence, { fields: { newPassword: sentence } });
	}
	const passwordHash = await app.passwords.hash(newPassword);
	await app.db.prisma.$transaction(async (tx) => {
		await tx.user.update({ where: { id: userId }, data: { passwordHash } });
		// A sign-in under way proved the old password.
		await tx.pendingSignIn.deleteMany({ where: { userId } });
		await writeAudit(tx, { userId, action: 'user.password_change', origin, detail: {} });
	});
	await app.limits.confirm.forget(userId);
	if (session) {
		await app.sessions.rotate(session.id, cookies);
		await app.sessions.confirm(session.id);
	}
	return { endedSessions: await app.sessions.revokeOthers(userId, session?.id ?? null) };
}
