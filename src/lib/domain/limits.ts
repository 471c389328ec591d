/**
 * Every number that two sides or two modules must agree on. Times are milliseconds.
 */

/** How many accounts of one trader may be enabled for trading at once (F1). */
export const MAX_ENABLED_ACCOUNTS = 5;

/** A Start that the agent has not accepted by then must never run (F8, DESIGN 5.6). */
export const START_DEADLINE_MS = 15_000;

/** How often an agent asks for the server's time, in which that deadline is given. */
export const TIME_QUESTION_MS = 60_000;

/** How long the HTTP answer to a command waits for the accounts (F4); the rest is reported as pending. */
export const COMMAND_ANSWER_MS = 30_000;

/** Stop works with the database away for sessions that were seen this recently. */
export const RECENT_SESSION_MS = 600_000;

/** By how much an emergency Stop raises an account's generation above the last one known. */
export const EMERGENCY_GENERATIONS = 1_000;

/** A generation that an agent knows of is believed up to so much above ours: two emergencies. More is an alarm. */
export const MAX_GENERATION_JUMP = 2 * EMERGENCY_GENERATIONS;

/** How long the answer to an emergency Stop waits for the accounts. */
export const EMERGENCY_ANSWER_MS = 10_000;

/** All stages of an EA deployment together (E3). */
export const DEPLOYMENT_MS = 60_000;

/** Past this, work that nobody reports on is shown as unknown. Start: deadline + deployment + the way back. */
export const UNKNOWN_AFTER_MS = START_DEADLINE_MS + DEPLOYMENT_MS + 5_000;

/** A lost agent has this long to come back before its open work is shown as unknown. */
export const LOST_AGENT_GRACE_MS = 5_000;

/** A figure older than this is shown as stale, and the state behind it as unknown. */
export const STALE_AFTER_MS = 15_000;

/** Both ends of the agent line ping this often… */
export const PING_INTERVAL_MS = 5_000;

/** …and give the line up after this much silence (a half-open line is cut within 15 s). */
export const LINE_DEAD_MS = 15_000;

/** The agent reports changed figures at most this often… */
export const TELEMETRY_INTERVAL_MS = 1_000;

/** …and repeats the age of unchanged ones this often, well inside STALE_AFTER_MS. */
export const TELEMETRY_REPEAT_MS = 5_000;

/** Largest frame on the agent line, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Largest HTTP body of the JSON API, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Malformed frames within a minute after which the line is closed. */
export const MAX_BAD_FRAMES_PER_MINUTE = 5;

/** Largest compiled EA that a trader may upload, in bytes. */
export const MOST_EX5_BYTES = 2 * 1024 * 1024;

/** Uploaded versions that one trader may keep. */
export const MOST_EXPERTS = 40;

/** The one HTTP body that is larger: an EA and its inputs (MOST_SET_BYTES), as base64 in JSON. */
export const MAX_UPLOAD_BODY_BYTES = 3 * 1024 * 1024 + 256 * 1024;

/** A part of a file on the agent line: as base64, with its envelope, it stays within MAX_FRAME_BYTES. */
export const FILE_PART_BYTES = 44 * 1024;

/** Web nodes say this often that they are there… */
export const NODE_BEAT_MS = 1_000;

/** …and are out of reach after this much silence. */
export const PEER_LOST_MS = 5_000;

/** In the database a node says it this often… */
export const NODE_RENEW_MS = 2_000;

/** …and has ended, with all its lines, when it did not for this long. */
export const NODE_LEASE_MS = 10_000;

/** A session that nobody uses for this long is over… */
export const SESSION_IDLE_MS = 60 * 60_000;

/** …and however busy it is, it is over this long after the sign-in. */
export const SESSION_ABSOLUTE_MS = 12 * 3_600_000;

/** A session's use is written down at most this often; well inside SESSION_IDLE_MS. */
export const SESSION_TOUCH_MS = 60_000;

/** Open streams look this often whether their session still stands; a revoked one is closed at once. */
export const SESSION_RECHECK_MS = 30_000;

/** How long a password or code given within a session stands for what needs it anew. */
export const STEP_UP_MS = 10 * 60_000;

/** An agent whose keys are older is asked for new ones. */
export const AGENT_KEYS_MAX_AGE_MS = 90 * 86_400_000;

/** Between the password and the second factor. */
export const SECOND_FACTOR_MS = 5 * 60_000;

/** Wrong second factors after which the sign-in begins again with the password. */
export const MAX_SECOND_FACTOR_ATTEMPTS = 5;

/** One-time codes for when the authenticator app is lost. */
export const RECOVERY_CODES = 10;

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 200;

/** Open streams: the oldest one is closed for the newest. */
export const MAX_STREAMS_PER_SESSION = 6;
export const MAX_STREAMS_PER_USER = 20;
export const MAX_STREAMS = 20_000;

/** A stream says at least this often that it is there… */
export const STREAM_ALIVE_MS = 15_000;

/** …and a page that hears nothing for this long opens another one: a line can be dead without an end. */
export const STREAM_SILENT_MS = 40_000;

/** What a stream keeps for a reader that does not read; beyond it, it is told to load everything anew. */
export const MAX_STREAM_QUEUE_BYTES = 256 * 1024;
export const MAX_STREAM_QUEUE_EVENTS = 1_000;
