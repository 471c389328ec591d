/**
 * Tags of accounts ("Conservative"): a group is what carries one. Written as typed; two that differ in capitals alone
 * are the same.
 */
import { z } from 'zod';

export const MOST_TAGS = 10;
const MOST_TAG_LENGTH = 30;

/** What makes two tags the same. */
export const tagKey = (tag: string): string => tag.toLowerCase();

export const hasTag = ({ tags }: { tags: readonly string[] }, tag: string): boolean =>
	tags.some((each) => tagKey(each) === tagKey(tag));

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

/** Each once, in the order of the alphabet. */
export function distinctTags(tags: readonly string[]): string[] {
	const byKey = new Map<string, string>();
	for (const tag of tags) if (!byKey.has(tagKey(tag))) byKey.set(tagKey(tag), tag);
	return [...byKey.values()].sort((a, b) => a.localeCompare(b, 'en'));
}

/** As typed into one field, divided by commas. */
export const splitTags = (text: string): string[] =>
	text
		.split(',')
		.map((tag) => tag.replace(/\s+/g, ' ').trim())
		.filter((tag) => tag !== '');
