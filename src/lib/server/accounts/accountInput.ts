/** What the API accepts for an account; the rules of the single fields are in src/lib/domain/accountInput.ts. */
import { z } from 'zod';
import {
	accountNameSchema,
	accountNumberSchema,
	brokerSchema,
	currencySchema,
	expertPathSchema,
	magicSchema,
	mt5PasswordSchema,
	serverNameSchema,
	symbolSchema,
	timeframeSchema
} from '#lib/domain/accountInput.ts';
import { accountPolicyPatchSchema } from '#lib/domain/accountPolicy.ts';
import { tagsSchema } from '#lib/domain/tagsSchema.ts';
import { SEALED_TEXT } from '#lib/protocol/seal.ts';
import { eaOverridesPatchSchema } from '#lib/domain/eaSettings.ts';

const kindSchema = z
	.string()
	.toUpperCase()
	.pipe(z.enum(['DEMO', 'REAL']));

/** MetaTrader shows account numbers as numbers; both forms are taken. */
const accountNumberInput = z
	.union([z.string().trim(), z.int().positive().transform(String)])
	.pipe(accountNumberSchema);

/** A password that the browser sealed (seal.ts); the server checks for whom, and cannot open it. */
const sealedTextSchema = z.string().regex(SEALED_TEXT, 'The sealed password has an unknown form.');

const newAccountSchema = z.strictObject({
	accountNumber: accountNumberInput,
	password: mt5PasswordSchema.optional(),
	/** In the place of `password`: sealed for this id, which the account gets. */
	sealed: z.strictObject({ accountId: z.uuid(), text: sealedTextSchema }).optional(),
	broker: z.string().trim().pipe(brokerSchema),
	serverName: z.string().trim().pipe(serverNameSchema),
	name: z.string().trim().pipe(accountNameSchema).optional(),
	kind: kindSchema.optional(),
	currency: currencySchema.optional(),
	tags: tagsSchema.optional()
});
export const createAccountSchema = newAccountSchema.refine(
	({ password, sealed }) => (password === undefined) !== (sealed === undefined),
	{ path: ['password'], error: 'The password is missing.' }
);
export type CreateAccountInput = z.infer<typeof createAccountSchema>;

export const updateAccountSchema = z
	.strictObject({
		password: mt5PasswordSchema,
		/** In the place of `password`. */
		sealed: sealedTextSchema,
		broker: z.string().trim().pipe(brokerSchema),
		serverName: z.string().trim().pipe(serverNameSchema),
		name: z.string().trim().pipe(accountNameSchema),
		kind: kindSchema,
		currency: currencySchema,
		tags: tagsSchema,
		status: z.enum(['ACTIVE', 'INACTIVE']),
		/** The role can be given, not taken away: another account takes it over. */
		isPrimary: z.literal(true),
		overrides: eaOverridesPatchSchema,
		policy: accountPolicyPatchSchema,
		expert: z.strictObject({
			path: expertPathSchema.optional(),
			symbol: symbolSchema.optional(),
			timeframe: timeframeSchema.optional(),
			magic: magicSchema.optional()
		})
	})
	.partial();
export type UpdateAccountInput = z.infer<typeof updateAccountSchema>;

export const toggleSchema = z.strictObject({ enabled: z.boolean().optional() });
