import type { Cookies } from '@sveltejs/kit';

export const THEMES = ['dark', 'light', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const COOKIE = 'quintet_theme';

/** The theme lies in a cookie, so that the first byte of the page has it and no inline script is needed. */
export function themeOf(cookies: Cookies): Theme {
	const value = cookies.get(COOKIE);
	return THEMES.find((theme) => theme === value) ?? 'dark';
}

export function rememberTheme(cookies: Cookies, theme: Theme, isSecure: boolean): void {
	cookies.set(COOKIE, theme, {
		path: '/',
		httpOnly: true,
		sameSite: 'lax',
		secure: isSecure,
		maxAge: 365 * 24 * 3600
	});
}
