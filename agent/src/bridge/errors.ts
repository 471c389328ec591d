/** How a request to the bridge can fail. */

/** No answer came in time, or none can come any more: it is unknown whether the request was carried out. */
export class BridgeTimeout extends Error {
	readonly verb: string;
	constructor(verb: string, why: string) {
		super(`The bridge did not answer ${verb}: ${why}.`);
		this.verb = verb;
	}
}

/** The bridge said no, or something that is no answer (`bad_answer`), or was never asked (`not_sent`). */
export class BridgeRefusal extends Error {
	readonly verb: string;
	/** One of BRIDGE_REFUSALS, `bad_answer`, `not_sent`, or a newer bridge's own. */
	readonly code: string;
	constructor(verb: string, code: string, message: string) {
		super(message);
		this.verb = verb;
		this.code = code;
	}
}
