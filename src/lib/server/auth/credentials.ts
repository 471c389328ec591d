/** What a person types to register and to sign in. */
import { z } from 'zod';
import { personNameSchema } from '#lib/domain/accountInput.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '#lib/domain/limits.ts';
import { isCommonPassword } from './commonPasswords.ts';

export const emailSchema = z
	.string()
	.trim()
	.toLowerCase()
	.max(254, 'The e-mail address is too long.')
	.pipe(z.email('This is not an e-mail address.'));

const TOO_LONG = `The password is longer than ${MAX_PASSWORD_LENGTH} characters.`;

/** A password to be set: long enough and not one of those that are tried first; nothing else is asked of it. */
const newPasswordSchema = z
	.string()
	.min(MIN_PASSWORD_LENGTH, `The password needs at least ${MIN_PASSWORD_LENGTH} characters.`)
	.max(MAX_PASSWORD_LENGTH, TOO_LONG)
	.refine((password) => !isCommonPassword(password), {
		message: 'Many people use this password, so it is guessed first. Choose another one.'
	});

/** A password to be checked. */
const givenPasswordSchema = z.string().min(1, 'The password is missing.').max(MAX_PASSWORD_LENGTH, TOO_LONG);

/** Six digits of the authenticator app, or a recovery code. */
const codeSchema = z.string().trim().min(1, 'The code is missing.').max(40, 'The code is too long.');

export const registerSchema = z
	.strictObject({
		email: emailSchema,
		password: newPasswordSchema,
		name: z.string().trim().min(1, 'Say how we may call you.').pipe(personNameSchema)
	})
	.refine(({ email, password }) => password.toLowerCase() !== email, {
		path: ['password'],
		message: 'The password must not be the e-mail address.'
	});

export const loginSchema = z.strictObject({
	email: emailSchema,
	password: givenPasswordSchema,
	/** The second factor may come along; without it, it is asked for in a second step. */
	code: codeSchema.optional()
});

export const secondFactorSchema = z.strictObject({ code: codeSchema });

export const passwordChangeSchema = z.strictObject({
	currentPassword: givenPasswordSchema,
	newPassword: newPasswordSchema
});

export const confirmationSchema = z
	.strictObject({ password: givenPasswordSchema.optional(), code: codeSchema.optional() })
	.refine(({ password, code }) => (password === undefined) !== (code === undefined), {
		message: 'Give either the password or a code.'
	});

export type Registration = z.infer<typeof registerSchema>;
export type LoginInput = z.infer<typeof loginSchema>;
export type PasswordChange = z.infer<typeof passwordChangeSchema>;
export type Confirmation = z.infer<typeof confirmationSchema>;
