/**
 * The second factor of a user: a TOTP secret, sealed and bound to the user's row, and ten one-time recovery
 * codes. Whatever switches it on or off changes the session's token and ends the user's other sessions, which
 * were let in under other rules.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Cookies } from '@sveltejs/kit';
import { encode } from 'uqr';
import { RECOVERY_CODES } from '#lib/domain/limits.ts';
import type { SecondFactorView, TotpSetupView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import { requireStepUp } from './stepUp.ts';
import { encodeBase32, matchTotp, newTotpSecret, totpUri } from './totp.ts';

/** What the sealed secret is bound to: it opens in no other row and in no other role. */
const ownerOf = (userId: string): string => `totp:${userId}`;

const hashRecoveryCode = (code: string): string => createHash('sha256').update(code).digest('hex');

export async function readSecondFactor(app: App, userId: string): Promise<SecondFactorView> {
	const user = await app.db.prisma.user.findFirst({
		where: { id: userId },
		select: { totpEnabledAt: true, recoveryCodes: { where: { usedAt: null }, select: { codeHash: true } } }
	});
	const since = user?.totpEnabledAt ?? null;
	return {
		isOn: since !== null,
		since: since?.toISOString() ?? null,
		recoveryCodesLeft: since === null ? 0 : (user?.recoveryCodes.length ?? 0)
	};
}

/**
 * Spends a code: six digits of the app, or a recovery code. Each works once, also when two requests bring it at
 * the same time.
 * @returns false for a wrong, a used and an outdated one, and where no second factor is on
 */
export async function spendCode(app: App, userId: string, typed: string): Promise<boolean> {
	const code = typed.replace(/[\s-]/g, '').toUpperCase();
	if (!/^\d{6}$/.test(code)) {
		const { count } = await app.db.prisma.recoveryCode.updateMany({
			where: {
				userId,
				codeHash: hashRecoveryCode(code),
				usedAt: null,
				user: { totpEnabledAt: { not: null } }
			},
			data: { usedAt: app.now() }
		});
		return count === 1;
	}
	const user = await app.db.prisma.user.findFirst({
		where: { id: userId, totpEnabledAt: { not: null } },
		select: { totpSecret: true }
	});
	if (!user?.totpSecret) return false;
	return spendStep(app.db.prisma, userId, matchStep(app, userId, user.totpSecret, code));
}

const matchStep = (app: App, userId: string, sealed: string, code: string): bigint | null =>
	matchTotp(app.secretBox.open(sealed, ownerOf(userId)), code, app.now().getTime());

async function spendStep(tx: Pick<Tx, 'user'>, userId: string, step: bigint | null): Promise<boolean> {
	if (step === null) return false;
	const { count } = await tx.user.updateMany({
		where: { id: userId, totpLastStep: { lt: step } },
		data: { totpLastStep: step }
	});
	return count === 1;
}

/** Begins to set it up: a new secret that counts once `enableTotp` got a code of it. */
export async function setUpTotp(app: App, caller: Caller): Promise<TotpSetupView> {
	requireStepUp(app, caller, 'second_factor');
	const { userId } = caller;
	const user = await app.db.prisma.user.findFirst({ where: { id: userId }, select: { email: true } });
	if (!user) throw notFound('The user');
	const secret = newTotpSecret();
	const { count } = await app.db.prisma.user.updateMany({
		where: { id: userId, totpEnabledAt: null },
		data: { totpSecret: app.secretBox.seal(secret, ownerOf(userId)) }
	});
	if (count === 0) throw isOnAlready();
	const uri = totpUri(secret, user.email);
	return { secret, uri, qr: qrPath(uri) };
}

/**
 * @returns the recovery codes, which cannot be shown again
 * @throws AppError WRONG_CODE, SECOND_FACTOR_STATE
 */
