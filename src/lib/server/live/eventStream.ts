/**
 * One open GET /api/stream: server-sent events of the signed-in user. Stored events carry their number as id
 * and come in order, none lost and none twice, also across a reconnect with Last-Event-ID; telemetry carries
 * no id, since only the newest counts. A reader that does not read costs a bounded queue (streamQueue.ts).
 */
import { STREAM_ALIVE_MS } from '#lib/domain/limits.ts';
import type { OpenItemsView } from '#lib/domain/openItems.ts';
import type { StreamEvents, TelemetryView } from '#lib/domain/views.ts';
import { readAccounts, type AccountRow } from '../accounts/accountRows.ts';
import { livePart, newestReport } from '../accounts/accountView.ts';
import type { App } from '../app.ts';
import type { OpenItems } from '#lib/protocol/openItems.ts';
import { isDatabaseAway } from '../databaseAway.ts';
import type { EventListener, StoredEvent, StoredMessage } from './eventHub.ts';
import { openItemsView } from './openItemsView.ts';
import type { CloseReason } from './openStreams.ts';
import { replayEvents } from './storedEvents.ts';
import { createStreamQueue } from './streamQueue.ts';

/** Between two looks for a database that is away. */
const DATABASE_RETRY_MS = 1_000;
/** Of positions and orders in one push; with the figures it fits into the queue of a reader (MAX_STREAM_QUEUE_BYTES). */
const MOST_BOOK_CHARS = 96 * 1024;
/** What the browser waits before it connects again. */
const RETRY_MS = 1_000;

export function openEventStream(
	app: App,
	{ userId, sessionId }: { userId: string; sessionId: string },
	lastEventId: bigint | null
): ReadableStream<Uint8Array> {
	let stream: EventStream | undefined;
	return new ReadableStream<Uint8Array>({
		start(controller) {
			stream = new EventStream(app, userId, sessionId, lastEventId, controller);
			stream.begin();
		},
		pull: () => stream?.onReaderReady(),
		cancel: () => stream?.end()
	});
}

class EventStream implements EventListener {
	readonly #app: App;
	readonly #userId: string;
	readonly #controller: ReadableStreamDefaultController<Uint8Array>;
	readonly #release: () => void;
	readonly #unsubscribe: () => void;
	readonly #heartbeat: NodeJS.Timeout;
	readonly #queue = createStreamQueue();
	#isReaderWaiting = false;
	#rows = new Map<string, AccountRow>();
	/** What was open on each account as this stream told it last. */
	readonly #openTold = new Map<string, OpenItems | null>();
	/** Accounts whose positions did not fit into the last push: they are first in the next one. */
	readonly #openOwed = new Set<string>();
	/** Number of the newest stored event that this stream has sent; before the first look, what the page has. */
	#sent: bigint | null;
	/** The database was away when it was asked: what it has to say is caught up with when it is back. */
	#isBehind = false;
	#retry: NodeJS.Timeout | undefined;
	/** Everything that reads the database goes through here, one after the other, so that order holds. */
	#work: Promise<void> = Promise.resolve();
	#isOpen = true;
	/** What the page was told of the other servers last. */
	#notice: string | null = null;

	constructor(
		app: App,
		userId: string,
		sessionId: string,
		lastEventId: bigint | null,
		controller: ReadableStreamDefaultController<Uint8Array>
	) {
		this.#app = app;
		this.#userId = userId;
		this.#sent = lastEventId;
		this.#controller = controller;
		this.#release = app.streams.add({ userId, sessionId, close: (reason) => this.#close(reason) });
		// Subscribed before anything is read: what happens meanwhile waits behind #work.
		this.#unsubscribe = app.hub.subscribe(userId, this);
		const sayAlive = () => {
			this.#send('alive', { serverTime: this.#app.now().toISOString() });
			this.#tellOpen([]);
		};
		this.#heartbeat = setInterval(sayAlive, STREAM_ALIVE_MS);
	}

