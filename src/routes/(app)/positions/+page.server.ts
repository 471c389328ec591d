import { redirect } from '@sveltejs/kit';
import { readOpenBook } from '#lib/server/live/openItemsView.ts';

export const load = async ({ locals, depends }) => {
	depends('app:positions');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	return { book: await readOpenBook(app, user.id) };
};
