/** A receiver of webhooks on a real socket, that verifies what it gets. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AlertMessage } from '#lib/domain/alertViews.ts';

export interface ReceivedMessage {
	headers: IncomingHttpHeaders;
	text: string;
	message: AlertMessage;
	atMs: number;
}

export class WebhookReceiver {
	readonly received: ReceivedMessage[] = [];
	/** How it answers; null: not at all. */
	answer: number | null = 204;
	/** Connections that were made to it. */
	connections = 0;
	readonly #server: Server;
	readonly #unanswered: ServerResponse[] = [];

	private constructor(server: Server) {
		this.#server = server;
	}

	static async listen(): Promise<WebhookReceiver> {
		const server = createServer();
		const receiver = new WebhookReceiver(server);
		server.on('connection', () => (receiver.connections += 1));
		server.on('request', (request, response) => {
			let text = '';
			request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			request.on('end', () => {
				const message = JSON.parse(text) as AlertMessage;
				receiver.received.push({ headers: request.headers, text, message, atMs: Date.now() });
				if (receiver.answer === null) receiver.#unanswered.push(response);
				else
					response
						.writeHead(receiver.answer, receiver.answer === 302 ? { location: `${receiver.url}moved` } : {})
						.end('receiver’s own words');
			});
		});
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		return receiver;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}/hook?key=receivers-own`;
	}

	/** Messages of alerts of this kind. */
	of(kind: string, type: AlertMessage['type'] = 'alert.opened'): ReceivedMessage[] {
		return this.received.filter(({ message }) => message.type === type && message.alert?.kind === kind);
	}

	async close(): Promise<void> {
		for (const response of this.#unanswered) response.destroy();
		this.#server.closeAllConnections();
		await new Promise((done) => this.#server.close(done));
	}
}

/** As docs/alerts.md tells receivers to do it. */
export function isSigned({ headers, text }: ReceivedMessage, secret: string): boolean {
	const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	const expected = createHmac('sha256', key)
		.update(`${String(id)}.${String(timestamp)}.${text}`)
		.digest('base64');
	const isRecent = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
	return isRecent && headers['webhook-signature'] === `v1,${expected}`;
}
