import { json } from '@sveltejs/kit';
import { disableTotp, readSecondFactor, setUpTotp } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

const NO_STORE = { headers: { 'cache-control': 'no-store' } };

export const GET = api(async (event) =>
	json(await readSecondFactor(event.locals.app, requireCaller(event).userId))
);

/** Begins to set it up. */
export const POST = api(async (event) =>
	json(await setUpTotp(event.locals.app, requireCaller(event)), NO_STORE)
);

export const DELETE = api(async (event) => {
	await disableTotp(event.locals.app, requireCaller(event), event.cookies);
	return new Response(null, { status: 204 });
});
