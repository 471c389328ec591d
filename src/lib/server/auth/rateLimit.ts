/** Bounds on how often something may be tried, per key, in memory of this web node. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

export interface RateLimit {
	/** @throws AppError RATE_LIMITED with the seconds to wait */
	consume(key: string): Promise<void>;
	forget(key: string): Promise<void>;
}

const HOUR_SECONDS = 3_600;

/** @param sentence what was too much; how long to wait is added */
export function createRateLimit(points: number, sentence: string, durationSeconds = 60): RateLimit {
	const limiter = new RateLimiterMemory({ points, duration: durationSeconds });
	return {
		async consume(key) {
			try {
				await limiter.consume(key);
			} catch (refusal) {
				if (!(refusal instanceof RateLimiterRes)) throw refusal;
				const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
				throw new AppError('RATE_LIMITED', `${sentence} Try again in ${retryAfterSeconds} s.`, {
					retryAfterSeconds
				});
			}
		},
		async forget(key) {
			await limiter.delete(key);
		}
	};
}

export interface AppLimits {
	/** Per address and account: a short burst… */
	login: RateLimit;
	/** …and how far somebody gets who keeps on. */
	loginSustained: RateLimit;
	/** Per account, from all devices it does not know: against guesses that come from everywhere. */
	loginAccount: RateLimit;
	/** Per user and address: codes of the second factor. */
	secondFactor: RateLimit;
	/** Per user: password or code given again within a session. */
	confirm: RateLimit;
	register: RateLimit;
	start: RateLimit;
	enrol: RateLimit;
}

export function createAppLimits({
	loginsPerMinute: logins,
	startsPerMinute
}: Pick<Config, 'loginsPerMinute' | 'startsPerMinute'>): AppLimits {
	const SIGN_IN = 'Too many attempts to sign in.';
	return {
		login: createRateLimit(logins, SIGN_IN),
		loginSustained: createRateLimit(logins * 8, SIGN_IN, HOUR_SECONDS),
		loginAccount: createRateLimit(logins * 6, SIGN_IN),
		secondFactor: createRateLimit(logins, 'Too many codes.'),
		confirm: createRateLimit(logins, 'Too many attempts to confirm.'),
		register: createRateLimit(logins * 12, 'Too many registrations from here.'),
		start: createRateLimit(startsPerMinute, 'Too many Starts. Pause and Stop are never limited.'),
		enrol: createRateLimit(30, 'Too many attempts to enrol an agent.')
	};
}
