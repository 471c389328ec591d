import type { Preferences, PreferencesPatch } from '#lib/domain/preferences.ts';
import type { App } from '../app.ts';
import { notFound } from '../errors.ts';

const select = { tradeClock: true, hasShortcuts: true } as const;

export async function readPreferences(app: App, userId: string): Promise<Preferences> {
	const user = await app.db.prisma.user.findFirst({ where: { id: userId }, select });
	if (!user) throw notFound('The user');
	return user;
}

/** Changes some of them. They change nothing but how pages look, so the audit log does not hear of it. */
export async function updatePreferences(
	app: App,
	userId: string,
	patch: PreferencesPatch
): Promise<Preferences> {
	return app.db.prisma.user.update({
		where: { id: userId },
		// zod writes a missing field as undefined, which Prisma leaves alone.
		data: patch as { [K in keyof PreferencesPatch]-?: never },
		select
	});
}
