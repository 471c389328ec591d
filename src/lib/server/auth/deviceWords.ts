/** A user agent in the words a person knows their device by; a guess for people, never for a decision. */
const BROWSERS: [RegExp, string][] = [
	[/\bEdg(?:A|iOS)?\//, 'Edge'],
	[/\bOPR\//, 'Opera'],
	[/\bSamsungBrowser\//, 'Samsung Internet'],
	[/\b(?:Firefox|FxiOS)\//, 'Firefox'],
	[/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
	[/\bVersion\/[\d.]+ (?:Mobile\/\S+ )?Safari\//, 'Safari'],
	[/^curl\//, 'curl'],
	[/^node\b|undici/i, 'a Node.js program']
];
const SYSTEMS: [RegExp, string][] = [
	[/\biPhone\b/, 'iPhone'],
	[/\biPad\b/, 'iPad'],
	[/\bAndroid\b/, 'Android'],
	[/\bWindows\b/, 'Windows'],
	[/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
	[/\bCrOS\b/, 'ChromeOS'],
	[/\bLinux\b/, 'Linux']
];

/** E.g. `Firefox on Windows`; `Unknown device` when the user agent says nothing we know. */
export function deviceWords(userAgent: string | null): string {
	const found = (words: [RegExp, string][]) => words.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
	const browser = found(BROWSERS);
	const system = found(SYSTEMS);
	if (browser && system) return `${browser} on ${system}`;
	const word = browser ?? system;
	return word ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : 'Unknown device';
}
