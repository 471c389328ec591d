/** Two web nodes on one database, as the contract needs them, whatever they are made of. */
export interface TestNode {
	readonly origin: string;
	/** Everything it wrote to its log so far. */
	log(): string;
	/** The end without a farewell: what is in memory is gone. */
	kill(): Promise<void>;
	/** The orderly end. */
	end(): Promise<void>;
	/** Starts it again at the same address. */
	start(): Promise<void>;
}

export interface NodesRig {
	readonly databaseUrl: string;
	readonly a: TestNode;
	readonly b: TestNode;
	/** The bus breaks off; both nodes notice at once. */
	cutBus(): Promise<void>;
	/** The bus swallows everything; nobody notices at first. */
	muteBus(): void;
	/** Ends either. */
	healBus(): Promise<void>;
	stop(): Promise<void>;
}
