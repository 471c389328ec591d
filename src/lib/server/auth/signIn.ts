import type { App, RequestOrigin } from '../app.ts';
import { AppError } from '../errors.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { LoginInput } from './credentials.ts';
import type { SessionUser } from './session.ts';

/**
 * Checks e-mail and password. An unknown address and a wrong password answer the same, after the same time.
 * @throws AppError INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function checkCredentials(
	app: App,
	input: LoginInput,
	origin: RequestOrigin
): Promise<SessionUser> {
	const key = `${origin.ip ?? ''}|${input.email}`;
	await app.limits.login.consume(key);
	const user = await app.db.prisma.user.findFirst({
		where: { email: input.email },
		select: { id: true, email: true, name: true, role: true, passwordHash: true }
	});
	const isRight = await app.passwords.verify(user?.passwordHash ?? null, input.password);
	if (!user || !isRight) {
		await writeAudit(app.db.prisma, {
			userId: user?.id ?? null,
			action: 'user.login_failed',
			origin,
			detail: {}
		});
		throw new AppError('INVALID_CREDENTIALS', 'E-mail address or password is wrong.');
	}
	await app.limits.login.forget(key);
	await writeAudit(app.db.prisma, { userId: user.id, action: 'user.login', origin, detail: {} });
	return { id: user.id, email: user.email, name: user.name, role: user.role };
}
