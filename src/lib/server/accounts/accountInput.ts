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
import { eaOverridesPatchSchema } from '#lib/domain/eaSettings.ts';

const kindSchema = z
	.string()
	.toUpperCase()
	.pipe(z.enum(['DEMO', 'REAL']));

/** MetaTrader shows account numbers as numbers; both forms are taken. */
const accountNumberInput = z
	.union([z.string().trim(), z.int().positive().transform(String)])
	.pipe(accountNumberSchema);

export const createAccountSchema = z.strictObject({
	accountNumber: accountNumberInput,
	password: mt5PasswordSchema,
	broker: z.string().trim().pipe(brokerSchema),
	serverName: z.string().trim().pipe(serverNameSchema),
	name: z.string().trim().pipe(accountNameSchema).optional(),
	kind: kindSchema.optional(),
	currency: currencySchema.optional()
});
export type CreateAccountInput = z.infer<typeof createAccountSchema>;

export const updateAccountSchema = z
	.strictObject({
		password: mt5PasswordSchema,
		broker: z.string().trim().pipe(brokerSchema),
		serverName: z.string().trim().pipe(serverNameSchema),
		name: z.string().trim().pipe(accountNameSchema),
		kind: kindSchema,
		currency: currencySchema,
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
