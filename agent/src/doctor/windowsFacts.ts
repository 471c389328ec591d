/** Of the service that keeps the agent running. */
export interface ServiceFacts {
	state: 'running' | 'stopped' | 'changing';
	/** In whose session it keeps the agent; null when its command line does not say it. */
	userSid: string | null;
	/** `DOMAIN\\user`; null when Windows does not know that user. */
	userName: string | null;
}

/** What the doctor asks Windows; each answer null when it could not be read. */
export interface WindowsFacts {
	/** Who looks. */
	ownSid: string | null;
	ownName: string | null;
	service: ServiceFacts | 'none' | null;
	/** Of this process. Windows' services live in 0, without a desktop that anybody could see. */
	sessionId: number | null;
	/** Of that session: 0 active, 1 connected, 4 disconnected, others. */
	sessionState: number | null;
	autoLogon: { isOn: boolean; user: string; hasPlainPassword: boolean } | null;
	/** One session per user: a second RDP logon takes over the first instead of opening another. */
	isSingleSession: boolean | null;
	/** After so long a disconnected session is logged off, with all its terminals; 0: never. */
	logsOffDisconnectedAfterMs: number | null;
	/** `SharedSection=1024,20480,768`: kilobytes of desktop heap, the second for each interactive desktop. */
	subsystems: string | null;
	/** LiveUpdate's folders that this user can write to. */
	openLiveUpdateFolders: string[] | null;
	/** Folders that Defender leaves alone; reading them may need an administrator. */
	defenderExclusions: string[] | null;
	/** MetaQuotes' own folder of this user cannot be told without it. */
	appData: string | null;
}
