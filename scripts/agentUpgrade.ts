import type { Plugin } from 'vite';
import { runningApp } from '../src/lib/server/running.ts';

/** In development, hands the agents' WebSocket upgrades of Vite's server to the running app. */
export function agentUpgrade(): Plugin {
	return {
		name: 'quintet-agent-upgrade',
		configureServer(server) {
			server.httpServer?.on('upgrade', (request, socket, head) => {
				if (request.url?.startsWith('/agent/')) runningApp()?.endpoint.handleUpgrade(request, socket, head);
			});
		}
	};
}
