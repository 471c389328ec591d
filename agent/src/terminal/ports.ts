/**
 * The narrow interfaces through which a supervisor reaches its terminal. The real and the simulated
 * terminal differ only behind them.
 */
import type { EaSettings } from '#lib/domain/eaSettings.ts';
import type { EaInput } from '#lib/domain/setFile.ts';
import type { TerminalResources } from '#lib/domain/terminalResources.ts';
import type { BridgeAnswer, BridgeRequest, BridgeStatus, BridgeVerb } from '../bridge/contract.ts';
import type { CommonIni, StartIni } from './ini.ts';
import type { JournalEvent, JournalTail } from './journalTail.ts';
import type { Renewal } from './provision/renewal.ts';
import type { ExpertFound } from './uploadedExpert.ts';

/** Which process exactly: a pid alone may be another process by now. */
export interface ProcessIdentity {
	pid: number;
	/** Creation time as the operating system gives it; only ever compared. */
	createdAt: string;
	/** The instance directory that the process runs from. */
	instanceDir: string;
}

/** Starts and ends terminal processes, and finds them again. */
export interface Launcher {
	/**
	 * Starts the terminal of `instanceDir` detached, so that it outlives the agent.
	 * @param args MetaTrader's own switches, e.g. `/portable`, `/config:…`; no value holds a blank
	 */
	launch(instanceDir: string, args: readonly string[]): Promise<ProcessIdentity>;
	/** The live terminal process of this directory, whoever started it; null when there is none. */
	find(instanceDir: string): Promise<ProcessIdentity | null>;
	isAlive(process: ProcessIdentity): Promise<boolean>;
	/**
	 * LiveUpdate is at work, and may start the terminal of this directory when it is done. True also where it
	 * cannot be told for which terminal it works.
	 */
	isUpdating(instanceDir: string): Promise<boolean>;
	/** Ends the process at once, without asking it. Resolves when it is gone. */
	kill(process: ProcessIdentity): Promise<void>;
	/** Null where that cannot be seen, or the process ended. */
	resources(process: ProcessIdentity): Promise<TerminalResources | null>;
}

/** The verbs of the terminal's main window. */
export interface TerminalWindow {
	/** Presses the Algo Trading button once. It is a toggle: read the bridge's flag before and after. */
	toggleAlgoTrading(process: ProcessIdentity): Promise<void>;
	/** Asks the terminal to close, as its close button does; it saves its state. Does not wait. */
	requestClose(process: ProcessIdentity): Promise<void>;
	/** True when the window has not taken messages for a while (IsHungAppWindow). */
	isHung(process: ProcessIdentity): Promise<boolean>;
	/**
	 * Closes the dialogs that the terminal shows. Nobody sits before it: one that waits for an answer keeps it
	 * from working for ever. @returns their titles
	 */
	closeDialogs(process: ProcessIdentity): Promise<string[]>;
}

/** Requests to and news from the bridge EA of one terminal. */
export interface BridgeChannel {
	/** Newest status that checked out, with the monotonic time (ms) it was read; null before the first. */
	readonly newest: { status: BridgeStatus; readAtMs: number } | null;
	/** `seq` of the status that shows what the newest answer brought; 0 before the first, and after a reset. */
	readonly answeredSeq: number;
	/** Looks as often as it can, because somebody waits for a status; until the answer is called. */
	hurry(): () => void;
	/** Calls back on every new status; the answer removes the callback. */
	onStatus(callback: (status: BridgeStatus) => void): () => void;
	/**
	 * Sends one request and waits for its answer.
	 * @throws BridgeTimeout when none came in time: then it is unknown whether the request was carried out
	 * @throws BridgeRefusal when the bridge said no, with its code
	 */
	request<V extends BridgeVerb>(
		verb: V,
		args: BridgeRequest<V>,
		options: { timeoutMs: number; signal?: AbortSignal }
	): Promise<BridgeAnswer<V>>;
	/** Forgets the status of an ended terminal, so that its last words are not taken for a new one's. */
	reset(): Promise<void>;
	close(): void;
}

/** What the agent writes and reads in the directories of its terminals, beside the bridge's own files. */
export interface InstanceFiles {
	/** Names of the directories below `instancesDir`; none when that does not exist yet. */
	list(instancesDir: string): Promise<string[]>;
	/** Removes an instance directory with all that is in it. */
	remove(instanceDir: string): Promise<void>;
	/** Only while the terminal is down. */
	writeCommonIni(instanceDir: string, values: CommonIni): Promise<void>;
	/** @returns its path, for `/config:<path>` */
	writeStartIni(instanceDir: string, values: StartIni): Promise<string>;
	/** The later starts': without a secret, with the bridge. @returns its path, for `/config:<path>` */
	writeLaunchIni(instanceDir: string, values: CommonIni): Promise<string>;
	/** @returns whether there was one: then the terminal of this directory is in its first login */
	wipeStartIni(instanceDir: string): Promise<boolean>;
	/** The terminal keeps a login of its own, so that the next start needs no password. */
	hasSavedLogin(instanceDir: string): Promise<boolean>;
	/** @param inputs of the EA's own; ours win */
	writeEaTemplate(
		instanceDir: string,
		name: string,
		settings: EaSettings,
		generation: number,
		inputs: readonly EaInput[]
	): Promise<void>;
	/** The file of an uploaded EA; null when there is none. @param before as it was found last */
	findExpert(instanceDir: string, path: string, before: ExpertFound | null): Promise<ExpertFound | null>;
	/** Also while the terminal runs. */
	putExpert(instanceDir: string, path: string, content: Buffer): Promise<void>;
	/** Bytes of the terminal's journal of today; 0 without one. That it grows is a sign of life. */
	journalBytes(instanceDir: string): Promise<number>;
	/** Follows the terminal's journal until closed. */
	followJournal(instanceDir: string, onEvent: (event: JournalEvent) => void): JournalTail;
}

export interface InstallProgress {
	/** Hears in words what is being done. */
	onStage(stage: string): void;
	signal: AbortSignal;
}

/** What the supervisor needs of a kind of terminal. */
export interface TerminalKind {
	readonly name: 'simulated' | 'mt5';
	readonly launcher: Launcher;
	readonly window: TerminalWindow;
	readonly files: InstanceFiles;
	openChannel(instanceDir: string): BridgeChannel;
	/**
	 * Puts the terminal program and its folders into an instance directory that has none, and our files into one
	 * that has older ones. Only while no terminal runs from it. It may take minutes.
	 * @throws InstallRefused; the signal's reason: then the next call goes on where this one stopped
	 */
	install(
		instanceDir: string,
		account: { broker: string; server: string },
		progress: InstallProgress
	): Promise<void>;
	/** Brings terminals onto newer installs; left out where there is nothing to bring them onto. */
	readonly renewal?: Renewal;
	/** Right before every launch: sees to what must hold on the machine. @throws InstallRefused when it does not */
	beforeLaunch(instanceDir: string): Promise<void>;
}
