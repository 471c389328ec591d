/** What an agent does of itself on an account while nobody tells it. */
import { z } from 'zod';

const minutesSchema = z
	.int('The minutes are a whole number.')
	.min(1, 'At least one minute: shorter losses of the line are everyday.')
	.max(1440, 'At most a day, 1440 minutes.');

export const accountPolicySchema = z.object({
	/** A confirmed EA that is gone after a restart of terminal, agent or machine is brought back. False: it waits for a Start. */
	resumesByItself: z.boolean(),
	/**
	 * The watchdog restarts the terminal, logs it in again and brings back or reloads a confirmed EA. False: only
	 * commands do; what must not run is taken off all the same.
	 */
	isWatchdogOn: z.boolean().default(true),
	/**
	 * Dead-man policy: Algo Trading is switched off after so long without the server, and stays off until the
	 * next Start. Null: the EA goes on.
	 */
	pauseAfterLossMinutes: minutesSchema.nullable()
});
export type AccountPolicy = z.infer<typeof accountPolicySchema>;

export const DEFAULT_POLICY: AccountPolicy = {
	resumesByItself: true,
	isWatchdogOn: true,
	pauseAfterLossMinutes: null
};

/** Input of PATCH: what is left out stays. */
export const accountPolicyPatchSchema = z.strictObject({
	resumesByItself: z.boolean().optional(),
	pauseAfterLossMinutes: minutesSchema.nullish()
});
