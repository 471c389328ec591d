/** What an EA's settings choose from; apart from their schemas, because the pages need no zod. */

/** Green: trade as programmed. Amber: half the lot size. Red: manage what is open, open nothing new. */
export const SAFETY_MODES = ['GREEN', 'AMBER', 'RED'] as const;
export type SafetyMode = (typeof SAFETY_MODES)[number];

/** MetaTrader 5's own names of chart periods. */
export const TIMEFRAMES = ['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1', 'MN1'] as const;
