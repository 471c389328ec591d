/** The description of the API against the routes that exist, and against OpenAPI 3.1 itself. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OpenApi } from '#lib/domain/openApi.ts';
import { signedIn } from '../../security/people.ts';
import { fill, routeTree } from '../../security/routeTree.ts';
import type { ApiClient } from '../../support/client.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let trader: ApiClient;
let document: OpenApi;

beforeAll(async () => {
	web = await startWebServer();
	await signedIn(web, 'operator@example.test');
	trader = await signedIn(web, 'reader@example.test');
	document = (await trader.get<OpenApi>('/api/openapi.json')).body;
});
afterAll(() => web.stop());

const described = () =>
	Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({
			key: `${method.toUpperCase()} ${path.replace(/\{([^}]+)\}/g, '[$1]')}`,
			path,
			method: method.toUpperCase(),
			operation
		}))
	);

describe('S5: /api/openapi.json', () => {
	it('describes every method of every route of the API, and nothing else', () => {
		const routes = routeTree()
			.filter(({ kind, path }) => kind === 'api' && path.startsWith('/api/'))
			.map(({ method, path }) => `${method} ${path}`);
		expect(routes.length).toBeGreaterThan(50);
		expect(
			described()
				.map(({ key }) => key)
				.sort()
		).toEqual(routes.sort());
	});

	it('is OpenAPI 3.1: shape, references, names', () => {
		expect(openApiSchema.safeParse(document).error).toBeUndefined();
		const refs = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
		for (const [, ref = ''] of refs) {
			const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1] ?? ref;
			expect(Object.keys(document.components.schemas)).toContain(name);
		}
		const ids = described().map(({ operation }) => operation.operationId);
		expect(new Set(ids).size).toBe(ids.length);
		const tags = document.tags.map(({ name }) => name);
		for (const { path, operation } of described()) {
			expect(tags).toContain(operation.tags[0]);
			const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
			expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{[^}]+\}/g) ?? []);
		}
	});

	it('says truly what needs no session', async () => {
		for (const { key, path, method, operation } of described()) {
			const at = fill(path.replaceAll('{', '[').replaceAll('}', ']'), '00000000-0000-4000-8000-000000000000');
			const { status } = await fetch(`${web.origin}${at}`, { method });
			expect([key, status === 401]).toEqual([key, operation.security === undefined]);
		}
	});

	it('says truly what is for operators alone', async () => {
		for (const { key, path, method, operation } of described()) {
			if (operation.tags[0] !== 'Operators') continue;
			const at = fill(path.replaceAll('{', '[').replaceAll('}', ']'), '00000000-0000-4000-8000-000000000000');
			const { error } = await trader.refusal(method, at);
			expect([key, error.message]).toEqual([key, 'This address was not found.']);
		}
	});

	it('knows every body there is: no route reads one that it does not describe', () => {
		const root = fileURLToPath(new URL('../../../src/routes', import.meta.url));
		for (const { path, kind } of routeTree())
			if (kind === 'api')
				expect(readFileSync(`${root}${path}/+server.ts`, 'utf8')).not.toMatch(
					/readJson\(|request\.(json|text|formData)/
				);
	});

	it('describes a body as the route takes it', () => {
		const body = document.paths['/api/user/ea/command']?.['post']?.requestBody;
		expect(body?.required).toBe(true);
		expect(body?.content['application/json']?.schema).toMatchObject({
			required: ['command'],
			additionalProperties: false,
			properties: { command: { enum: ['start_ea', 'pause_ea', 'stop_ea'] } }
		});
		const parameters = document.paths['/api/user/ea/command']?.['post']?.parameters;
		expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
	});

	it('is read as a page, without a script of its own', async () => {
		const page = await trader.get<string>('/docs/api');
		expect(page.status).toBe(200);
		for (const { operation } of described()) expect(page.body).toContain(`id="${operation.operationId}"`);
	});
});

const jsonSchema = z.record(z.string(), z.unknown());
const content = z.record(z.string().regex(/^\w+\/[\w.+-]+$/), z.strictObject({ schema: jsonSchema }));
/** https://spec.openapis.org/oas/v3.1.0, as far as it is used. */
const openApiSchema = z.strictObject({
	openapi: z.literal('3.1.0'),
	info: z.strictObject({
		title: z.string().min(1),
		version: z.string().min(1),
		description: z.string(),
		license: z.strictObject({ name: z.string(), identifier: z.string() })
	}),
	servers: z.array(z.strictObject({ url: z.url() })).min(1),
	security: z.array(z.record(z.string(), z.array(z.string()))),
	tags: z.array(z.strictObject({ name: z.string() })),
	paths: z.record(
		z.string().startsWith('/'),
		z.partialRecord(
			z.enum(['get', 'post', 'put', 'patch', 'delete']),
			z.strictObject({
				operationId: z.string().regex(/^[a-z]\w+$/),
				tags: z.array(z.string()).length(1),
				summary: z.string().min(1),
				description: z.string().optional(),
				security: z.tuple([]).optional(),
				parameters: z
					.array(
						z.strictObject({
							name: z.string().min(1),
							in: z.enum(['path', 'query', 'header']),
							required: z.boolean(),
							description: z.string().optional(),
							schema: jsonSchema
						})
					)
					.optional(),
				requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
				responses: z.record(
					z.string().regex(/^([2345]\d\d|default)$/),
					z.strictObject({ description: z.string().min(1), content: content.optional() })
				)
			})
		)
	),
	components: z.strictObject({
		schemas: z.record(z.string().regex(/^\w+$/), jsonSchema),
		securitySchemes: z.strictObject({
			session: z.strictObject({
				type: z.literal('apiKey'),
				in: z.literal('cookie'),
				name: z.string(),
				description: z.string()
			})
		})
	})
});
