/** A person with a browser's cookie jar, talking to the JSON API. */
import type { AccountListView, AccountView, CommandView, ErrorBody } from '#lib/domain/views.ts';

export interface Answer<T> {
	status: number;
	headers: Headers;
	body: T;
}

/** In characters; less of a body goes at once, whoever reads it. */
const LARGE = 16_384;

export class ApiClient {
	readonly origin: string;
	/** The session's cookie. */
	cookie = '';
	/** All others, by name. */
	readonly otherCookies = new Map<string, string>();

	constructor(origin: string) {
		this.origin = origin;
	}

	async send<T>(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = {}
	): Promise<Answer<T>> {
		const sent = typeof body === 'string' ? body : JSON.stringify(body);
		const response = await fetch(`${this.origin}${path}`, {
			method,
			redirect: 'manual',
			headers: {
				// A connection that was kept may be the server's to close in this very moment, or an ended server's. But a
				// large body may be refused unread, and whoever writes on when the server closes never reads the refusal.
				connection: (sent?.length ?? 0) > LARGE ? 'keep-alive' : 'close',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...this.#cookieHeader(),
				...headers
			},
			...(body === undefined ? {} : { body: sent })
		});
		for (const line of response.headers.getSetCookie()) this.#keep(line.split(';')[0] ?? '');
		const text = await response.text();
		const isJson = response.headers.get('content-type')?.includes('json');
		return {
			status: response.status,
			headers: response.headers,
			body: (isJson ? JSON.parse(text) : text) as T
		};
	}

	#keep(cookie: string): void {
		const name = cookie.slice(0, cookie.indexOf('='));
		if (name === 'quintet_session') this.cookie = cookie;
		else this.otherCookies.set(name, cookie);
	}

	#cookieHeader(): { cookie?: string } {
		const cookies = [this.cookie, ...this.otherCookies.values()].filter(Boolean);
		return cookies.length > 0 ? { cookie: cookies.join('; ') } : {};
	}

	get<T>(path: string): Promise<Answer<T>> {
		return this.send<T>('GET', path);
	}

	/** The refusal of a request that must be refused. */
	async refusal(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
		const answer = await this.send<ErrorBody>(method, path, body, headers);
		return { status: answer.status, code: answer.body.error?.code, error: answer.body.error };
	}

	async register(email: string): Promise<void> {
		const answer = await this.send('POST', '/api/auth/register', {
			email,
			password: 'correct horse',
			name: email
		});
		if (answer.status !== 201) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
	}

	/** Gives the password once more, for what needs it anew. */
	async confirm(password = 'correct horse'): Promise<void> {
		const answer = await this.send('POST', '/api/auth/step-up', { password });
		if (answer.status !== 204) throw new Error(`confirm: ${answer.status} ${JSON.stringify(answer.body)}`);
	}

	/** Adds an account on a simulated broker. */
	async addAccount(accountNumber: string, more: Record<string, unknown> = {}): Promise<AccountView> {
		const answer = await this.send<AccountView>('POST', '/api/user/mt5-accounts', {
			accountNumber,
			password: `secret-${accountNumber}`,
			broker: 'Test Broker',
			serverName: 'Test-Demo',
			...more
		});
		if (answer.status !== 201)
			throw new Error(`add account: ${answer.status} ${JSON.stringify(answer.body)}`);
		return answer.body;
	}

	enable(accountId: string, enabled = true): Promise<Answer<AccountView>> {
		return this.send('PATCH', `/api/user/mt5-accounts/${accountId}/toggle`, { enabled });
	}

	async accounts(): Promise<AccountListView> {
		return (await this.get<AccountListView>('/api/user/mt5-accounts')).body;
	}

	command(command: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
		return this.send<CommandView>('POST', '/api/user/ea/command', { command, ...more }, headers);
	}
}
