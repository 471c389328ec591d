/**
 * The one place from where this server calls an address that a user named. The name is resolved once, every address it
 * has must be a public one, and the connection goes to one of just these: a name that changes its mind in between leads
 * nowhere else. No redirect is followed, nothing of the answer but its status is kept.
 */
import { createHmac } from 'node:crypto';
import { lookup as resolve } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './publicAddress.ts';

export interface WebhookMessage {
	/** The same for every attempt. */
	id: string;
	body: string;
}

/** What came of one attempt. */
export interface Attempt {
	isDelivered: boolean;
	/** Null: there was no answer. */
	httpStatus: number | null;
	/** What went wrong, in words that hold nothing of the receiver's answer. */
	error: string | null;
	/** The receiver says that it wants no more. */
	isGone: boolean;
}

const PRIVATE = 'the address is a private one';
class PrivateAddress extends Error {}

/**
 * `webhook-*` headers of Standard Webhooks (https://www.standardwebhooks.com).
 * @param secret `whsec_` and base64
 */
export function signedHeaders(
	{ id, body }: WebhookMessage,
	secret: string,
	nowMs: number
): Record<string, string> {
	const timestamp = String(Math.floor(nowMs / 1000));
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
	return {
		'webhook-id': id,
		'webhook-timestamp': timestamp,
		'webhook-signature': `v1,${signature}`,
		'content-type': 'application/json',
		'content-length': String(Buffer.byteLength(body)),
		'user-agent': 'Quintet'
	};
}

/** Sends it once; never throws. */
export function sendWebhook(
	url: string,
	headers: Record<string, string>,
	body: string,
	{ allowsPrivate, timeoutMs }: { allowsPrivate: boolean; timeoutMs: number }
): Promise<Attempt> {
	return new Promise((done) => {
		const fail = (error: Error): void =>
			done({ isDelivered: false, httpStatus: null, error: wordsOf(error), isGone: false });
		try {
			const target = new URL(url);
			const host = target.hostname.replace(/^\[|\]$/g, '');
			// An address in the place of a name is never looked up.
			if (!allowsPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw new PrivateAddress(PRIVATE);
			const send = target.protocol === 'https:' ? requestHttps : requestHttp;
			const request = send(target, {
				method: 'POST',
				headers,
				// A connection of its own: none that was checked for somebody else's name.
				agent: false,
				signal: AbortSignal.timeout(timeoutMs),
				...(allowsPrivate ? {} : { lookup: publicLookup })
			});
			request.on('error', fail);
			request.on('response', (response) => {
				const status = response.statusCode ?? 0;
				response.on('error', () => {}).destroy();
				const isDelivered = status >= 200 && status < 300;
				const error = isDelivered ? null : statusWords(status);
				done({ isDelivered, httpStatus: status, error, isGone: status === 410 });
			});
			request.end(body);
		} catch (error) {
			fail(error as Error);
		}
	});
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
	resolve(hostname, { ...options, all: true }, (error, addresses) => {
		const [first] = addresses ?? [];
		if (error) return callback(error, '');
		if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
			return callback(new PrivateAddress(PRIVATE), '');
		if (options.all) callback(null, addresses);
		else callback(null, first.address, first.family);
	});
};

/** Whether a name leads to a private address just now; one that does not resolve is not known to. */
export function leadsToPrivate(url: string): Promise<boolean> {
	const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
	if (isIP(host) !== 0) return Promise.resolve(!isPublicAddress(host));
	return new Promise((done) =>
		resolve(host, { all: true }, (error, addresses) =>
			done(!error && addresses.some(({ address }) => !isPublicAddress(address)))
		)
	);
}

const statusWords = (status: number): string =>
	status >= 300 && status < 400
		? `It answered ${status}, a redirect, which is not followed.`
		: `It answered ${status}.`;

function wordsOf(error: Error): string {
	if (error instanceof PrivateAddress) return 'The name leads to a private address, which is not called.';
	if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'It did not answer in time.';
	const { code = '' } = error as NodeJS.ErrnoException;
	if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name could not be resolved.';
	if (code === 'ECONNREFUSED') return 'The connection was refused.';
	if (/CERT|SSL|TLS/.test(code)) return `Its certificate is not accepted (${code}).`;
	return `The connection failed (${code || 'unknown'}).`;
}
