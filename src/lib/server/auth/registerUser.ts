import { uuidv7 } from 'uuidv7';
import type { App, RequestOrigin } from '../app.ts';
import { AppError } from '../errors.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Registration } from './credentials.ts';
import type { SessionUser } from './session.ts';

/** Any number will do, as long as nothing else locks with it: makes "the first" one person only. */
const FIRST_USER_LOCK = 0x51_55_49_4e;

/**
 * Makes a user; the first one of an installation is its operator.
 * @throws AppError EMAIL_TAKEN, REGISTRATION_CLOSED
 */
export async function registerUser(
	app: App,
	input: Registration,
	origin: RequestOrigin
): Promise<SessionUser> {
	if (!app.config.isRegistrationOpen)
		throw new AppError('REGISTRATION_CLOSED', 'Registration is closed. Ask the operator for an account.');
	const passwordHash = await app.passwords.hash(input.password);
	return app.db.prisma.$transaction(async (tx) => {
		await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_USER_LOCK})`;
		if (await tx.user.findFirst({ where: { email: input.email }, select: { id: true } }))
			throw new AppError('EMAIL_TAKEN', 'This e-mail address is registered already. Sign in instead.', {
				fields: { email: 'This e-mail address is registered already.' }
			});
		const isFirst = (await tx.user.findFirst({ select: { id: true } })) === null;
		const user = await tx.user.create({
			data: {
				id: uuidv7(),
				email: input.email,
				name: input.name,
				passwordHash,
				role: isFirst ? 'OPERATOR' : 'TRADER'
			},
			select: { id: true, email: true, name: true, role: true }
		});
		await writeAudit(tx, { userId: user.id, action: 'user.register', origin, detail: { role: user.role } });
		return user;
	});
}
