import { installScript } from '#lib/server/agents/installScript.ts';

/** For `irm …/install.ps1 | iex` on a machine that knows nobody here yet: holds no secret. */
export const GET = ({ url }) =>
	new Response(installScript(url.origin), {
		headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
	});
