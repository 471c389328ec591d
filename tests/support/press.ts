/** A press on a connection of its own, which a server that stands still takes in when it goes on. */
import { request } from 'node:http';
import type { CommandKind } from '#lib/domain/commandLifecycle.ts';
import type { CommandView, ErrorBody } from '#lib/domain/views.ts';
import type { ApiClient } from './client.ts';

export interface PressAnswer {
	status: number;
	body: CommandView & ErrorBody;
}

export function pressOnNewConnection(
	{ origin, cookie }: ApiClient,
	command: CommandKind
): Promise<PressAnswer> {
	return new Promise((resolve, reject) => {
		const pressed = request(
			new URL('/api/user/ea/command', origin),
			{ method: 'POST', agent: false, headers: { cookie, 'content-type': 'application/json' } },
			(response) => {
				let text = '';
				response.setEncoding('utf8').on('data', (part: string) => (text += part));
				response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
			}
		);
		pressed.on('error', reject);
		pressed.end(JSON.stringify({ command }));
	});
}
