import { z } from 'zod';
import { api } from '#lib/server/http/api.ts';
import { rememberTheme, THEMES } from '#lib/server/http/theme.ts';

const themeSchema = z.strictObject({ theme: z.enum(THEMES) });

export const POST = api(
	{
		tag: 'Settings',
		summary: 'Remember the theme of the pages',
		body: themeSchema,
		answer: null
	},
	async (event, readBody) => {
		const { theme } = await readBody();
		rememberTheme(event.cookies, theme, event.locals.app.config.isSecureOrigin);
		return new Response(null, { status: 204 });
	}
);