	begin(): void {
		this.#write(`retry: ${RETRY_MS}\n\n`);
		this.#send('hello', { serverTime: this.#app.now().toISOString() });
		this.#sendServers();
		this.#enqueue(async () => {
			await this.#app.core.others.watch(this.#userId);
			await this.#readAll();
		});
	}

	onStored(event: StoredEvent): void {
		this.#enqueue(async () => {
			if (this.#sent !== null && event.seq <= this.#sent) return;
			if (this.#sent === null || event.seq > this.#sent + 1n) await this.#catchUp();
			else this.#sendStored(event.messages, event.seq);
			// Every stored event may have changed rows: accounts were edited, or a command changed what is wanted.
			await this.#loadRows();
			this.onTelemetry(new Set(this.#rows.keys()));
		});
	}

	onUnnumbered(message: StoredMessage): void {
		// Needs no database: this is how the page hears of a Stop without one.
		this.#work = this.#work.then(() => this.#send(message.name, message.body));
	}

	onTelemetry(accountIds: ReadonlySet<string>): void {
		const accounts: TelemetryView[] = [];
		for (const id of accountIds) {
			const row = this.#rows.get(id);
			if (row) accounts.push({ id, ...livePart(row, this.#app.reports) });
		}
		if (accounts.length > 0) this.#send('telemetry', { serverTime: this.#app.now().toISOString(), accounts });
		this.#tellOpen(accountIds);
	}

	/** Positions and orders travel apart from the figures, and only when they changed. */
	#tellOpen(accountIds: Iterable<string>): void {
		const { reports } = this.#app;
		const accounts: OpenItemsView[] = [];
		let chars = 0;
		for (const id of new Set([...this.#openOwed, ...accountIds])) {
			this.#openOwed.delete(id);
			const row = this.#rows.get(id);
			if (!row) continue;
			const open = newestReport(row, reports)?.open ?? null;
			const told = this.#openTold.get(id);
			// Another node sends what it has anew, also unchanged.
			if (told !== undefined && (told === open || JSON.stringify(told) === JSON.stringify(open))) continue;
			const view = openItemsView(row, reports);
			chars += JSON.stringify(view).length;
			if (accounts.length > 0 && chars > MOST_BOOK_CHARS) {
				this.#openOwed.add(id);
				continue;
			}
			this.#openTold.set(id, open);
			accounts.push(view);
		}
		if (accounts.length > 0) this.#send('book', { serverTime: this.#app.now().toISOString(), accounts });
	}

	onReached(seq: bigint): void {
		this.#enqueue(async () => {
			if (this.#sent === null || seq > this.#sent) await this.#readAll();
		});
	}

	onServersChanged(): void {
		this.#sendServers();
		this.onTelemetry(new Set(this.#rows.keys()));
	}

	#sendServers(): void {
		const { notice } = this.#app.nodes;
		if (notice === this.#notice) return;
		this.#notice = notice;
		this.#send('servers', { notice });
	}

	/** What is unread still goes out; then the reader sees the end. */
	onEnd(): void {
		if (!this.#isOpen) return;
		this.end();
		const rest = this.#queue.take();
		if (rest) this.#controller.enqueue(rest);
		this.#controller.close();
	}

	end(): void {
		this.#isOpen = false;
		clearInterval(this.#heartbeat);
		clearTimeout(this.#retry);
		this.#unsubscribe();
		this.#release();
	}

	onReaderReady(): void {
		const chunk = this.#queue.take();
		this.#isReaderWaiting = chunk === null;
		if (chunk) this.#controller.enqueue(chunk);
	}

	/** For good: the page must not come back by itself. */
	#close(reason: CloseReason): void {
		this.#send('closed', { reason });
		this.onEnd();
	}

	async #loadRows(): Promise<void> {
		const rows = await readAccounts(this.#app.db.pool, this.#userId);
		this.#rows = new Map(rows.map((row) => [row.id, row]));
	}

	/** Rows, missed events, and how things are now. */
	async #readAll(): Promise<void> {
		await this.#loadRows();
		await this.#catchUp();
		this.onTelemetry(new Set(this.#rows.keys()));
	}

	/** Sends what was stored after what was sent last; where nothing was, only takes the present number as the start. */
	async #catchUp(): Promise<void> {
		const from = this.#sent;
		const replay = await replayEvents(this.#app.db, this.#userId, from ?? -1n);
		if (from === null) {
			this.#sent = replay.newest;
			// An empty message gives the browser its Last-Event-ID before the first event.
			this.#write(`id: ${replay.newest}\nevent: position\ndata: {}\n\n`);
		} else if (replay.isComplete) this.#sendStored(replay.messages, replay.newest);
		else {
			this.#sent = replay.newest;
			this.#send('resync', { reason: 'some events are not kept any more' }, replay.newest);
		}
	}

	#sendStored(messages: readonly StoredMessage[], seq: bigint): void {
		this.#sent = seq;
		// The last of them carries the number: a cut in between repeats them all, and a repeat does no harm.
		messages.forEach((message, i) =>
			this.#send(message.name, message.body, i === messages.length - 1 ? seq : undefined)
		);
	}

	#send<K extends keyof StreamEvents>(name: K, body: StreamEvents[K], id?: bigint): void {
		this.#write(eventText(name, body, id));
	}

	#write(text: string): void {
		if (!this.#isOpen) return;
		this.#queue.push(text, () =>
			eventText('resync', { reason: 'the page read too slowly' }, this.#sent ?? undefined)
		);
		if (this.#isReaderWaiting) this.onReaderReady();
	}

	#enqueue(work: () => Promise<void>): void {
		this.#work = this.#work
			.then(() => (this.#isOpen && !this.#isBehind ? work() : undefined))
			.catch((error: unknown) => {
				if (isDatabaseAway(error)) return this.#fallBehind();
				// The browser connects again and says what it has; nothing is lost.
				this.#app.logger.warn({ err: error }, 'an event stream ended early');
				this.onEnd();
			});
	}

	/** The stream lives on with what the agents report; a new one could not even be opened now. */
	#fallBehind(): void {
		if (!this.#isOpen) return;
		this.#isBehind = true;
		this.#retry = setTimeout(() => {
			this.#isBehind = false;
			this.#enqueue(() => this.#readAll());
		}, DATABASE_RETRY_MS);
	}
}

const eventText = <K extends keyof StreamEvents>(name: K, body: StreamEvents[K], id?: bigint): string =>
	`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(body)}\n\n`;
