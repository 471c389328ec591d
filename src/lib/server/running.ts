/**
 * The hand-over between the bundled SvelteKit server and src/server.ts (or Vite in development), which are
 * loaded apart from each other: both find the running app under one global symbol.
 */
import type { App } from './app.ts';

const KEY = Symbol.for('quintet.app');

export function registerRunningApp(app: App): void {
	(globalThis as { [KEY]?: App })[KEY] = app;
}

export function runningApp(): App | undefined {
	return (globalThis as { [KEY]?: App })[KEY];
}
