/** The tab's title tells the state, so that it can be read without opening the tab. */
import type { AlgoState } from '#lib/domain/ladder.ts';

const PAGES: Record<string, string> = {
	'/positions': 'Positions',
	'/analytics': 'Analytics',
	'/activity': 'Activity',
	'/accounts': 'Accounts',
	'/agents': 'Agents',
	'/account': 'Security',
	'/docs': 'API'
};

/** @param states of the enabled accounts, as shown */
export function pageTitle(pathname: string, states: readonly AlgoState[]): string {
	const count = (...wanted: AlgoState[]) => states.filter((state) => wanted.includes(state)).length;
	const running = count('running');
	const trouble = count('degraded', 'down');
	const unknown = count('unknown');
	const parts = [
		running > 0 ? `${running} running` : '',
		trouble > 0 ? `${trouble} faulty` : '',
		unknown > 0 ? `${unknown} unknown` : ''
	].filter(Boolean);
	if (states.length > 0 && parts.length === 0) parts.push('None running');
	return [parts.join(', '), PAGES[`/${pathname.split('/')[1] ?? ''}`] ?? '', 'Quintet']
		.filter(Boolean)
		.join(' · ');
}
