/** What the operators' routes answer. */
import { z } from 'zod';
import type { DrainView, MachineAccountView, MachineStopView } from '#lib/domain/operatorViews.ts';
import { accountKind, moment, wanted } from './common.ts';
import { exactly } from './exactly.ts';

export const joinCodeSchema = z.strictObject({ code: z.string(), expiresAt: moment });
export const agentStandingSchema = z.strictObject({
	id: z.uuid(),
	standing: z.enum(['approved', 'revoked'])
});
export const movedAccountSchema = z.strictObject({ accountId: z.uuid() });

export const machineAccountsSchema = z.strictObject({
	accounts: z.array(
		exactly<MachineAccountView>()(
			z.strictObject({
				id: z.uuid(),
				accountNumber: z.string(),
				name: z.string(),
				broker: z.string(),
				kind: accountKind,
				trader: z.string(),
				wanted,
				movesTo: z.string().nullable()
			})
		)
	)
});

export const drainViewSchema = exactly<DrainView>()(
	z.strictObject({
		moved: z.int(),
		failures: z.array(z.strictObject({ accountNumber: z.string(), message: z.string() }))
	})
);

export const machineStopSchema = exactly<MachineStopView>()(
	z.strictObject({
		traders: z.int(),
		accounts: z.int(),
		sentAccounts: z.int(),
		failures: z.array(z.strictObject({ traderId: z.string(), message: z.string() }))
	})
);
