/** Every address the web server answers at, found by walking src/routes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Route {
	method: string;
	/** With its parameters: `/api/user/mt5-accounts/[accountId]`. */
	path: string;
	kind: 'api' | 'page' | 'action';
}

const root = fileURLToPath(new URL('../../src/routes', import.meta.url));
const METHODS = /export const (GET|POST|PUT|PATCH|DELETE)\b/g;

export function routeTree(): Route[] {
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.flatMap(({ parentPath, name }): Route[] => {
			const groups = relative(root, parentPath)
				.split('/')
				.filter((part) => part !== '' && !part.startsWith('('));
			const path = `/${groups.join('/')}`;
			const text = () => readFileSync(join(parentPath, name), 'utf8');
			if (name === '+server.ts')
				return [...text().matchAll(METHODS)].map(([, method = '']) => ({ method, path, kind: 'api' }));
			if (name === '+page.svelte') return [{ method: 'GET', path, kind: 'page' }];
			if (name !== '+page.server.ts') return [];
			const isAlone = !readdirSync(parentPath).includes('+page.svelte');
			return [
				...(isAlone ? [{ method: 'GET', path, kind: 'page' as const }] : []),
				...(/export const actions\b/.test(text()) ? [{ method: 'POST', path, kind: 'action' as const }] : [])
			];
		})
		.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

export const keyOf = ({ method, path }: Route): string => `${method} ${path}`;

export const hasParameter = ({ path }: Route): boolean => path.includes('[');

/** The address with every parameter replaced. */
export const fill = (path: string, id: string): string => path.replace(/\[[^\]]+\]/g, id);
