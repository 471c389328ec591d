/** Parses what a request says, with a bound on its size and a clear refusal for everything that is wrong. */
import type { RequestEvent } from '@sveltejs/kit';
import type { z } from 'zod';
import { MAX_BODY_BYTES } from '#lib/domain/limits.ts';
import { AppError } from '../errors.ts';

/**
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, BAD_JSON or VALIDATION
 */
export async function readJson<S extends z.ZodType>(
	event: RequestEvent,
	schema: S,
	mostBytes = MAX_BODY_BYTES
): Promise<z.infer<S>> {
	const type = event.request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
	const text = await readText(event.request, mostBytes);
	if (text !== '' && type !== 'application/json')
		throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.');
	let value: unknown;
	try {
		// A request that needs nothing may leave its body out.
		value = text === '' ? {} : JSON.parse(text);
	} catch (cause) {
		throw new AppError('BAD_JSON', 'The body is not valid JSON.', { cause });
	}
	return parseInput(value, schema);
}

/** @throws AppError VALIDATION, with a message for every field that is wrong */
export function parseInput<S extends z.ZodType>(value: unknown, schema: S): z.infer<S> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const fields: Record<string, string> = {};
	for (const issue of parsed.error.issues) {
		if (issue.code === 'unrecognized_keys')
			for (const key of issue.keys) fields[key] ??= `The field ${key} is not known.`;
		else fields[issue.path.join('.') || 'body'] ??= issue.message;
	}
	const messages = Object.values(fields);
	throw new AppError('VALIDATION', messages[0] ?? 'The input is not valid.', { fields });
}

async function readText(request: Request, mostBytes: number): Promise<string> {
	const bytes = await readBytes(request, mostBytes);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new AppError('BAD_JSON', 'The body is not valid UTF-8.', { cause });
	}
}

/** Reads at most so much, whatever Content-Length claims. @throws AppError BODY_TOO_LARGE */
export async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
	const tooLarge = () => new AppError('BODY_TOO_LARGE', `The body is larger than ${mostBytes / 1024} KiB.`);
	if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge();
	if (!request.body) return new Uint8Array();
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of request.body) {
		bytes += chunk.byteLength;
		if (bytes > mostBytes) throw tooLarge();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
