/**
 * One event stream per browser, whatever the number of tabs: a browser opens six connections to a server over
 * HTTP/1.1, and tabs that hold them all leave none for a button. The tab that holds a Web Lock keeps the
 * stream and tells the others over a BroadcastChannel; when it goes, the next one in the queue takes over.
 *
 * A page is as new as the stored event that it knows last, of its load or of the stream. The stream begins after that
 * one, so that what happened while the page was on its way is told, too; a tab that knows less than the keeper's stream
 * has told already loads everything again.
 *
 * Without locks (plain http on another host, an old browser) every tab has a stream of its own. So has a tab
 * that hears nothing of the keeper for a while: a keeper may be frozen.
 */

import type { StreamEvents } from '#lib/domain/views.ts';

/** What Live uses of an EventSource. */
export interface LiveStream {
	readonly readyState: number;
	addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
	close(): void;
}

type Told =
	/** An event of the stream; `error` for its silence. */
	| { kind: 'event'; name: string; data: string; id: string; readyState: number }
	/** A tab wants to know how things stand. */
	| { kind: 'ask' }
	/** The keeper is there, and so is its stream, which has told everything up to this event. */
	| { kind: 'here'; known: string };

const NAMES = [
	'hello',
	'alive',
	'accounts',
	'command',
	'results',
	'telemetry',
	'book',
	'servers',
	'resync',
	'closed'
] as const;
/** Another name for every other kind of `Told`: tabs of an older Quintet may still be open. */
const CHANNEL = 'quintet-live';
/** A keeper that answers nothing for so long is frozen or gone. */
const ANSWER_MS = 5_000;
const ASK_EVERY_MS = 15_000;

export interface StreamParts {
	/** @param after number of a stored event: the stream begins with the next one */
	openSource: (after: string) => EventSource;
	locks: Pick<LockManager, 'request'> | undefined;
	openChannel: ((name: string) => BroadcastChannel) | undefined;
}

const BROWSER: StreamParts = {
	openSource: (after) => new EventSource(`/api/stream?lastEventId=${after}`),
	get locks() {
		return navigator.locks;
	},
	openChannel: typeof BroadcastChannel === 'undefined' ? undefined : (name) => new BroadcastChannel(name)
};

/**
 * @param userId tabs of different people (one signed out, another in) share nothing
 * @param known number of the stored event that this page knows last
 */
export function openLiveStream(
	userId: string,
	known: () => string,
	parts: StreamParts = BROWSER
): LiveStream {
	const { locks, openChannel } = parts;
	if (!locks || !openChannel) return parts.openSource(known());
	return new SharedStream(`${CHANNEL}-${userId}`, known, parts.openSource, locks, openChannel);
}

/** Numbers of stored events, in digits; none is older than all. */
export const isNewerEvent = (a: string, b: string): boolean => BigInt(a) > BigInt(b);

