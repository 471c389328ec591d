/** How the version of an agent stands to another one. Pure. */

const NUMBERS = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})/;

/** @returns null where either is no version that says so */
export function versionSkew(version: string, than: string): 'older' | 'same' | 'newer' | null {
	const [mine, other] = [NUMBERS.exec(version), NUMBERS.exec(than)];
	if (!mine || !other) return null;
	for (const part of [1, 2, 3]) {
		const difference = Number(mine[part]) - Number(other[part]);
		if (difference !== 0) return difference < 0 ? 'older' : 'newer';
	}
	return 'same';
}
