/** What the API takes of a trader's own EA. */
import { z } from 'zod';
import { expertNameSchema } from '#lib/domain/expertFileSchema.ts';
import { MOST_EX5_BYTES } from '#lib/domain/limits.ts';
import { MOST_SET_BYTES } from '#lib/domain/setFile.ts';

/** Bytes as base64, exactly as any encoder writes them. */
const bytesSchema = (most: number, tooLarge: string) =>
	z
		.string()
		.max(Math.ceil(most / 3) * 4 + 4, tooLarge)
		.transform((text, context): Buffer => {
			const bytes = Buffer.from(text, 'base64');
			const isExact = bytes.toString('base64') === text;
			if (isExact && bytes.length <= most) return bytes;
			context.addIssue({ code: 'custom', message: isExact ? tooLarge : 'This is not base64.' });
			return z.NEVER;
		});

const setNameSchema = z
	.string()
	.max(100, 'The name of the .set file is longer than 100 characters.')
	.regex(/^[^\p{Cc}\p{Zl}\p{Zp}\\/]+\.set$/iu, 'The file with the inputs is a .set file.');

export const uploadExpertSchema = z.strictObject({
	name: expertNameSchema,
	ex5: bytesSchema(MOST_EX5_BYTES, `The EA is larger than ${MOST_EX5_BYTES / 1024 ** 2} MiB.`),
	/** Values for the EA's own inputs; left out: those that are compiled into it. */
	set: z
		.strictObject({
			name: setNameSchema,
			content: bytesSchema(MOST_SET_BYTES, `The .set file is larger than ${MOST_SET_BYTES / 1024} KiB.`)
		})
		.optional()
});
export type UploadExpertInput = z.infer<typeof uploadExpertSchema>;

export const deployExpertSchema = z.strictObject({
	accountIds: z.array(z.uuid()).min(1, 'Choose at least one account.').max(200)
});
