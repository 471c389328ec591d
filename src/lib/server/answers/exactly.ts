import type { z } from 'zod';

/**
 * Holds a schema of an answer to the type that the pages read: what one of the two lacks or has differently does not
 * compile. (A field that may be left out is not missed; the tests of real answers are for those.)
 */
export const exactly =
	<T>() =>
	<S extends z.ZodType<T>>(schema: S & (T extends z.output<S> ? unknown : never)): S =>
		schema;
