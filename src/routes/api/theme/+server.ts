import { z } from 'zod';
import { api } from '#lib/server/http/api.ts';
import { readJson } from '#lib/server/http/readJson.ts';
import { rememberTheme, THEMES } from '#lib/server/http/theme.ts';

const themeSchema = z.strictObject({ theme: z.enum(THEMES) });

export const POST = api(async (event) => {
	const { theme } = await readJson(event, themeSchema);
	rememberTheme(event.cookies, theme, event.locals.app.config.isSecureOrigin);
	return new Response(null, { status: 204 });
});
