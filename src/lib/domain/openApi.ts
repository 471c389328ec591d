/** The parts of OpenAPI 3.1 that /api/openapi.json uses. */

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export interface JsonSchema {
	$ref?: string;
	type?: string;
	format?: string;
	description?: string;
	const?: unknown;
	enum?: unknown[];
	default?: unknown;
	items?: JsonSchema;
	anyOf?: JsonSchema[];
	oneOf?: JsonSchema[];
	allOf?: JsonSchema[];
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: boolean | JsonSchema;
	[more: string]: unknown;
}
export type Content = Record<string, { schema: JsonSchema }>;

export interface Parameter {
	name: string;
	in: 'path' | 'query' | 'header';
	required: boolean;
	description?: string;
	schema: JsonSchema;
}

export interface Operation {
	operationId: string;
	tags: string[];
	summary: string;
	description?: string;
	/** Empty: no session is needed. Left out: as the document says. */
	security?: [];
	parameters?: Parameter[];
	requestBody?: { required: boolean; content: Content };
	responses: Record<string, { description: string; content?: Content }>;
}

export interface OpenApi {
	openapi: '3.1.0';
	info: {
		title: string;
		version: string;
		description: string;
		license: { name: string; identifier: string };
	};
	servers: { url: string }[];
	security: Record<string, string[]>[];
	tags: { name: string }[];
	/** By path, then by method in small letters. */
	paths: Record<string, Record<string, Operation>>;
	components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> };
}
