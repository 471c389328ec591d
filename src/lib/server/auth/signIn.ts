/**
 * Signing in: e-mail and password, then the second factor of those who have one. An unknown address and a wrong
 * password answer the same, after the same time.
 */
import type { Cookies } from '@sveltejs/kit';
import { MAX_SECOND_FACTOR_ATTEMPTS } from '#lib/domain/limits.ts';
import type { App, RequestOrigin } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import type { LoginInput } from './credentials.ts';
import { isKnownDevice, rememberDevice } from './knownDevice.ts';
import { beginSecondStep, endSecondStep, readSecondStep } from './secondStep.ts';
import { spendCode } from './secondFactor.ts';
import type { SessionUser } from './session.ts';

export type SignIn = { user: SessionUser } | { isSecondFactorRequired: true };

type UserRow = SessionUser & { passwordHash: string; totpEnabledAt: Date | null };

const COLUMNS = {
	id: true,
	email: true,
	name: true,
	role: true,
	passwordHash: true,
	totpEnabledAt: true
} as const;

/**
 * @returns the user who is signed in now, or that the second factor is still missing
 * @throws AppError INVALID_CREDENTIALS, WRONG_CODE, RATE_LIMITED
 */
export async function signIn(
	app: App,
	input: LoginInput,
	origin: RequestOrigin,
	cookies: Cookies
): Promise<SignIn> {
	const { email, password, code } = input;
	const key = `${origin.ip ?? ''}|${email}`;
	await app.limits.login.consume(key);
	await app.limits.loginSustained.consume(key);
	const user = await app.db.prisma.user.findFirst({ where: { email }, select: COLUMNS });
	const flood = await accountFlood(app, email, user, cookies);
	// While an account is flooded with guesses, a new device gets in with the second factor, and nothing else is
	// even looked at.
	if (flood && (code === undefined || !user?.totpEnabledAt)) throw flood;

	const isRight = await app.passwords.verify(user?.passwordHash ?? null, password);
	if (!user || !isRight) {
		await audit(app, 'user.login_failed', user?.id ?? null, origin);
		throw flood ?? new AppError('INVALID_CREDENTIALS', 'E-mail address or password is wrong.');
	}
	if (user.totpEnabledAt) {
		if (code === undefined) {
			await beginSecondStep(app, user.id, cookies);
			return { isSecondFactorRequired: true };
		}
		const isCodeRight = await checkCode(app, user.id, code, origin);
		if (!isCodeRight) throw flood ?? wrongCode();
	}
	await app.limits.login.forget(key);
	await app.limits.loginSustained.forget(key);
	return { user: await letIn(app, user, origin, cookies) };
}

/**
 * The second step of a sign-in whose password was right.
 * @throws AppError WRONG_CODE, SIGN_IN_EXPIRED, RATE_LIMITED
 */
export async function giveSecondFactor(
	app: App,
	code: string,
	origin: RequestOrigin,
	cookies: Cookies
): Promise<SessionUser> {
	const step = await readSecondStep(app, cookies);
	if (!step || step.attempts > MAX_SECOND_FACTOR_ATTEMPTS) {
		await endSecondStep(app, cookies);
		throw new AppError(
			'SIGN_IN_EXPIRED',
			'This took too long or too many codes. Begin with the password again.'
		);
	}
	if (!(await checkCode(app, step.userId, code, origin))) throw wrongCode();
	const user = await app.db.prisma.user.findFirst({ where: { id: step.userId }, select: COLUMNS });
	if (!user) throw wrongCode();
	await endSecondStep(app, cookies);
	const key = `${origin.ip ?? ''}|${user.email}`;
	await app.limits.login.forget(key);
	await app.limits.loginSustained.forget(key);
	return letIn(app, user, origin, cookies);
}

async function checkCode(app: App, userId: string, code: string, origin: RequestOrigin): Promise<boolean> {
	const key = `${userId}|${origin.ip ?? ''}`;
	await app.limits.secondFactor.consume(key);
	const isRight = await spendCode(app, userId, code);
	if (isRight) await app.limits.secondFactor.forget(key);
	else await audit(app, 'user.second_factor_failed', userId, origin);
	return isRight;
}

/** The refusal when strange devices tried this account too often; null from a device that it knows. */
async function accountFlood(
	app: App,
	email: string,
	user: UserRow | null,
	cookies: Cookies
): Promise<AppError | null> {
	if (user && isKnownDevice(app, user.id, cookies)) return null;
	try {
		await app.limits.loginAccount.consume(email);
		return null;
	} catch (refusal) {
		if (refusal instanceof AppError) return refusal;
		throw refusal;
	}
}

async function letIn(
	app: App,
	{ id, email, name, role }: UserRow,
	origin: RequestOrigin,
	cookies: Cookies
): Promise<SessionUser> {
	await app.sessions.create(id, origin, cookies);
	rememberDevice(app, id, cookies);
	await audit(app, 'user.login', id, origin);
	return { id, email, name, role };
}

const audit = (app: App, action: string, userId: string | null, origin: RequestOrigin): Promise<void> =>
	writeAudit(app.db.prisma, { userId, action, origin, detail: {} });

const wrongCode = () =>
	new AppError('WRONG_CODE', 'The code is wrong, or was used already. Wait for the next one and try again.', {
		fields: { code: 'The code is wrong, or was used already.' }
	});
