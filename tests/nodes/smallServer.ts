/**
 * A web node inside the test's process: the real app on real sockets, with the few routes the contract needs in
 * front of it and a cookie that names the user in place of a session.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { uuidv7 } from 'uuidv7';
import { createAccountSchema, toggleSchema } from '#lib/server/accounts/accountInput.ts';
import { createAccount } from '#lib/server/accounts/createAccount.ts';
import { deleteAccount } from '#lib/server/accounts/deleteAccount.ts';
import { readAccountList } from '#lib/server/accounts/readAccountViews.ts';
import { toggleAccount } from '#lib/server/accounts/toggleAccount.ts';
import { enrolAgent, enrolSchema } from '#lib/server/agents/enrolAgent.ts';
import { revokeAgent } from '#lib/server/agents/standing.ts';
import type { App } from '#lib/server/app.ts';
import { commandInputSchema } from '#lib/server/commands/commandInput.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { AppError } from '#lib/server/errors.ts';
import { openEventStream } from '#lib/server/live/eventStream.ts';
import { moveAccount } from '#lib/server/moves/moveDeeds.ts';
import { readMoves } from '#lib/server/moves/readMoves.ts';
import { readiness } from '#lib/server/monitoring/readiness.ts';

const ORIGIN = { ip: '127.0.0.1', userAgent: 'test' };

export interface SmallServer {
	close(): void;
}

export async function startSmallServer(app: App, port: number): Promise<SmallServer> {
	const server = createServer((request, response) => {
		answer(app, request, response).catch((error: unknown) => {
			const refusal = error instanceof AppError ? error : new AppError('INTERNAL', String(error));
			send(response, refusal.status, { error: { code: refusal.code, message: refusal.message } });
		});
	});
	const sockets = new Set<{ destroy(): void }>();
	server.on('connection', (socket) => sockets.add(socket));
	server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
		app.endpoint.handleUpgrade(request, socket, head);
	});
	await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
	return {
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		}
	};
}

function send(response: ServerResponse, status: number, body: unknown, cookie?: string): void {
	response.writeHead(status, {
		'content-type': 'application/json',
		...(cookie ? { 'set-cookie': cookie } : {})
	});
	response.end(JSON.stringify(body));
}

async function answer(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const route = `${request.method} ${request.url}`;
	const body: unknown = request.method === 'GET' ? null : JSON.parse((await text(request)) || '{}');
	if (route === 'GET /readyz') return send(response, 200, await readiness(app));
	if (route === 'POST /api/agents/enrol')
		return send(response, 201, await enrolAgent(app, enrolSchema.parse(body), ORIGIN));
	if (route === 'POST /api/auth/register') {
		const { email, name } = body as { email: string; name: string };
		const user = await app.db.prisma.user.create({
			data: { id: uuidv7(), email, name, passwordHash: 'none' }
		});
		const expiresAt = new Date(Date.now() + 3_600_000);
		await app.db.prisma.session.create({
			data: { id: user.id, publicId: user.id, userId: user.id, expiresAt }
		});
		return send(response, 201, {}, `quintet_session=${user.id}; Path=/`);
	}
	const userId = /quintet_session=([0-9a-f-]{36})/.exec(request.headers.cookie ?? '')?.[1];
	if (!userId) return send(response, 401, {});
	const caller = { userId, session: null, origin: ORIGIN };
	if (route === 'GET /api/stream') {
		const last = request.headers['last-event-id'];
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		const stream = openEventStream(
			app,
			{ userId, sessionId: userId },
			typeof last === 'string' ? BigInt(last) : null
		);
		Readable.fromWeb(stream as never)
			.on('error', () => undefined)
			.pipe(response);
		return;
	}
	if (route === 'GET /api/user/mt5-accounts') return send(response, 200, await readAccountList(app, userId));
	if (route === 'POST /api/user/mt5-accounts')
		return send(response, 201, await createAccount(app, caller, createAccountSchema.parse(body)));
	if (route === 'POST /api/user/ea/command')
		return send(response, 200, await issueCommand(app.core, caller, commandInputSchema.parse(body), null));
	if (route === 'GET /api/auth/sessions')
		return send(response, 200, { sessions: await app.sessions.list(userId, userId) });
	const [, what, id = ''] =
		/^[A-Z]+ \/api\/(auth\/sessions|agents)\/([0-9a-f-]{36})(?:\/revoke)?$/.exec(route) ?? [];
	if (what === 'auth/sessions')
		return send(response, 200, { isEnded: await app.sessions.revoke(userId, id) });
	if (what === 'agents') {
		await revokeAgent(app.db, caller, id);
		await app.agentChanged(id);
		return send(response, 200, {});
	}
	const [, askedId, kind] = /^GET \/api\/agents\/([0-9a-f-]{36})\/(log|doctor)\b/.exec(route) ?? [];
	if (askedId && kind === 'log')
		return send(response, 200, await app.core.requests.ask(askedId, 'log', { lines: 50 }, 10_000));
	if (askedId) return send(response, 200, await app.core.requests.ask(askedId, 'doctor', {}, 60_000));
	if (route === 'POST /api/auth/step-up') return void response.writeHead(204).end();
	if (route.startsWith('GET /agents')) return send(response, 200, await readMoves(app));
	const accountId = /accounts\/([0-9a-f-]{36})/.exec(request.url ?? '')?.[1] ?? '';
	if (route.endsWith('/move')) {
		const operator = { ...caller, session: { id: userId, confirmedAt: app.now() } };
		const deed = { isMachineGone: false, ...(body as { toAgentId: string }) };
		await moveAccount(app, operator, 'operator', accountId, deed);
		return send(response, 202, {});
	}
	if (route.endsWith('/toggle'))
		return send(response, 200, await toggleAccount(app, caller, accountId, toggleSchema.parse(body).enabled));
	if (request.method === 'DELETE') {
		await deleteAccount(app, caller, accountId);
		return send(response, 200, {});
	}
	send(response, 404, {});
}
