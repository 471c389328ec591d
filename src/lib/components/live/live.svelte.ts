/**
 * The page's one line to the server: owns its part of `/api/stream` (liveStream.ts), the clock, and what came over the
 * line. Built once by the layout of the signed-in pages and read from context everywhere below it.
 *
 * Guarantees: load data are never copied, only overlaid; a line that is down for longer than LOST_AFTER_MS
 * makes every state unknown; the browser reconnects by itself with Last-Event-ID, and where it gives up
 * (HTTP error), or where the line is silent for STREAM_SILENT_MS, we reconnect and ask for everything again. The line
 * begins after what the load has seen: nothing is lost between the two.
 */
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { fullJitter } from '#lib/domain/backoff.ts';
import { STREAM_SILENT_MS } from '#lib/domain/limits.ts';
import type { TraderDefaults } from '#lib/domain/eaSettings.ts';
import type { OpenBookView, OpenItemsView } from '#lib/domain/openItems.ts';
import type { Preferences } from '#lib/domain/preferences.ts';
import type { AccountListView, AccountView, StreamEvents } from '#lib/domain/views.ts';
import { type CommandDesk } from '../commands/commandDesk.svelte.ts';
import { momentText, type ClockChoice, type MomentText } from '../ui/shownClock.ts';
import { isEnabled, shownState, type ShownState } from './freshness.ts';
import { isNewerEvent, openLiveStream, type LiveStream } from './liveStream.ts';
import { extendPatch, overlayAccounts, type AccountPatch } from './overlay.ts';
import { ServerClock } from './serverClock.svelte.ts';

/** A reconnection is normal; only a line that stays down this long hides the states. */
export const LOST_AFTER_MS = 4_000;
/** Whether anything was heard is looked at this often; also the first thing after a sleep. */
const LOOK_MS = 5_000;
const REOPEN_BASE_MS = 1_000;
const REOPEN_CAP_MS = 15_000;

/** An account as far as its broker's clock goes. */
export type ClockOwner = Pick<AccountView, 'vitals'>;

export type LineState = 'connecting' | 'live' | 'lost';

export interface LiveSources {
	userId: string;
	accountList: () => AccountListView;
	/** Number of a stored event that was there before anything of the page was read. */
	loadedAt: () => string;
	preferences: () => Preferences;
	desk: CommandDesk;
	/** Ask the server for the account list again. */
	reloadAccounts: () => Promise<void>;
	/** Ask the server for everything again. */
	reloadAll: () => Promise<void>;
	/** The session is over. */
	onSignedOut: () => void;
	/** The stream was refused: finds out whether the session is over. */
	checkSession: () => Promise<void>;
}

export class Live {
	readonly clock: ServerClock;
	readonly desk: CommandDesk;
	readonly #sources: LiveSources;
	readonly #patches = new SvelteMap<string, AccountPatch>();
	/** What is open on each account, as told last. */
	readonly #openTold = new SvelteMap<string, { atMs: number; view: OpenItemsView }>();
	#isHearing = $state(false);
	/** Set with the start, and whenever the line falls silent. */
	#silentSinceMs = $state<number | null>(null);
	#serversNotice = $state<string | null>(null);
	#stream: LiveStream | null = null;
	#reopenTimer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#mustReload = false;
	/** Number of the stored event that the stream told last. */
	#toldSeq = '0';
	/** When anything was heard last, by this device's own clock. */
	#heardAtMs = 0;

	constructor(sources: LiveSources) {
		this.#sources = sources;
		this.desk = sources.desk;
		this.clock = new ServerClock(() => Date.parse(sources.accountList().serverTime));
	}

