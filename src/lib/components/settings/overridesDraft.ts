/** One account's own settings as form texts: empty means "as the trader's default". */
import type { AccountView } from '#lib/domain/views.ts';

export interface OverridesDraft {
	maxLotSize: string;
	maxLoss: string;
	/** '' | GREEN | AMBER | RED */
	safetyMode: string;
	/** '' | close | keep */
	closePositionsOnStop: string;
	path: string;
	symbol: string;
	timeframe: string;
	magic: string;
	/** resume | ask */
	afterRestart: string;
	/** Minutes; empty means that the EA goes on. */
	pauseAfterLossMinutes: string;
}

export function overridesDraft({ overrides, settings, policy }: AccountView): OverridesDraft {
	const { closePositionsOnStop } = overrides;
	return {
		maxLotSize: overrides.maxLotSize ?? '',
		maxLoss: overrides.maxLoss ?? '',
		safetyMode: overrides.safetyMode ?? '',
		closePositionsOnStop: closePositionsOnStop === null ? '' : closePositionsOnStop ? 'close' : 'keep',
		path: settings.expert.path,
		symbol: settings.expert.symbol,
		timeframe: settings.expert.timeframe,
		magic: String(settings.expert.magic),
		afterRestart: policy.resumesByItself ? 'resume' : 'ask',
		pauseAfterLossMinutes: policy.pauseAfterLossMinutes === null ? '' : String(policy.pauseAfterLossMinutes)
	};
}

const orNull = (text: string) => (text === '' ? null : text);
const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);

/** The body of PATCH; what is no number is sent as it is, so that the server says what is wrong with it. */
export function overridesPatch(draft: OverridesDraft) {
	return {
		overrides: {
			maxLotSize: orNull(draft.maxLotSize),
			maxLoss: orNull(draft.maxLoss),
			safetyMode: orNull(draft.safetyMode),
			closePositionsOnStop: draft.closePositionsOnStop === '' ? null : draft.closePositionsOnStop === 'close'
		},
		expert: {
			path: draft.path,
			symbol: draft.symbol,
			timeframe: draft.timeframe,
			magic: numberOf(draft.magic)
		},
		policy: {
			resumesByItself: draft.afterRestart === 'resume',
			pauseAfterLossMinutes: draft.pauseAfterLossMinutes === '' ? null : numberOf(draft.pauseAfterLossMinutes)
		}
	};
}

/** The server names a nested field by its path, e.g. `overrides.maxLoss`. */
export function fieldError(fields: Record<string, string> | undefined, field: string): string | undefined {
	const parts = ['', 'overrides.', 'expert.', 'policy.'];
	return parts.map((part) => fields?.[`${part}${field}`]).find((message) => message !== undefined);
}

/** `all as above`, or how many settings are the account's own. */
export function describeOverrides({ overrides, settings }: AccountView): string {
	const own = Object.values(overrides).filter((value) => value !== null).length;
	const chart = `${settings.expert.symbol} ${settings.expert.timeframe}`;
	return own === 0 ? `${chart}, limits as above` : `${chart}, ${own} of its own`;
}
