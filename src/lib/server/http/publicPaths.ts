/** What may be asked for without a session; everything else is refused before a route runs. */
const PUBLIC = new Set([
	'/',
	'/login',
	'/login/code',
	'/register',
	'/logout',
	'/healthz',
	'/readyz',
	// Guarded by a token of its own.
	'/metrics',
	'/api/auth/register',
	'/api/auth/login',
	'/api/auth/login/second-factor',
	'/api/auth/logout',
	'/api/theme',
	'/api/agents/enrol',
	'/api/agents/rotate',
	// For machines that know nobody here yet: a script and a program, neither with a secret.
	'/install.ps1',
	'/quintet-agent-win-x64.zip'
]);

/** @param routeId null for an address that is no route: its 404 tells nobody anything */
export function isPublicPath(pathname: string, routeId: string | null): boolean {
	return PUBLIC.has(pathname) || (routeId === null && !pathname.startsWith('/api/'));
}
