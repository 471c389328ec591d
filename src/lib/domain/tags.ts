/**
 * Tags of accounts ("Conservative"): a group is what carries one. Written as typed; two that differ in capitals alone
 * are the same.
 */

/** What makes two tags the same. */
export const tagKey = (tag: string): string => tag.toLowerCase();

export const hasTag = ({ tags }: { tags: readonly string[] }, tag: string): boolean =>
	tags.some((each) => tagKey(each) === tagKey(tag));

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
