/** A press on a connection of its own, which a server that stands still takes in when it goes on. */
import { request, type IncomingHttpHeaders } from 'node:http';
import type { CommandKind } from '#lib/domain/commandLifecycle.ts';
import type { CommandView, ErrorBody } from '#lib/domain/views.ts';
import type { ApiClient } from './client.ts';

export interface PressAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	body: CommandView & ErrorBody;
}

export function pressOnNewConnection(client: ApiClient, command: CommandKind): Promise<PressAnswer> {
	return beginPress(client, command).finish();
}

/** The first part of a press, on a connection of its own; its last byte goes when the test says so. */
export function beginPress(
	{ origin, cookie }: ApiClient,
	command: CommandKind
): { finish: () => Promise<PressAnswer> } {
	const body = JSON.stringify({ command });
	const pressed = request(new URL('/api/user/ea/command', origin), {
		method: 'POST',
		agent: false,
		headers: { cookie, 'content-type': 'application/json', 'content-length': body.length }
	});
	const answered = new Promise<PressAnswer>((resolve, reject) => {
		pressed.once('response', (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (part: string) => (text += part));
			response.on('end', () =>
				resolve({
					status: response.statusCode ?? 0,
					headers: response.headers,
					body: JSON.parse(text) as PressAnswer['body']
				})
			);
		});
		pressed.on('error', reject);
	});
	// Whoever finishes it hears of it.
	answered.catch(() => undefined);
	pressed.write(body.slice(0, -1));
	return {
		finish: () => {
			pressed.end(body.slice(-1));
			return answered;
		}
	};
}
