/** Safety modes in a sentence each; the EA reads the mode as an input. */
import type { SafetyMode } from '#lib/domain/eaSettings.ts';

export const SAFETY_WORDS: Record<SafetyMode, { label: string; detail: string; dot: string }> = {
	GREEN: { label: 'Green', detail: 'Trades as programmed.', dot: 'bg-live' },
	AMBER: { label: 'Amber', detail: 'Opens with half the lot size.', dot: 'bg-warn' },
	RED: { label: 'Red', detail: 'Manages what is open and opens nothing new.', dot: 'bg-fault' }
};
