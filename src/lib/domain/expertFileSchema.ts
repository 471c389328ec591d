/** What an uploaded EA may be called, and what agents are told of it. */
import { z } from 'zod';
import { singlePartSchema } from './accountInput.ts';

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Of the file without its ending; it becomes a part of a path on Windows. */
export const expertNameSchema = singlePartSchema(
	40,
	'The EA’s name is 1 to 40 letters, digits, blanks, dashes and underscores, as MyEA in MyEA.ex5.'
);

/** What the agent is told of the version that an account is to run; it asks for the bytes by these digests. */
export const uploadedExpertSchema = z.object({
	sha256: sha256Schema,
	bytes: z.int().min(1),
	/** Values for the EA's own inputs (setFile.ts); null: those that are compiled into it. */
	inputs: z.object({ sha256: sha256Schema, bytes: z.int().min(1) }).nullable()
});
export type UploadedExpert = z.infer<typeof uploadedExpertSchema>;
