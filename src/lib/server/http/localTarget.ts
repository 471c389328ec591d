/** Where to go after signing in: a path of this site and nothing else, or the dashboard. */
export function localTarget(next: string | null): string {
	const isLocalPath = next !== null && /^\/(?![/\\])[A-Za-z0-9/_-]*$/.test(next) && !next.startsWith('/api');
	return isLocalPath ? next : '/dashboard';
}