class SharedStream implements LiveStream {
	readyState = 0;
	readonly #listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>();
	readonly #known: () => string;
	/**
	 * What the page knew when this tab began to listen: an event that is heard since proves nothing of those before it.
	 * Null once the keeper has said how far it was, or this tab reads for itself.
	 */
	#knownAtFirst: string | null;
	readonly #openSource: StreamParts['openSource'];
	readonly #channel: BroadcastChannel;
	readonly #over = new AbortController();
	#source: EventSource | null = null;
	/** The newest of each, for a tab that comes later. */
	#hello: string | null = null;
	#servers: string | null = null;
	readonly #telemetry = new Map<string, { serverTime: string; account: unknown }>();
	readonly #books = new Map<string, { serverTime: string; account: unknown }>();
	#isAwaited = false;
	#isKeeper = false;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		name: string,
		known: () => string,
		openSource: StreamParts['openSource'],
		locks: Pick<LockManager, 'request'>,
		openChannel: (name: string) => BroadcastChannel
	) {
		this.#known = known;
		this.#knownAtFirst = known();
		this.#openSource = openSource;
		this.#channel = openChannel(name);
		this.#channel.onmessage = ({ data }: MessageEvent<Told>) => this.#onTold(data);
		const { signal } = this.#over;
		locks
			.request(name, { signal }, async () => {
				this.#keep();
				await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
			})
			.catch(() => undefined);
		// Its listeners come first.
		queueMicrotask(() => {
			const isTold = this.readyState === 1 && this.#knownAtFirst === null;
			if (this.readyState !== 2 && this.#source === null && !isTold) this.#ask();
		});
	}

	addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void {
		this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
	}

	close(): void {
		this.readyState = 2;
		clearTimeout(this.#timer);
		this.#listeners.clear();
		this.#source?.close();
		this.#channel.close();
		this.#over.abort();
	}

	/** From now on this tab keeps the stream, for all. */
	#keep(): void {
		if (this.readyState === 2) return;
		clearTimeout(this.#timer);
		this.#isKeeper = true;
		// This stream goes on after what this tab knows; a tab that knows less has missed what lies between.
		this.#sayHere();
		this.#read((event) => {
			this.#remember(event);
			this.#tell(event);
			this.#hear(event);
		});
	}

	#read(take: (event: Extract<Told, { kind: 'event' }>) => void): void {
		this.#source?.close();
		const source = this.#openSource(this.#complete);
		this.#source = source;
		this.#knownAtFirst = null;
		const told = (name: string, data: string, id: string) =>
			take({ kind: 'event', name, data, id, readyState: source.readyState });
		for (const name of NAMES)
			source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) =>
				told(name, data, lastEventId)
			);
		source.addEventListener('error', () => told('error', '', ''));
	}

	#onTold(told: Told): void {
		if (told.kind === 'ask') return this.#answer();
		// A tab that reads for itself hears everything already.
		if (this.#source) return;
		this.#isAwaited = false;
		this.#schedule();
		if (told.kind === 'here') return this.#compare(told.known);
		this.#remember(told);
		this.#hear(told);
	}

	/** Number of the stored event up to which nothing is missing here. */
	get #complete(): string {
		return this.#knownAtFirst ?? this.#known();
	}

	/** What the keeper's stream told before this tab listened is not told again. */
	#compare(known: string): void {
		const isBehind = isNewerEvent(known, this.#complete);
		this.#knownAtFirst = null;
		if (!isBehind) return;
		const data = JSON.stringify({ reason: 'another tab knows more' });
		this.#hear({ kind: 'event', name: 'resync', data, id: '', readyState: this.readyState });
	}

	#sayHere(): void {
		this.#channel.postMessage({ kind: 'here', known: this.#complete } satisfies Told);
	}

	/** For a tab that has just come, or has heard nothing for a while: the present. */
	#answer(): void {
		const source = this.#source;
		if (!source || !this.#isKeeper) return;
		this.#sayHere();
		if (source.readyState !== 1 || this.#hello === null) return;
		const event = (name: string, data: string) =>
			this.#tell({ kind: 'event', name, data, id: '', readyState: source.readyState });
		const serverTime = [...this.#telemetry.values()]
			.map((each) => each.serverTime)
			.sort()
			.at(-1);
		event('hello', serverTime ? JSON.stringify({ serverTime }) : this.#hello);
		if (this.#servers !== null) event('servers', this.#servers);
		for (const each of this.#telemetry.values())
			event('telemetry', JSON.stringify({ serverTime: each.serverTime, accounts: [each.account] }));
		// They come only when they change: the last change may be long ago.
		for (const each of this.#books.values())
			event('book', JSON.stringify({ serverTime: each.serverTime, accounts: [each.account] }));
	}

	#tell(event: Extract<Told, { kind: 'event' }>): void {
		this.#channel.postMessage(event);
	}

	#hear({ name, data, id, readyState }: Extract<Told, { kind: 'event' }>): void {
		if (this.readyState === 2) return;
		this.readyState = readyState;
		for (const listener of this.#listeners.get(name) ?? [])
			listener(new MessageEvent(name, { data, lastEventId: id }));
	}

	#remember({ name, data }: Extract<Told, { kind: 'event' }>): void {
		if (name === 'hello') this.#hello = data;
		if (name === 'servers') this.#servers = data;
		if (name === 'telemetry') {
			const { serverTime, accounts } = JSON.parse(data) as StreamEvents['telemetry'];
			for (const account of accounts) this.#telemetry.set(account.id, { serverTime, account });
		}
		if (name === 'book') {
			const { serverTime, accounts } = JSON.parse(data) as StreamEvents['book'];
			for (const account of accounts) this.#books.set(account.accountId, { serverTime, account });
		}
	}

	#ask(): void {
		this.#isAwaited = true;
		this.#channel.postMessage({ kind: 'ask' } satisfies Told);
		this.#schedule();
	}

	#schedule(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(
			() => {
				if (this.#source || this.readyState === 2) return;
				if (!this.#isAwaited) return this.#ask();
				// Nobody keeps it, it seems; this tab reads for itself until the lock comes to it.
				this.#read((event) => this.#hear(event));
			},
			this.#isAwaited ? ANSWER_MS : ASK_EVERY_MS
		);
	}
}
