const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * True for a request that changes something and that a browser sent from another site, whatever its content
 * type. As CrossOriginProtection of Go 1.25: Sec-Fetch-Site decides; browsers without it send Origin; a request
 * with neither is no browser's, and carries no cookie that a page could have borrowed.
 */
export function isCrossSite(request: Request, url: URL): boolean {
	if (SAFE_METHODS.has(request.method)) return false;
	const site = request.headers.get('sec-fetch-site');
	if (site !== null) return site !== 'same-origin' && site !== 'none';
	const origin = request.headers.get('origin');
	if (origin === null) return false;
	// The host is compared, not the scheme: behind a proxy that ends TLS the scheme seen here may differ.
	return !URL.canParse(origin) || new URL(origin).host !== url.host;
}