export async function enableTotp(
	app: App,
	caller: Caller,
	typed: string,
	cookies: Cookies
): Promise<{ recoveryCodes: string[] }> {
	requireStepUp(app, caller, 'second_factor');
	const { userId, origin } = caller;
	await app.limits.secondFactor.consume(`${userId}|${origin.ip ?? ''}`);
	const recoveryCodes = await app.db.prisma.$transaction(async (tx) => {
		const user = await tx.user.findFirst({
			where: { id: userId },
			select: { totpSecret: true, totpEnabledAt: true }
		});
		if (user?.totpEnabledAt) throw isOnAlready();
		if (!user?.totpSecret)
			throw new AppError('SECOND_FACTOR_STATE', 'Nothing is being set up. Begin with the QR code.');
		const step = matchStep(app, userId, user.totpSecret, typed.replace(/\s/g, ''));
		if (!(await spendStep(tx, userId, step)))
			throw new AppError('WRONG_CODE', 'This is not the code of the app just now. Try the next one.');
		await tx.user.updateMany({
			where: { id: userId, totpEnabledAt: null },
			data: { totpEnabledAt: app.now() }
		});
		await writeAudit(tx, { userId, action: 'user.second_factor_on', origin, detail: {} });
		return replaceRecoveryCodes(tx, userId);
	});
	await changeToken(app, caller, cookies);
	return { recoveryCodes };
}

export async function disableTotp(app: App, caller: Caller, cookies: Cookies): Promise<void> {
	requireStepUp(app, caller, 'second_factor');
	const { userId, origin } = caller;
	await app.db.prisma.$transaction(async (tx) => {
		const { count } = await tx.user.updateMany({
			where: { id: userId, totpEnabledAt: { not: null } },
			data: { totpSecret: null, totpEnabledAt: null }
		});
		if (count === 0) throw isOff();
		await tx.recoveryCode.deleteMany({ where: { userId } });
		await writeAudit(tx, { userId, action: 'user.second_factor_off', origin, detail: {} });
	});
	await changeToken(app, caller, cookies);
}

/** New recovery codes in the place of all old ones. */
export async function renewRecoveryCodes(app: App, caller: Caller): Promise<{ recoveryCodes: string[] }> {
	requireStepUp(app, caller, 'second_factor');
	const { userId, origin } = caller;
	const recoveryCodes = await app.db.prisma.$transaction(async (tx) => {
		if (!(await tx.user.findFirst({ where: { id: userId, totpEnabledAt: { not: null } } }))) throw isOff();
		await writeAudit(tx, { userId, action: 'user.recovery_codes', origin, detail: {} });
		return replaceRecoveryCodes(tx, userId);
	});
	return { recoveryCodes };
}

async function replaceRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
	// 80 bits each: too many to guess, so a fast hash is enough.
	const codes = Array.from({ length: RECOVERY_CODES }, () => encodeBase32(randomBytes(10)));
	await tx.recoveryCode.deleteMany({ where: { userId } });
	await tx.recoveryCode.createMany({
		data: codes.map((code) => ({ userId, codeHash: hashRecoveryCode(code) }))
	});
	return codes.map((code) => code.match(/.{4}/g)?.join('-') ?? code);
}

async function changeToken(app: App, { userId, session }: Caller, cookies: Cookies): Promise<void> {
	if (session) await app.sessions.rotate(session.id, cookies);
	await app.sessions.revokeOthers(userId, session?.id ?? null);
}

const isOnAlready = () =>
	new AppError(
		'SECOND_FACTOR_STATE',
		'The second factor is on already. Switch it off first to set it up anew.'
	);
const isOff = () => new AppError('SECOND_FACTOR_STATE', 'The second factor is not on.');

/** One unit per module, with the quiet zone the standard asks for. */
function qrPath(text: string): TotpSetupView['qr'] {
	const { data, size } = encode(text, { ecc: 'M', border: 4 });
	const path = data
		.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
		.join('');
	return { path, size };
}
