import { redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { readCommandPage } from '#lib/server/commands/commandRows.ts';

const PAGE = 25;

export const load = async ({ locals, url, depends }) => {
	depends('app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const before = z.uuid().safeParse(url.searchParams.get('before'));
	const commands = await readCommandPage(app.db.pool, user.id, PAGE + 1, before.success ? before.data : null);
	const page = commands.slice(0, PAGE);
	const nextCursor = commands.length > PAGE ? (page.at(-1)?.commandId ?? null) : null;
	return { commands: page, nextCursor };
};
