/** People of the security tests. */
import { ApiClient } from '../support/client.ts';
import type { WebServer } from '../support/webServer.ts';

/** What `ApiClient.register` uses. */
export const PASSWORD = 'correct horse';

/** A new person who is signed in. */
export async function signedIn(web: WebServer, email: string): Promise<ApiClient> {
	const client = new ApiClient(web.origin);
	await client.register(email);
	return client;
}

/** A new sign-in of somebody who exists. */
export async function signInAgain(web: WebServer, email: string, password = PASSWORD): Promise<ApiClient> {
	const client = new ApiClient(web.origin);
	const answer = await client.send('POST', '/api/auth/login', { email, password });
	if (answer.status !== 200) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
	return client;
}
