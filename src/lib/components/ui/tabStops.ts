/** Where Tab stops inside of an element, in the order of the page. */

const FOCUSABLE =
	'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=""], [contenteditable="true"]';

export const tabStops = (host: HTMLElement): HTMLElement[] =>
	[...host.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
		(element) =>
			element.tabIndex >= 0 &&
			!element.matches(':disabled') &&
			element.checkVisibility({ visibilityProperty: true }) &&
			!isPassedBy(element)
	);

/** Of a group of radio buttons, Tab knows the chosen one; with none chosen, each is taken for a stop. */
function isPassedBy(element: HTMLElement): boolean {
	if (!(element instanceof HTMLInputElement) || element.type !== 'radio' || element.checked) return false;
	const root = element.form ?? element.ownerDocument;
	return root.querySelector(`input[type="radio"][name="${CSS.escape(element.name)}"]:checked`) !== null;
}
