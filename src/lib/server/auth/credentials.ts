/** What a person types to register and to sign in. */
import { z } from 'zod';

export const emailSchema = z
	.string()
	.trim()
	.toLowerCase()
	.max(254, 'The e-mail address is too long.')
	.pipe(z.email('This is not an e-mail address.'));

export const registerSchema = z.strictObject({
	email: emailSchema,
	password: z
		.string()
		.min(8, 'The password needs at least 8 characters.')
		.max(200, 'The password is longer than 200 characters.'),
	name: z.string().trim().min(1, 'Say how we may call you.').max(80, 'The name is longer than 80 characters.')
});

export const loginSchema = z.strictObject({
	email: emailSchema,
	password: z
		.string()
		.min(1, 'The password is missing.')
		.max(200, 'The password is longer than 200 characters.')
});

export type Registration = z.infer<typeof registerSchema>;
export type LoginInput = z.infer<typeof loginSchema>;
