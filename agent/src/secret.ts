/** A value that must not reach a log, an error or a dump: it shows itself only to `reveal`. */
import { inspect } from 'node:util';

const SHOWN = '[secret]';

export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	/** For the one place that needs it in clear. */
	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return SHOWN;
	}

	toJSON(): string {
		return SHOWN;
	}

	[inspect.custom](): string {
		return SHOWN;
	}
}
