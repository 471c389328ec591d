/**
 * The settings that travel with a command (F5): the trader's defaults with per-account overrides.
 * Lots and money are decimal strings, as everywhere outside the database.
 */
import { z } from 'zod';
import { SAFETY_MODES, type SafetyMode } from './eaChoices.ts';
import { isUploadedPath } from './expertFile.ts';
import { uploadedExpertSchema } from './expertFileSchema.ts';
import { expertPathSchema, magicSchema, symbolSchema, timeframeSchema } from './accountInput.ts';

export { SAFETY_MODES, type SafetyMode };

const decimal = (fractionDigits: number, wholeDigits: number, message: string) =>
	z.string().regex(new RegExp(`^\\d{1,${wholeDigits}}(\\.\\d{1,${fractionDigits}})?$`), message);

export const lotsSchema = decimal(2, 4, 'The lot size is a number like 0.50, up to 9999.99.').refine(
	(lots) => Number(lots) > 0,
	'The lot size must be more than zero.'
);
export const moneySchema = decimal(2, 10, 'The amount is a number like 500 or 500.00.');

/** Input of the settings form and of PATCH: every field may be left out. */
export const eaSettingsPatchSchema = z.strictObject({
	maxLotSize: lotsSchema.optional(),
	maxLoss: moneySchema.optional(),
	safetyMode: z.enum(SAFETY_MODES).optional(),
	closePositionsOnStop: z.boolean().optional()
});
export type EaSettingsPatch = z.infer<typeof eaSettingsPatchSchema>;

/** As an override, null means "as the trader's default". */
export const eaOverridesPatchSchema = z.strictObject({
	maxLotSize: lotsSchema.nullish(),
	maxLoss: moneySchema.nullish(),
	safetyMode: z.enum(SAFETY_MODES).nullish(),
	closePositionsOnStop: z.boolean().nullish()
});

/** Everything an agent needs to run the EA on one account. */
export const eaSettingsSchema = z.object({
	/** Largest volume of one position, in lots. */
	maxLotSize: lotsSchema,
	/** Loss in the account's currency at which the EA must stop opening; 0 means none. */
	maxLoss: moneySchema,
	safetyMode: z.enum(SAFETY_MODES),
	closePositionsOnStop: z.boolean(),
	expert: z
		.object({
			path: expertPathSchema,
			symbol: symbolSchema,
			timeframe: timeframeSchema,
			/** The EA's magic number: the scope of what Stop closes. */
			magic: magicSchema,
			/** Set: a version that the trader uploaded, which the agent brings to `path`. Left out: it is on the machine. */
			file: uploadedExpertSchema.optional()
		})
		.refine(({ path, file }) => !file || isUploadedPath(path, file.sha256), 'a path of another file')
});
export type EaSettings = z.infer<typeof eaSettingsSchema>;

export interface TraderDefaults {
	maxLotSize: string;
	maxLoss: string;
	safetyMode: SafetyMode;
	closePositionsOnStop: boolean;
}

export type EaOverrides = { [K in keyof TraderDefaults]: TraderDefaults[K] | null };

/** The trader's defaults with one account's overrides laid over them. */
export function effectiveSettings(
	defaults: TraderDefaults,
	overrides: EaOverrides,
	expert: EaSettings['expert']
): EaSettings {
	return {
		maxLotSize: overrides.maxLotSize ?? defaults.maxLotSize,
		maxLoss: overrides.maxLoss ?? defaults.maxLoss,
		safetyMode: overrides.safetyMode ?? defaults.safetyMode,
		closePositionsOnStop: overrides.closePositionsOnStop ?? defaults.closePositionsOnStop,
		expert
	};
}
