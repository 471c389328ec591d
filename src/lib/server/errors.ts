/**
 * The closed list of refusals. One table gives the HTTP status; the sentence is the one the user reads.
 */
const STATUS = {
	BAD_JSON: 400,
	VALIDATION: 400,
	UNAUTHENTICATED: 401,
	INVALID_CREDENTIALS: 401,
	JOIN_CODE_INVALID: 401,
	WRONG_CODE: 401,
	SIGN_IN_EXPIRED: 401,
	KEYS_REFUSED: 401,
	CROSS_SITE: 403,
	STEP_UP_REQUIRED: 403,
	NOT_CONFIRMED: 403,
	REGISTRATION_CLOSED: 403,
	NOT_FOUND: 404,
	METHOD_NOT_ALLOWED: 405,
	EMAIL_TAKEN: 409,
	ACCOUNT_EXISTS: 409,
	ENABLED_LIMIT: 409,
	ACCOUNT_NOT_ACTIVE: 409,
	ACCOUNT_NOT_ENABLED: 409,
	NO_ENABLED_ACCOUNT: 409,
	ALGO_RUNNING: 409,
	CONNECTION_REFUSED: 409,
	AGENT_STANDING: 409,
	AGENT_CHANGED: 409,
	MOVE_REFUSED: 409,
	SECOND_FACTOR_STATE: 409,
	WEBHOOK_LIMIT: 409,
	EXPERT_EXISTS: 409,
	EXPERT_LIMIT: 409,
	EXPERT_IN_USE: 409,
	BODY_TOO_LARGE: 413,
	UNSUPPORTED_MEDIA_TYPE: 415,
	IDEMPOTENCY_MISMATCH: 422,
	RATE_LIMITED: 429,
	INTERNAL: 500,
	UNAVAILABLE: 503
} as const;

export type ErrorCode = keyof typeof STATUS;

export const statusOf = (code: ErrorCode): number => STATUS[code];

/** A refusal with a sentence that is safe to show and says what to do next. */
export class AppError extends Error {
	readonly code: ErrorCode;
	/** Messages by form field. */
	readonly fields: Record<string, string> | undefined;
	readonly retryAfterSeconds: number | undefined;

	constructor(
		code: ErrorCode,
		message: string,
		options: { fields?: Record<string, string>; retryAfterSeconds?: number; cause?: unknown } = {}
	) {
		super(message, { cause: options.cause });
		this.name = 'AppError';
		this.code = code;
		this.fields = options.fields;
		this.retryAfterSeconds = options.retryAfterSeconds;
	}

	get status(): number {
		return STATUS[this.code];
	}
}

export const notFound = (what: string): AppError => new AppError('NOT_FOUND', `${what} was not found.`);
