/**
 * The OpenAPI 3.1 description of the API, out of what the routes say of themselves (`api`) and the zod schemas they
 * work with: nothing of it is written twice.
 */
import { z } from 'zod';
import {
	METHODS,
	type Content,
	type JsonSchema,
	type Method,
	type OpenApi,
	type Operation,
	type Parameter
} from '#lib/domain/openApi.ts';
import { errorSchema } from '../answers/common.ts';
import { statusOf, type ErrorCode } from '../errors.ts';
import { TAGS, type DescribedHandler, type RouteDescription } from './api.ts';
import { isPublicPath } from './publicPaths.ts';

/** What a +server.ts exports. */
export type RouteModule = Partial<Record<Method, DescribedHandler>>;

const ABOUT = `Everything the pages do goes through this API.

**Sign-in.** POST /api/auth/login sets a session cookie; send it along. A session ends an hour after its last use.

**Changes.** The cookie alone changes nothing from another site: a request that changes something is refused with CROSS_SITE unless the browser says that it comes from our own pages (Sec-Fetch-Site, else Origin). A program that sends neither header is let through. Bodies are application/json; a field that is not known is refused.

**Repeating.** GET may be repeated. A press (POST /api/user/ea/command) may be repeated with the same Idempotency-Key: nothing is sent twice.

**Truth.** A state is what was seen, with the time it was seen. What cannot be seen is \`unknown\` or null, never the last guess. Money, lots and shares are exact decimal strings; times are UTC.

**Refusals** are all of one shape, with a code for programs and a sentence for people that says what to do next.`;

/**
 * @param modules by route id, e.g. `/api/deals`
 * @param origin where this server is reached
 */
export function openApiOf(modules: Record<string, RouteModule>, version: string, origin: string): OpenApi {
	const schemas: Record<string, JsonSchema> = {};
	const schemaOf = schemaPrinter(schemas);
	schemaOf(errorSchema, 'output');
	const paths: OpenApi['paths'] = {};
	for (const routeId of Object.keys(modules).sort())
		for (const method of METHODS) {
			const handler = modules[routeId]?.[method];
			if (!handler) continue;
			const path = routeId.replace(/\[([^\]]+)\]/g, '{$1}');
			(paths[path] ??= {})[method.toLowerCase()] = operationOf(
				routeId,
				method,
				handler.description,
				schemaOf
			);
		}
	return {
		openapi: '3.1.0',
		info: {
			title: 'Quintet',
			version,
			description: ABOUT,
			license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' }
		},
		servers: [{ url: origin }],
		security: [{ session: [] }],
		tags: TAGS.map((name) => ({ name })),
		paths,
		components: {
			schemas,
			securitySchemes: {
				session: {
					type: 'apiKey',
					in: 'cookie',
					name: origin.startsWith('https:') ? '__Host-quintet_session' : 'quintet_session',
					description: 'Set by signing in.'
				}
			}
		}
	};
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema;

function operationOf(
	routeId: string,
	method: Method,
	description: RouteDescription,
	schemaOf: SchemaOf
): Operation {
	const { tag, summary, details, body, answer } = description;
	const isPublic = isPublicPath(routeId, routeId);
	const parameters = parametersOf(routeId, description, schemaOf);
	return {
		operationId: operationIdOf(routeId, method),
		tags: [tag],
		summary,
		...(details === undefined ? {} : { description: details }),
		...(isPublic ? { security: [] as [] } : {}),
		...(parameters.length > 0 ? { parameters } : {}),
		...(body
			? {
					requestBody: {
						required: !body.safeParse({}).success,
						content: { 'application/json': { schema: schemaOf(body, 'input') } }
					}
				}
			: {}),
		responses: {
			[String(description.status ?? (answer === null ? 204 : 200))]: {
				description: answer === null ? 'Done; there is nothing to say.' : 'Done.',
				...contentOf(answer, schemaOf)
			},
			...refusalsOf(routeId, method, isPublic, description),
			default: { description: 'Any other refusal.', ...contentOf(errorSchema, schemaOf) }
		}
	};
}

function contentOf(answer: RouteDescription['answer'], schemaOf: SchemaOf): { content?: Content } {
	if (answer === null) return {};
	return typeof answer === 'string'
		? { content: { [answer]: { schema: { type: 'string' } } } }
		: { content: { 'application/json': { schema: schemaOf(answer, 'output') } } };
}

function parametersOf(
	routeId: string,
	{ query, headers = {} }: RouteDescription,
	schemaOf: SchemaOf
): Parameter[] {
	const asked = query ? schemaOf(query, 'input') : {};
	const { required = [], properties = {} } = asked;
	return [
		...[...routeId.matchAll(/\[([^\]]+)\]/g)].map(([, name = '']): Parameter => ({
			name,
			in: 'path',
			required: true,
			schema: { type: 'string', format: 'uuid' }
		})),
		...Object.entries(properties).map(([name, schema]): Parameter => ({
			name,
			in: 'query',
			required: required.includes(name) && !('default' in schema),
			schema
		})),
		...Object.entries(headers).map(([name, { schema, details }]): Parameter => ({
			name,
			in: 'header',
			required: false,
			description: details,
			schema: schemaOf(schema, 'input')
		}))
	];
}

/** By status: the codes that a caller has to reckon with. */
function refusalsOf(
	routeId: string,
	method: Method,
	isPublic: boolean,
	{ tag, body, query, refusals = [] }: RouteDescription
): Operation['responses'] {
	const codes = new Set<ErrorCode>(refusals);
	if (!isPublic) codes.add('UNAUTHENTICATED');
	if (method !== 'GET') codes.add('CROSS_SITE');
	if (body)
		for (const code of ['BAD_JSON', 'UNSUPPORTED_MEDIA_TYPE', 'BODY_TOO_LARGE'] as const) codes.add(code);
	if (body ?? query) codes.add('VALIDATION');
	if (routeId.includes('[') || tag === 'Operators') codes.add('NOT_FOUND');
	const byStatus: Record<string, ErrorCode[]> = {};
	for (const code of codes) (byStatus[String(statusOf(code))] ??= []).push(code);
	return Object.fromEntries(
		Object.entries(byStatus).map(([status, those]) => [
			status,
			{
				description: those.join(', '),
				content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
			}
		])
	);
}

/** `GET /api/user/mt5-accounts/[accountId]/ea` is `getUserMt5AccountsAccountIdEa`. */
const operationIdOf = (routeId: string, method: Method): string =>
	method.toLowerCase() +
	routeId
		.replace('/api', '')
		.split(/[^A-Za-z0-9]+/)
		.filter(Boolean)
		.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
		.join('');

/** Prints schemas of zod as JSON Schema; those with a name of their own (`.meta({id})`) become components. */
function schemaPrinter(components: Record<string, JsonSchema>): SchemaOf {
	return (schema, io) => {
		const { $defs = {}, ...printed } = z.toJSONSchema(schema, { io });
		// The dialect is that of OpenAPI 3.1 itself.
		delete printed.$schema;
		for (const [name, definition] of Object.entries($defs))
			components[name] = withComponents(definition) as JsonSchema;
		return withComponents(printed) as JsonSchema;
	};
}

function withComponents(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withComponents);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => key !== 'id' || typeof (value as JsonSchema)['id'] !== 'string')
			.map(([key, inner]) => [
				key,
				key === '$ref' && typeof inner === 'string'
					? inner.replace('#/$defs/', '#/components/schemas/')
					: withComponents(inner)
			])
	);
}