	readonly accounts: AccountView[] = $derived.by(() =>
		overlayAccounts(this.#sources.accountList(), this.#patches)
	);
	readonly enabledAccounts: AccountView[] = $derived(this.accounts.filter(isEnabled));

	get defaults(): TraderDefaults {
		return this.#sources.accountList().defaults;
	}

	get preferences(): Preferences {
		return this.#sources.preferences();
	}

	get limit(): number {
		return this.#sources.accountList().limit;
	}

	/** A page as the server sent it shows everything, but takes no press before its script is at work. */
	get isAwake(): boolean {
		return this.#isHearing || this.#silentSinceMs !== null;
	}

	get line(): LineState {
		if (this.#isHearing) return 'live';
		const sinceMs = this.#silentSinceMs;
		return sinceMs !== null && this.clock.nowMs - sinceMs > LOST_AFTER_MS ? 'lost' : 'connecting';
	}

	/** Since when nothing is heard; null while the line is up. */
	get silentSinceMs(): number | null {
		return this.#silentSinceMs;
	}

	/** How the web server stands with the others; null when there is nothing to say. */
	get serversNotice(): string | null {
		return this.#serversNotice;
	}

	shown(account: AccountView): ShownState {
		return shownState(account, this.clock.nowMs, this.line === 'lost');
	}

	/** How moments are shown. @param account whose broker's clock may be taken */
	clockChoice(account: ClockOwner | null = null): ClockChoice {
		const { nowMs, zone } = this.clock;
		const brokerNowMin = account?.vitals?.brokerOffsetMin ?? null;
		return { clock: this.preferences.tradeClock, nowMs, zone, brokerNowMin };
	}

	moment(atMs: number, account: ClockOwner | null = null): MomentText {
		return momentText(atMs, this.clockChoice(account));
	}

	/** What is open on an account: as the page was loaded with it, or as the line told it since. */
	openOf(accountId: string, loaded: OpenBookView): OpenItemsView['open'] {
		const told = this.#openTold.get(accountId);
		if (told && told.atMs > Date.parse(loaded.serverTime)) return told.view.open;
		return loaded.accounts.find((each) => each.accountId === accountId)?.open ?? null;
	}

	reloadAccounts(): Promise<void> {
		return this.#sources.reloadAccounts();
	}

	/** Starts clock and line. @returns stop */
	start(): () => void {
		const stopClock = this.clock.start();
		this.#silentSinceMs = this.clock.nowMs;
		this.#open();
		// A laptop that wakes up or a phone that comes back should not wait for a back-off.
		const wake = () => {
			this.#lookForSilence();
			if (document.visibilityState === 'visible' && !this.#isHearing) this.#open();
		};
		const look = setInterval(() => this.#lookForSilence(), LOOK_MS);
		addEventListener('online', wake);
		document.addEventListener('visibilitychange', wake);
		return () => {
			clearInterval(look);
			removeEventListener('online', wake);
			document.removeEventListener('visibilitychange', wake);
			clearTimeout(this.#reopenTimer);
			this.#stream?.close();
			this.#stream = null;
			stopClock();
		};
	}

	#open(): void {
		clearTimeout(this.#reopenTimer);
		this.#stream?.close();
		const stream = openLiveStream(this.#sources.userId, () => this.#knownSeq);
		this.#stream = stream;
		stream.addEventListener('error', () => this.#onSilence(stream));
		this.#on(stream, 'hello', ({ serverTime }) => this.#onHello(Date.parse(serverTime)));
		this.#on(stream, 'alive', ({ serverTime }) => this.clock.set(Date.parse(serverTime)));
		this.#on(stream, 'accounts', () => void this.#sources.reloadAccounts());
		this.#on(stream, 'command', (command) => this.desk.take(command));
		this.#on(stream, 'results', (command) => this.desk.take(command));
		this.#on(stream, 'telemetry', (telemetry) => this.#onTelemetry(telemetry));
		this.#on(stream, 'book', (book) => this.#onBook(book));
		this.#on(stream, 'servers', ({ notice }) => (this.#serversNotice = notice));
		this.#on(stream, 'resync', () => void this.#sources.reloadAll());
		this.#on(stream, 'closed', ({ reason }) => this.#onClosed(reason));
	}

	#on<Name extends keyof StreamEvents>(
		stream: LiveStream,
		name: Name,
		take: (event: StreamEvents[Name]) => void
	): void {
		stream.addEventListener(name, (event: MessageEvent<string>) => {
			if (stream !== this.#stream) return;
			this.#heardAtMs = Date.now();
			// After a resync the next load says what this page knows; should that fail, it knows no more than before.
			if (name === 'resync') this.#toldSeq = '0';
			else if (isNewerEvent(event.lastEventId, this.#toldSeq)) this.#toldSeq = event.lastEventId;
			take(JSON.parse(event.data) as StreamEvents[Name]);
		});
	}

	/** Number of the stored event up to which this page knows everything. */
	get #knownSeq(): string {
		const loadedAt = this.#sources.loadedAt();
		return isNewerEvent(loadedAt, this.#toldSeq) ? loadedAt : this.#toldSeq;
	}

	#onHello(serverMs: number): void {
		this.clock.set(serverMs);
		this.#isHearing = true;
		this.#silentSinceMs = null;
		this.#failures = 0;
		// The next server says so itself when it has something to say.
		this.#serversNotice = null;
		if (!this.#mustReload) return;
		this.#mustReload = false;
		void this.#sources.reloadAll();
	}

	#onTelemetry({ serverTime, accounts }: StreamEvents['telemetry']): void {
		const atMs = Date.parse(serverTime);
		this.clock.set(atMs);
		const listMadeAtMs = Date.parse(this.#sources.accountList().serverTime);
		for (const news of accounts) {
			this.#patches.set(news.id, extendPatch(this.#patches.get(news.id), news, atMs, listMadeAtMs));
		}
	}

	#onBook({ serverTime, accounts }: OpenBookView): void {
		const atMs = Date.parse(serverTime);
		for (const view of accounts) this.#openTold.set(view.accountId, { atMs, view });
	}

	/** Closed for good: too many tabs are open, or the session is over. A tab that is looked at opens again. */
	#onClosed(reason: StreamEvents['closed']['reason']): void {
		this.#stream?.close();
		this.#isHearing = false;
		this.#silentSinceMs ??= this.clock.nowMs;
		this.#mustReload = true;
		if (reason === 'signed_out') this.#sources.onSignedOut();
	}

	/** A line can be dead without an end, and a device that slept does not know for how long: begin anew. */
	#lookForSilence(): void {
		if (!this.#isHearing || Date.now() - this.#heardAtMs < STREAM_SILENT_MS) return;
		this.#isHearing = false;
		this.#silentSinceMs ??= this.clock.nowMs;
		this.#mustReload = true;
		this.#open();
	}

	#onSilence(stream: LiveStream): void {
		if (stream !== this.#stream) return;
		this.#isHearing = false;
		this.#silentSinceMs ??= this.clock.nowMs;
		if (stream.readyState !== EventSource.CLOSED) return;
		void this.#sources.checkSession();
		// The browser gave up: what the stream does not tell has to be loaded.
		this.#mustReload = true;
		const waitMs = REOPEN_BASE_MS + fullJitter(this.#failures++, REOPEN_BASE_MS, REOPEN_CAP_MS, Math.random);
		clearTimeout(this.#reopenTimer);
		this.#reopenTimer = setTimeout(() => this.#open(), waitMs);
	}
}

export const [useLive, provideLive] = createContext<Live>();
