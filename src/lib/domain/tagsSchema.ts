/** What may be a tag; apart from tags.ts, because the pages use that one and need no zod. */
import { z } from 'zod';
import { distinctTags } from './tags.ts';

const MOST_TAGS = 10;
const MOST_TAG_LENGTH = 30;

export const tagSchema = z
	.string()
	.transform((text) => text.normalize('NFC').replace(/\s+/g, ' ').trim())
	.pipe(
		z
			.string()
			.min(1, 'A tag is missing its name.')
			.max(MOST_TAG_LENGTH, `A tag is longer than ${MOST_TAG_LENGTH} characters.`)
			.regex(
				/^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._+&-]*$/u,
				'A tag is made of letters, digits, blanks and . _ + & -'
			)
	);

/** Of one account: each once, in the order of the alphabet. */
export const tagsSchema = z
	.array(tagSchema)
	.max(MOST_TAGS, `An account has at most ${MOST_TAGS} tags.`)
	.transform(distinctTags);
