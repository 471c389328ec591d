import { callApi } from '../live/api.ts';

export type Theme = 'dark' | 'light' | 'system';

export function applyTheme(theme: Theme): void {
	document.documentElement.dataset.theme = theme;
	// Not remembered is no harm: the page keeps the choice until it is left.
	void callApi('/api/theme', { method: 'POST', body: { theme } });
}

/** The one in force, which another part of the page may have picked. */
export function presentTheme(): Theme {
	const theme = document.documentElement.dataset.theme;
	return theme === 'light' || theme === 'system' ? theme : 'dark';
}
