import { json, type RequestHandler } from '@sveltejs/kit';

/** For a process supervisor: 200 while this process answers. Whether it can do its work: /readyz. */
export const GET: RequestHandler = () => json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
