/**
 * What Prometheus reads of this process. Gauges look at the running things when they are asked, so that nothing
 * has to be kept in step. Label values come from closed lists and route ids, never from what a client sends.
 */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from '../app.ts';

type MeteredApp = Pick<App, 'core' | 'db' | 'nodes' | 'streams'>;

export interface Meters {
	/** @param routeId null for an address that is no route */
	requestDone(method: string, routeId: string | null, status: number, seconds: number): void;
	/** In Prometheus' text format. */
	text(): Promise<string>;
	readonly contentType: string;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createMeters(app: MeteredApp): Meters {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });

	const gauge = (name: string, help: string, read: () => number) => {
		new Gauge({
			name: `quintet_${name}`,
			help,
			registers: [registry],
			collect() {
				this.set(read());
			}
		});
	};
	gauge('agents_connected', 'Agents with a ready line to this server', () => {
		return app.core.gateway.connectedIds().length;
	});
	gauge('accounts_held', 'Accounts of the agents with a line to this server', () => {
		return app.core.gateway.accountIds().length;
	});
	gauge('streams_open', 'Live streams of pages open at this server', () => app.streams.size);
	gauge('database_connections', 'Connections of this server to PostgreSQL', () => app.db.pool.totalCount);
	gauge('database_connections_idle', 'Those of them that are free', () => app.db.pool.idleCount);
	gauge('database_waiting', 'Requests that wait for a connection', () => app.db.pool.waitingCount);
	gauge('other_servers', 'Other servers on the same database', () => app.nodes.status().others);
	gauge('other_servers_reachable', 'Those of them that can be spoken to', () => app.nodes.status().reachable);
	gauge('bus_away', '1 while the bus between the servers is away', () => {
		return app.nodes.status().bus === 'away' ? 1 : 0;
	});

	const requests = new Histogram({
		name: 'quintet_http_request_duration_seconds',
		help: 'Time from request to response, live streams left out',
		labelNames: ['method', 'route', 'status'],
		buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
		registers: [registry]
	});
	return {
		requestDone(method, routeId, status, seconds) {
			const labels = { method: METHODS.has(method) ? method : 'other', route: routeId ?? 'none', status };
			requests.observe(labels, seconds);
		},
		text: () => registry.metrics(),
		contentType: registry.contentType
	};
}
