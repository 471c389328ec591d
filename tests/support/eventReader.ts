/** Reads GET /api/stream the way a browser does. */
import type { StreamEvents } from '#lib/domain/views.ts';
import type { ApiClient } from './client.ts';
import { waitFor } from './waitFor.ts';

type Name = keyof StreamEvents | 'position';

export interface ReceivedEvent {
	id: string | null;
	name: Name;
	data: unknown;
}

export class EventReader {
	readonly events: ReceivedEvent[] = [];
	comments = 0;
	isOpen = true;
	readonly #abort = new AbortController();

	static async open(client: ApiClient, lastEventId?: string): Promise<EventReader> {
		const reader = new EventReader();
		const response = await fetch(`${client.origin}/api/stream`, {
			headers: {
				connection: 'close',
				cookie: client.cookie,
				...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId })
			},
			signal: reader.#abort.signal
		});
		if (!response.ok || !response.body) throw new Error(`stream: ${response.status}`);
		void reader.#read(response.body);
		return reader;
	}

	get lastEventId(): string | undefined {
		return this.events.findLast((event) => event.id !== null)?.id ?? undefined;
	}

	/**
	 * Waits until the stream has its place among the stored events: of what is stored from then on, none is missed. What
	 * is stored between its opening and that counts as what the page had before.
	 */
	placed(): Promise<string> {
		return waitFor('the stream’s place', () => this.lastEventId);
	}

	of<K extends keyof StreamEvents>(name: K): StreamEvents[K][] {
		return this.events.filter((event) => event.name === name).map((event) => event.data as StreamEvents[K]);
	}

	next<K extends keyof StreamEvents>(
		name: K,
		matches: (body: StreamEvents[K]) => boolean = () => true
	): Promise<StreamEvents[K]> {
		return waitFor(`a ${name} event`, () => this.of(name).find(matches));
	}

	close(): void {
		this.#abort.abort();
	}

	async #read(body: ReadableStream<Uint8Array>): Promise<void> {
		let text = '';
		try {
			for await (const chunk of body.pipeThrough(
				new TextDecoderStream() as never
			) as unknown as AsyncIterable<string>) {
				text += chunk;
				for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
					this.#take(text.slice(0, end));
					text = text.slice(end + 2);
				}
			}
		} catch {
			// Aborted by the test, or cut by the server: either way it is over.
		}
		this.isOpen = false;
	}

	#take(block: string): void {
		let id: string | null = null;
		let name = '';
		let data = '';
		for (const line of block.split('\n')) {
			if (line.startsWith(':')) this.comments++;
			else if (line.startsWith('id: ')) id = line.slice(4);
			else if (line.startsWith('event: ')) name = line.slice(7);
			else if (line.startsWith('data: ')) data += line.slice(6);
		}
		if (data) this.events.push({ id, name: name as Name, data: JSON.parse(data) });
	}
}
