/** The tab's title and its picture tell state and day P&L, so that they can be read without opening the tab. */
import type { AlgoState } from '#lib/domain/ladder.ts';
import type { Totals } from '../dashboard/totals.ts';
import { formatDecimal } from '../ui/money.ts';

const PAGES: Record<string, string> = {
	'/positions': 'Positions',
	'/analytics': 'Analytics',
	'/activity': 'Activity',
	'/accounts': 'Accounts',
	'/agents': 'Agents',
	'/preferences': 'Preferences',
	'/account': 'Security',
	'/alerts': 'Alerts',
	'/experts': 'Your EAs',
	'/docs': 'API'
};

/** What stands out of the states of the enabled accounts; null without accounts. */
export type TabState = 'running' | 'trouble' | 'unknown' | 'idle' | null;

export function tabState(states: readonly AlgoState[]): TabState {
	if (states.length === 0) return null;
	if (states.some((state) => state === 'degraded' || state === 'down')) return 'trouble';
	if (states.includes('unknown')) return 'unknown';
	return states.includes('running') ? 'running' : 'idle';
}

/** Told apart by shape, not by colour alone; the same shapes as the favicons. */
const SIGNS = { running: '●', trouble: '▲', unknown: '?', idle: '■' };

/** In static/: the state's own picture. */
export const favicon = (state: TabState): string =>
	state === null ? '/favicon.svg' : `/favicon-${state}.svg`;

/** More kinds of money than this are not told: the title is short. */
const MOST_SUMS = 2;

/** `+124.50 USD`; never a sum of different money, and nothing where nothing fresh is known. */
function dayWords(totals: readonly Totals[]): string {
	if (totals.length === 0) return '';
	const areBothKinds = new Set(totals.map(({ kind }) => kind)).size > 1;
	const sums = totals.flatMap(({ sums, isStale, currency, currencyDigits, kind, counted, accounts }) => {
		if (sums === null || isStale) return [];
		const amount = formatDecimal(sums.day, { fractionDigits: currencyDigits, isSigned: true });
		const part = counted < accounts ? ` (${counted} of ${accounts})` : '';
		return `${amount} ${currency}${areBothKinds ? ` ${kind.toLowerCase()}` : ''}${part}`;
	});
	return sums.length === 0 ? 'P&L unknown' : sums.slice(0, MOST_SUMS).join(', ');
}

/**
 * @param states of the enabled accounts, as shown
 * @param totals of the same accounts
 */
export function pageTitle(
	pathname: string,
	states: readonly AlgoState[],
	totals: readonly Totals[] = []
): string {
	const count = (...wanted: AlgoState[]) => states.filter((state) => wanted.includes(state)).length;
	const running = count('running');
	const trouble = count('degraded', 'down');
	const unknown = count('unknown');
	const parts = [
		running > 0 ? `${running} running` : '',
		trouble > 0 ? `${trouble} faulty` : '',
		unknown > 0 ? `${unknown} unknown` : ''
	].filter(Boolean);
	const state = tabState(states);
	if (state !== null && parts.length === 0) parts.push('None running');
	const words = state === null ? '' : `${SIGNS[state]} ${parts.join(', ')}`;
	return [words, dayWords(totals), PAGES[`/${pathname.split('/')[1] ?? ''}`] ?? '', 'Quintet']
		.filter(Boolean)
		.join(' · ');
}
