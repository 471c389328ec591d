const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * True for a request that changes something and that a browser sent from elsewhere than our own pages, whatever
 * its content type. As CrossOriginProtection of Go 1.25: Sec-Fetch-Site decides, and only `same-origin` will do;
 * where it says something else or is missing, Origin must be ours. A request with neither header is no
 * browser's, and carries no cookie that a page could have borrowed.
 */
export function isCrossSite(request: Request, url: URL): boolean {
	if (SAFE_METHODS.has(request.method)) return false;
	const site = request.headers.get('sec-fetch-site');
	if (site === 'same-origin') return false;
	const origin = request.headers.get('origin');
	// What another site sends is never ours, whatever its Origin claims.
	if (site === 'cross-site' || site === 'same-site') return true;
	if (origin === null) return site !== null;
	// The host is compared, not the scheme: behind a proxy that ends TLS the scheme seen here may differ.
	return !URL.canParse(origin) || new URL(origin).host !== url.host;
}
