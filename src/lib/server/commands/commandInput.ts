import { z } from 'zod';
import { tagSchema } from '#lib/domain/tagsSchema.ts';
import { COMMAND_KINDS } from '#lib/domain/commandLifecycle.ts';

/** POST /api/user/ea/command */
export const commandInputSchema = z
	.strictObject({
		command: z.enum(COMMAND_KINDS, 'The command is start_ea, pause_ea or stop_ea.'),
		/** Only these; left out, every account that is switched on. */
		accountIds: z.array(z.uuid('This is not an account id.')).min(1).max(100).optional(),
		/** Those of them that carry this tag. */
		tag: tagSchema.optional(),
		/** Stop only: overrides what the settings say. */
		closePositions: z.boolean().optional(),
		/** The kill switch: every account there is, whether it is switched on or not. */
		everyAccount: z.literal(true).optional()
	})
	.refine(({ command, everyAccount }) => !everyAccount || command !== 'start_ea', {
		path: ['everyAccount'],
		message: 'Only Stop and Pause reach every account. Start goes to those that are switched on.'
	})
	.refine(({ accountIds, everyAccount }) => !everyAccount || accountIds === undefined, {
		path: ['accountIds'],
		message: 'Name the accounts, or say that every account is meant: not both.'
	})
	.refine(({ accountIds, everyAccount, tag }) => tag === undefined || !(accountIds ?? everyAccount), {
		path: ['tag'],
		message: 'Name the accounts, or a tag: not both.'
	});
export type CommandInput = z.infer<typeof commandInputSchema>;

export const idempotencyKeySchema = z
	.string()
	.regex(/^[A-Za-z0-9_-]{8,100}$/, 'The Idempotency-Key is 8 to 100 letters, digits, - or _; a UUID is best.')
	.nullable();
