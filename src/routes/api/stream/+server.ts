import { z } from 'zod';
import { api } from '#lib/server/http/api.ts';
import { requireSession } from '#lib/server/http/caller.ts';
import { openEventStream } from '#lib/server/live/eventStream.ts';

export const GET = api(
	{
		tag: 'Live',
		summary: 'Server-sent events of the signed-in user',
		details:
			'Events: `hello`, `alive`, `accounts`, `command`, `results`, `telemetry`, `book`, `servers`, `resync`, `closed`. Those that are stored have a number as their id.',
		query: z.object({ lastEventId: z.string().optional() }),
		headers: {
			'Last-Event-ID': {
				schema: z.string().optional(),
				details: 'The number of the last event that arrived: what was missed since comes first, once'
			}
		},
		answer: 'text/event-stream'
	},
	async (event) => {
		const { user, session } = requireSession(event);
		const last = event.request.headers.get('last-event-id') ?? event.url.searchParams.get('lastEventId');
		const lastEventId = last !== null && /^\d{1,18}$/.test(last) ? BigInt(last) : null;
		return new Response(
			openEventStream(event.locals.app, { userId: user.id, sessionId: session.id }, lastEventId),
			{
				headers: {
					'content-type': 'text/event-stream',
					'cache-control': 'no-cache, no-transform',
					// Proxies that buffer would hold events back.
					'x-accel-buffering': 'no'
				}
			}
		);
	}
);
