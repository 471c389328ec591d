/** How a person wants the pages: remembered with the person, the same on every device. */
import { z } from 'zod';

/** Whose clock times are shown by: the person's own, that of the account's broker (as in MetaTrader), or UTC. */
export const TRADE_CLOCKS = ['MINE', 'BROKER', 'UTC'] as const;
export type TradeClock = (typeof TRADE_CLOCKS)[number];

export const preferencesSchema = z
	.strictObject({
		tradeClock: z.enum(TRADE_CLOCKS),
		hasShortcuts: z.boolean().meta({
			description:
				'Single keys do something; off for people whose input triggers them by accident (WCAG 2.1.4)'
		})
	})
	.meta({ id: 'Preferences' });
export type Preferences = z.infer<typeof preferencesSchema>;

export const preferencesPatchSchema = preferencesSchema.partial();
export type PreferencesPatch = z.infer<typeof preferencesPatchSchema>;
