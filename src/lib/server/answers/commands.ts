/** What the routes of commands answer: src/lib/domain/views.ts says what each field means. */
import { z } from 'zod';
import { COMMAND_KINDS } from '#lib/domain/commandLifecycle.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { accountKind, decimal, moment } from './common.ts';
import { exactly } from './exactly.ts';

const residual = z
	.strictObject({
		ticket: z.string(),
		type: z.enum(['position', 'order']),
		symbol: z.string(),
		side: z.enum(['buy', 'sell']),
		lots: decimal,
		profit: decimal.nullable(),
		hasStopLoss: z.boolean(),
		brokerCode: z.int().nullable(),
		brokerText: z.string().nullable()
	})
	.meta({ id: 'Residual', description: 'What Stop could not close' });

const proof = z
	.strictObject({
		isAlgoTradingOff: z.boolean(),
		isEaUnloaded: z.boolean(),
		wasClosingAsked: z.boolean(),
		closedPositions: z.int(),
		deletedOrders: z.int(),
		residuals: z.array(residual),
		residualCount: z.int(),
		unprotectedPositions: z.int(),
		isCounted: z
			.boolean()
			.optional()
			.meta({ description: 'False: the terminal is down, so nothing could be counted' })
	})
	.meta({ id: 'Proof', description: 'What the bridge saw when the command was done' });

const result = z
	.strictObject({
		accountId: z.uuid(),
		accountNumber: z.string(),
		name: z.string(),
		broker: z.string(),
		kind: accountKind,
		status: z.enum([
			...(['success', 'failed', 'pending', 'timeout'] as const),
			...(['agent_offline', 'superseded', 'expired', 'indeterminate'] as const)
		]),
		stage: z.string().exactOptional(),
		willApplyLater: z.boolean(),
		errorCode: z.string().exactOptional(),
		error: z.string().exactOptional(),
		eaStatus: z.string().exactOptional(),
		proof: proof.exactOptional(),
		isFinal: z.boolean(),
		canRetry: z.boolean(),
		settledAt: moment.nullable(),
		durationMs: z.number().nullable()
	})
	.meta({ id: 'CommandResult' });

export const commandSchema = exactly<CommandView>()(
	z
		.strictObject({
			success: z.boolean().meta({ description: 'Every account is proven done' }),
			message: z.string(),
			commandId: z.uuid(),
			command: z.enum(COMMAND_KINDS),
			closePositions: z.boolean(),
			createdAt: moment,
			readAt: moment.nullable(),
			issuedBy: z.string().nullable(),
			totalAccounts: z.int(),
			successfulAccounts: z.int(),
			failedAccounts: z.int(),
			pendingAccounts: z.int(),
			accounts: z.array(result)
		})
		.meta({ id: 'Command' })
);
