/** JSON Schemas as people read them: types in words, objects as lists of fields, an example of a body. */
import type { JsonSchema } from '#lib/domain/openApi.ts';

export interface FieldLine {
	name: string;
	/** How far inside other objects. */
	depth: number;
	/** Words; those with a `ref` name a shape that is explained elsewhere. */
	type: TypePart[];
	isOptional: boolean;
	words: string;
}
export interface TypePart {
	text: string;
	ref?: string;
}

const refName = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
const literal = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

function join(parts: TypePart[][], between: string): TypePart[] {
	return parts.flatMap((part, i) => (i === 0 ? part : [{ text: between }, ...part]));
}

/** E.g. `string (uuid) or null`, `Account list`. */
export function typeWords(schema: JsonSchema): TypePart[] {
	if (schema.$ref !== undefined) return [{ text: refName(schema.$ref), ref: refName(schema.$ref) }];
	if (schema.const !== undefined) return [{ text: literal(schema.const) }];
	if (schema.enum) return [{ text: schema.enum.map(literal).join(' or ') }];
	const choices = schema.anyOf ?? schema.oneOf;
	if (choices) return join(choices.map(typeWords), ' or ');
	if (schema.allOf) return join(schema.allOf.map(typeWords), ' and ');
	if (schema.type === 'array') return [{ text: 'list of ' }, ...typeWords(schema.items ?? {})];
	if (schema.type === 'object' && typeof schema.additionalProperties === 'object' && !schema.properties)
		return [{ text: 'object of ' }, ...typeWords(schema.additionalProperties)];
	const type = schema.type ?? 'anything';
	return [{ text: schema.format === undefined ? type : `${type} (${schema.format})` }];
}

/** The objects whose fields stand below a field: its own, its items', or one of its choices'. */
function objectsIn(schema: JsonSchema): JsonSchema[] {
	if (schema.properties) return [schema];
	if (schema.items) return objectsIn(schema.items);
	if (typeof schema.additionalProperties === 'object') return objectsIn(schema.additionalProperties);
	return [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(objectsIn);
}

/** Every field of an object and of the objects in it; what has a name of its own is not opened. */
export function fieldsOf(schema: JsonSchema, depth = 0): FieldLine[] {
	return objectsIn(schema).flatMap(({ properties = {}, required = [] }) =>
		Object.entries(properties).flatMap(([name, field]): FieldLine[] => [
			{
				name,
				depth,
				type: typeWords(field),
				isOptional: !required.includes(name),
				words: typeof field.description === 'string' ? field.description : ''
			},
			...fieldsOf(field, depth + 1)
		])
	);
}

/** The least that a body needs; of one that needs nothing, its first field. */
export function exampleOf(schema: JsonSchema): unknown {
	if (schema.const !== undefined) return schema.const;
	if (schema.enum) return schema.enum[0];
	const choice = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
	if (choice) return exampleOf(choice);
	switch (schema.type) {
		case 'object': {
			const { properties = {}, required = [] } = schema;
			const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
			return Object.fromEntries(names.map((name) => [name, exampleOf(properties[name] ?? {})]));
		}
		case 'array':
			return schema.items ? [exampleOf(schema.items)] : [];
		case 'boolean':
			return true;
		case 'integer':
		case 'number':
			return schema['minimum'] ?? 1;
		default:
			return '…';
	}
}
