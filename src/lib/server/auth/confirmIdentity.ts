import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError, notFound } from '../errors.ts';
import type { Confirmation } from './credentials.ts';
import { spendCode } from './secondFactor.ts';

/**
 * Takes the password or a code for this session.
 * @throws AppError NOT_CONFIRMED, RATE_LIMITED
 */
export async function confirmIdentity(app: App, caller: Caller, given: Confirmation): Promise<void> {
	const { userId, session, origin } = caller;
	if (!session) throw notFound('The session');
	const isRight =
		given.code === undefined
			? await isPasswordOf(app, userId, given.password ?? '')
			: await isCodeOf(app, userId, given.code);
	await writeAudit(app.db.prisma, {
		userId,
		action: isRight ? 'user.confirm' : 'user.confirm_failed',
		origin,
		detail: { with: given.code === undefined ? 'password' : 'code' }
	});
	if (!isRight)
		throw new AppError(
			'NOT_CONFIRMED',
			given.code === undefined ? 'The password is wrong.' : 'The code is wrong, or was used already.',
			{
				fields:
					given.code === undefined ? { password: 'The password is wrong.' } : { code: 'The code is wrong.' }
			}
		);
	await app.limits.confirm.forget(userId);
	await app.sessions.confirm(session.id);
}

/** Checks the password of somebody who is signed in, as often as the limit lets. @throws AppError RATE_LIMITED */
export async function isPasswordOf(app: App, userId: string, password: string): Promise<boolean> {
	await app.limits.confirm.consume(userId);
	const user = await app.db.prisma.user.findFirst({ where: { id: userId }, select: { passwordHash: true } });
	return app.passwords.verify(user?.passwordHash ?? null, password);
}

async function isCodeOf(app: App, userId: string, code: string): Promise<boolean> {
	await app.limits.confirm.consume(userId);
	return spendCode(app, userId, code);
}
