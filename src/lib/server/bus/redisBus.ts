/**
 * The bus of several servers: Redis publish/subscribe. Owns two connections (one that only listens, as Redis
 * wants it). Nothing waits in a queue while Redis is away: what cannot be sent now is dropped, since the database
 * has it. Redis keeps nothing of ours.
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../logger.ts';
import { TO_ALL, type Bus, type BusListener } from './bus.ts';

const PREFIX = 'quintet:';
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;
const CONNECT_MS = 2_000;
/** No answer of Redis within this: the connection is given up and made anew. */
const ANSWER_MS = 3_000;
/** More than this unread by Redis: a message is dropped instead of queued. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

const OPTIONS = {
	// We subscribe ourselves, so that we know when it is done.
	autoResubscribe: false,
	enableOfflineQueue: false,
	maxRetriesPerRequest: 0,
	autoResendUnfulfilledCommands: false,
	connectTimeout: CONNECT_MS,
	keepAlive: 10_000,
	retryStrategy: (attempt: number) =>
		Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2)
} satisfies RedisOptions;

/** A connection that keeps trying; every command fails at once while Redis is away. */
export function connectRedis(url: string, name: string, logger: Logger, answerMs = ANSWER_MS): Redis {
	const connection = new Redis(url, { ...OPTIONS, commandTimeout: answerMs, connectionName: name });
	// The bus says once that contact is lost; every failed attempt would fill the log.
	connection.on('error', (error: Error) => logger.debug({ err: error, name }, 'redis connection'));
	return connection;
}

export function createRedisBus(url: string, logger: Logger): Bus {
	const publisher = connectRedis(url, 'quintet-publish', logger);
	const subscriber = connectRedis(url, 'quintet-listen', logger);
	let listener: BusListener | null = null;
	let channels: string[] = [];
	let isListening = false;
	let wasUp = false;

	const isUp = () => isListening && publisher.status === 'ready';
	function look(): void {
		if (isUp() === wasUp) return;
		wasUp = isUp();
		listener?.onChange(wasUp);
	}

	for (const connection of [publisher, subscriber]) {
		connection.on('ready', look);
		connection.on('close', look);
	}
	function listen(): void {
		if (channels.length === 0) return;
		subscriber.subscribe(...channels).then(
			() => {
				isListening = true;
				look();
			},
			(error: unknown) => {
				logger.warn({ err: error }, 'redis does not let this server listen; trying again');
				subscriber.disconnect(true);
			}
		);
	}
	subscriber.on('ready', listen);
	subscriber.on('close', () => {
		isListening = false;
		look();
	});
	subscriber.on('message', (_channel: string, text: string) => listener?.onMessage(text));

	return {
		scope: 'servers',
		get isUp() {
			return isUp();
		},
		open(nodeId, givenListener) {
			listener = givenListener;
			channels = [PREFIX + nodeId, PREFIX + TO_ALL];
			if (subscriber.status === 'ready') listen();
		},
		publish(to, text) {
			if (!isUp()) return;
			if ((publisher.stream?.writableLength ?? 0) > MAX_UNSENT_BYTES) return;
			publisher.publish(PREFIX + to, text).catch((error: unknown) => {
				logger.debug({ err: error }, 'a message to other servers was lost');
				// An answer that does not come is a connection that is dead, whatever TCP says.
				if (isTimeout(error)) publisher.disconnect(true);
			});
		},
		revive() {
			for (const connection of [publisher, subscriber]) connection.disconnect(true);
		},
		async close() {
			listener = null;
			// What was published just now is written first.
			await publisher.quit().catch(() => undefined);
			publisher.disconnect();
			subscriber.disconnect();
		}
	};
}

const isTimeout = (error: unknown): boolean => error instanceof Error && /timed out/i.test(error.message);
